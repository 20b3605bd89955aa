"""The service for WSGI servers: gunicorn. A worker with one thread cannot serve another request while
one waits, so there is no `/sleep/US`."""

import service

WORKER = service.worker()


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/":
        return text(start_response, "200 OK", service.OK)
    kind, amount = service.work_of(path)
    if kind is None or kind == "sleep":
        return text(start_response, "404 Not Found", service.UNKNOWN)
    if amount is None:
        return text(start_response, "400 Bad Request", service.NO_NUMBER)
    if kind == "bytes":
        head(start_response, "200 OK", amount)
        return service.pattern(amount)
    if kind == "spin":
        service.spin(amount)
    else:
        service.block(amount)
    return text(start_response, "200 OK", service.OK)


def head(start_response, status, length):
    start_response(status, [
        ("content-type", "text/plain"),
        ("x-evenkeel-worker", WORKER),
        ("content-length", str(length)),
    ])


def text(start_response, status, body):
    head(start_response, status, len(body))
    return [body]

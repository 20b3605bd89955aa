"""The service for ASGI servers: uvicorn and granian."""

import asyncio

import service

STARTS = {}  # (status, length of the body) -> first message of an answer


def start(status, length):
    """Returns the first message of an answer. There are few, so they are cached."""
    known = STARTS.get((status, length))
    if known is None:
        known = STARTS[status, length] = {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"text/plain"),
                (b"x-evenkeel-worker", service.worker().encode()),
                (b"content-length", str(length).encode()),
            ],
        }
    return known


async def text(send, status, body):
    await send(start(status, len(body)))
    await send({"type": "http.response.body", "body": body})


async def pour(send, length):
    await send(start(200, length))
    for piece in service.pattern(length):
        length -= len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": length > 0})


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    path = scope["path"]
    if path == "/":
        await text(send, 200, service.OK)
        return
    kind, amount = service.work_of(path)
    if kind is None:
        await text(send, 404, service.UNKNOWN)
        return
    if amount is None:
        await text(send, 400, service.NO_NUMBER)
        return
    if kind == "bytes":
        await pour(send, amount)
        return
    if kind == "spin":
        service.spin(amount)
    elif kind == "block":
        service.block(amount)
    else:
        await asyncio.sleep(amount / 1e6)
    await text(send, 200, service.OK)


async def lifespan(receive, send):
    while True:
        event = (await receive())["type"]
        if event == "lifespan.startup":
            service.ready()
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return

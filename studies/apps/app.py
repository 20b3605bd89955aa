"""A small shop on Python: what `--worker-command 'python3 studies/apps/app.py'` runs.

It takes its socket as systemd passes one (LISTEN_FDS), or else listens on PORT.
"""

import json
import os
import signal
import socket
import sys
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

orders = deque(maxlen=1000)


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet

    def do_GET(self):
        if self.path == "/":
            self.answer(200, {"hello": "from Python", "process": os.getpid()})
        elif self.path == "/healthz":
            self.answer(200, {"ready": True})
        else:
            self.answer(404, {"error": "not here"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != "/orders":
            return self.answer(404, {"error": "not here"})
        try:
            orders.append(json.loads(body))
        except ValueError:
            return self.answer(400, {"error": "an order is JSON"})
        self.answer(201, {"orders": len(orders)})

    def answer(self, status, value):
        body = (json.dumps(value) + "\n").encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass  # an access log would be part of what is measured


class Server(ThreadingHTTPServer):
    request_queue_size = 1024  # connections that wait: 5 by default
    daemon_threads = True


def serve():
    address = (os.environ.get("HOST", ""), int(os.environ.get("PORT", 3000)))
    if os.environ.get("LISTEN_FDS") == "1" and os.environ.get("LISTEN_PID") == str(os.getpid()):
        server = Server(address, Shop, bind_and_activate=False)
        server.socket.close()
        server.socket = socket.socket(fileno=3)
    else:
        server = Server(address, Shop)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.serve_forever()


serve()

"""A small real receiver of orders to pay: takes POSTs, and misbehaves as a test tells it to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class PayoutDouble:
    """`bodies` and `headers` of what came; `script`: the next statuses, before it answers 204 again."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.script: list[int] = []
        self.url = ""


@contextmanager
def open_receiver() -> Iterator[PayoutDouble]:
    """A running receiver on a free port of loopback."""
    double = PayoutDouble()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            double.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            double.headers.append(dict(self.headers.items()))
            self.send_response(double.script.pop(0) if double.script else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_address[1]}/payouts"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)

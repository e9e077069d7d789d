"""A small real receiver of orders to pay: takes POSTs, and misbehaves as a test tells it to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.services.loopback import serving


class PayoutDouble:
    """`bodies` and `headers` of what came; `script`: the next statuses, before it answers 204 again."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.script: list[int] = []
        self.url = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.bodies.append(request.rfile.read(int(request.headers["Content-Length"])))
        self.headers.append(dict(request.headers.items()))
        request.send_response(self.script.pop(0) if self.script else 204)
        request.end_headers()


@contextmanager
def open_receiver() -> Iterator[PayoutDouble]:
    """A running receiver on a free port of loopback."""
    double = PayoutDouble()
    with serving(double.answer) as port:
        double.url = f"http://127.0.0.1:{port}/payouts"
        yield double

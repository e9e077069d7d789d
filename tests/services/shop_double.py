"""A small real shop: answers the order API over HTTP and misbehaves as a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote

from tests.services.loopback import serving

ORDER: dict[str, Any] = {
    "order_number": "LH-104711",
    "item": "Kaffeemaschine",
    "price_cents": 8900,
    "currency": "EUR",
    "ordered_on": "2026-10-01",
    "promised_on": None,
    "delivered_on": "2026-10-04",
    "email": "anna.brandl@example.org",
    "postcode": "80331",
    "customer_since": "2020-01-01",
    "prior_grants_12m": 1,
    "warehouse": "B7",
}


class ShopDouble:
    """`asked`: the order numbers asked for, `arrived` once there is one; `script`: what the next answers are, before it
    is itself again.

    An entry of the script is a status, bytes for the body of a 200, `"hang"` (no answer until the end) or `"cut"`.
    """

    def __init__(self) -> None:
        self.orders = {ORDER["order_number"]: dict(ORDER)}
        self.asked: list[str] = []
        self.tokens: list[str | None] = []
        self.script: list[int | bytes | str] = []
        self.arrived, self.over = threading.Event(), threading.Event()
        self.url = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        number = unquote(request.path.removeprefix("/api/orders/"))
        self.asked.append(number)
        self.arrived.set()
        self.tokens.append(request.headers.get("Authorization"))
        step = self.script.pop(0) if self.script else None
        if step == "hang":
            self.over.wait(20)
            return
        if step == "cut":
            request.close_connection = True
            return
        if isinstance(step, int):
            self._send(request, step, b"{}")
        elif isinstance(step, bytes):
            self._send(request, 200, step)
        elif number in self.orders:
            self._send(request, 200, json.dumps(self.orders[number]).encode())
        else:
            self._send(request, 404, b'{"error": "no such order"}')

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


@contextmanager
def open_shop() -> Iterator[ShopDouble]:
    """A running shop on a free port of loopback."""
    double = ShopDouble()
    with serving(double.answer) as port:
        double.url = f"http://127.0.0.1:{port}/api"
        try:
            yield double
        finally:
            double.over.set()

"""A shop's web site on an origin of its own: any page, any headers, as hostile to a widget as a shop can be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.services.loopback import serving

HOSTILE_CSS = """
* { all: unset !important; display: block !important; color: red !important; background: red !important;
    font: 40px cursive !important; transform: rotate(3deg) !important; visibility: hidden !important; }
button, p, div, section, textarea { display: none !important; pointer-events: none !important; }
erstkontakt-chat { display: none !important; opacity: 0 !important; }
"""
"""What some shop's style sheet could do to everything on the page."""


class ShopPage:
    """`body` and `headers` are what the next page has; `url` is where it is."""

    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self.body, self.headers = "", dict[str, str]()

    def has(self, body: str, **headers: str) -> str:
        """Put up a page; its address. Header names are written with underscores."""
        self.body, self.headers = body, {name.replace("_", "-"): value for name, value in headers.items()}
        return f"{self.url}/"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        style = request.path == "/shop.css"
        request.send_response(200)
        request.send_header("Content-Type", "text/css" if style else "text/html; charset=utf-8")
        for name, value in self.headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write((HOSTILE_CSS if style else self.body).encode())


@contextmanager
def shop_page(port: int) -> Iterator[ShopPage]:
    """The site, running."""
    shop = ShopPage(port)
    with serving(shop.answer, port):
        yield shop

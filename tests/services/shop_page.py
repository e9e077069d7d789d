"""A shop's web site on an origin of its own: any page, any headers, as hostile to a widget as a shop can be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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


@contextmanager
def shop_page(port: int) -> Iterator[ShopPage]:
    """The site, running."""
    shop = ShopPage(port)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            style = self.path == "/shop.css"
            self.send_response(200)
            self.send_header("Content-Type", "text/css" if style else "text/html; charset=utf-8")
            for name, value in shop.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write((HOSTILE_CSS if style else shop.body).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield shop
    server.shutdown()
    server.server_close()
    thread.join(5)

"""Which web pages may use the web chat: our own, and those that the operator lists."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.frontdesk.channels.web_requests import refusal


class OriginCheck:
    """Other pages get nothing, not even a socket.

    A browser's CORS protects answers that come by fetch, not WebSockets, and it lets a plain POST through. What sends
    no `Origin` is no page of a browser: an app, curl, a shop's server. It needs a token like everybody.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self._app, self._allowed = app, frozenset(origin.rstrip("/").lower() for origin in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        chat = scope["type"] in ("http", "websocket") and scope["path"].startswith("/chat/")
        if not chat or self._may(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4403})  # before it is accepted: HTTP 403
        else:
            await refusal("wrong_origin", Headers(scope=scope).get("accept-language", "de")[:2])(scope, receive, send)

    def _may(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None or origin.lower() in self._allowed:
            return True
        # Behind a proxy that ends TLS the scheme differs; the host does not.
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""

"""Headers that every answer carries: no inline code, no sniffing, no framing by others."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP = (
    "default-src 'self'; img-src 'self' data: blob:; connect-src 'self' {sockets}; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors {framed}"
)


class SecurityHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        desk = scope["path"].startswith("/desk")
        policy = CSP.format(sockets=_own_sockets(scope), framed="'none'" if desk else "'self'")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: Any = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", policy)
                headers.setdefault("X-Frame-Options", "DENY" if desk else "SAMEORIGIN")
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _own_sockets(scope: Scope) -> str:
    """Our own WebSocket addresses: some browsers do not count them to 'self'."""
    host = Headers(scope=scope).get("host", "")
    plain = all(character.isalnum() or character in ".-:[]" for character in host)
    return f"ws://{host} wss://{host}" if host and plain else ""

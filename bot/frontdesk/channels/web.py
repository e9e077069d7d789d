"""The web chat: JSON over HTTP and a WebSocket, for the widget or any page. Contract: /chat/openapi.json."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot import texts
from bot.config import Settings
from bot.database import Database
from bot.frontdesk import messages, transcripts
from bot.frontdesk.channels.openapi import OPENAPI
from bot.frontdesk.channels.web_ending import WebEnding
from bot.frontdesk.channels.web_files import WebFiles
from bot.frontdesk.channels.web_requests import Refused, json_body, language_of, number, one_string
from bot.frontdesk.channels.web_sessions import Sessions
from bot.frontdesk.hub import Hub
from bot.frontdesk.limits import Limiter
from bot.frontdesk.model import Conversation
from bot.frontdesk.router import Router

MAX_WAIT = 30.0
"""Seconds that a request may wait for news."""

LOOK_AGAIN = 10.0
"""Seconds after which a waiting customer is looked up without news. Hundreds wait: each look costs the others time."""

TYPING_SECONDS = 5.0
"""How long one sign of typing lasts; the widget gives another every three seconds."""


@dataclass
class WebChannel:
    database: Database
    router: Router
    hub: Hub
    settings: Settings

    def __post_init__(self) -> None:
        self.sessions, self._mails = Sessions(self.database, self.settings), bool(self.settings.smtp_host)
        self._writes = Limiter(count=30, seconds=60)
        self._opens = Limiter(count=120, seconds=60)
        self._signs = Limiter(count=60, seconds=60)
        self._files = WebFiles(self.database, self.sessions, self.router, self.hub, self._writes)
        self._ending = WebEnding(self.database, self.sessions, self.hub, self._writes, self._mails)

    def routes(self) -> list[Route | WebSocketRoute]:
        return [
            Route("/chat/sessions", self.open, methods=["POST"]),
            Route("/chat/messages", self.post, methods=["POST"]),
            Route("/chat/messages", self.get, methods=["GET"]),
            Route("/chat/typing", self.typing, methods=["POST"]),
            Route("/chat/attachments", self._files.upload, methods=["POST"]),
            Route("/chat/attachments/{id}", self._files.download, methods=["GET"]),
            Route("/chat/transcript", self._ending.transcript, methods=["GET"]),
            Route("/chat/transcript", self._ending.mail, methods=["POST"]),
            Route("/chat/end", self._ending.end, methods=["POST"]),
            Route("/chat/rating", self._ending.rating, methods=["POST"]),
            Route("/chat/openapi.json", lambda _request: JSONResponse(OPENAPI), methods=["GET"]),
            WebSocketRoute("/chat/socket", self.socket),
        ]

    async def open(self, request: Request) -> Response:
        """A new conversation; the server makes its id, the token proves it."""
        if not self._opens.allows(request.client.host if request.client else "?"):
            raise Refused("too_fast", language_of(request))
        body = await json_body(request, optional=True)
        locale = body.get("locale")
        language = str(locale)[:2].lower() if locale else language_of(request)
        language = language if language in texts.LANGUAGES else "de"
        conversation_id, greeting = await self.database.run(_open, language)
        return JSONResponse({"token": self.sessions.token(conversation_id), "messages": greeting}, status_code=201)

    async def post(self, request: Request) -> Response:
        conversation = await self.sessions.conversation(request)
        body = await json_body(request, conversation.language)
        text, payload, client_id = body.get("text"), body.get("payload"), body.get("client_id")
        if not one_string(text, payload) or not messages.is_client_id(client_id):
            raise Refused("bad_request", conversation.language)
        if not self._writes.allows(conversation.id):
            # What arrived before is confirmed however fast it is asked for: else the customer would write it again.
            known = await self.database.look(messages.number_of, conversation.id, client_id)
            if known is None:
                raise Refused("too_fast", conversation.language)
            return JSONResponse({"seq": known}, status_code=202)
        try:
            seq = await self.database.run(_receive, conversation.id, text, payload, client_id)
        except messages.BadMessage as bad:
            raise Refused(bad.code, conversation.language) from bad
        self.hub.customer_stops(conversation.id)
        self.hub.tell(conversation.id)
        self.router.wake(conversation.id)
        return JSONResponse({"seq": seq}, status_code=202)

    async def get(self, request: Request) -> Response:
        """Messages after `after`; waits up to `wait` seconds for the first one."""
        conversation = await self.sessions.conversation(request)
        after = number(request.query_params.get("after"), conversation.language)
        wait = min(number(request.query_params.get("wait"), conversation.language), MAX_WAIT)
        clock = asyncio.get_running_loop().time
        deadline = clock() + wait
        before: tuple[Any, Any] | None = None  # what was changed before the question ends no wait
        with self.hub.listen(conversation.id) as listener:
            while True:
                view = await self._view(conversation.id, int(after))
                if view is None:
                    raise Refused("not_signed_in", conversation.language)
                left = deadline - clock()
                changed = (view["edits"], view["erased"])
                before = changed if before is None else before
                if view["messages"] or changed != before or left <= 0:
                    return JSONResponse(view)
                await listener.news(min(left, LOOK_AGAIN))

    async def typing(self, request: Request) -> Response:
        """The customer is writing: people at the desk see that, not what."""
        conversation = await self.sessions.conversation(request)
        if self._signs.allows(conversation.id):
            self.hub.customer_types(conversation.id, TYPING_SECONDS)
        return Response(status_code=204)

    async def socket(self, websocket: WebSocket) -> None:
        """The same answers as GET /chat/messages, pushed. Token and `after` in the query."""
        conversation = await self.sessions.find(websocket.query_params.get("token", ""))
        try:
            after = int(number(websocket.query_params.get("after"), ""))
        except Refused:
            conversation = None
        await websocket.accept()
        if conversation is None:
            await websocket.close(code=4401)
            return
        gone = asyncio.ensure_future(_until_closed(websocket))
        try:
            await self._push(websocket, conversation.id, after, gone)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the customer has gone: the log keeps everything
        finally:
            gone.cancel()

    async def _push(self, websocket: WebSocket, conversation_id: str, after: int, gone: asyncio.Future[None]) -> None:
        shown: tuple[Any, ...] = ()
        with self.hub.listen(conversation_id) as listener:
            while not gone.done():
                view = await self._view(conversation_id, after)
                if view is None:
                    await websocket.close(code=4401)
                    return
                state = (view["holder"], view["typing"], view["edits"], view["erased"])
                if view["messages"] or state != shown:
                    await websocket.send_json(view)
                    shown = state
                    after = max([after, *(m["seq"] for m in view["messages"])])
                news = asyncio.ensure_future(listener.news(LOOK_AGAIN))
                await asyncio.wait({news, gone}, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()

    async def _view(self, conversation_id: str, after: int) -> dict[str, Any] | None:
        view = await self.database.look(_view, conversation_id, after, self._mails)
        if view is not None:
            view["typing"] = self.hub.typing.get(conversation_id, False)
        return view


def _open(session: Session, language: str) -> tuple[str, list[dict[str, Any]]]:
    conversation = messages.open_conversation(session, "web", language)
    greeting = messages.append(session, conversation, messages.Reply("bot", texts.text("utter_welcome", language)))
    return conversation.id, [messages.as_json(greeting)]


def _receive(session: Session, conversation_id: str, text: str | None, payload: str | None, client: str | None) -> int:
    message, _new = messages.receive(session, conversation_id, text=text, payload=payload, client_id=client)
    return int(message.seq)


def _view(session: Session, conversation_id: str, after: int, mails: bool) -> dict[str, Any] | None:
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:  # erased while somebody was listening
        return None
    found = [m for m in messages.history(session, conversation_id, after) if not messages.is_erased(m)]
    changed = messages.changed(session, conversation_id, after)
    return {
        "messages": [messages.as_json(m) for m in found],
        "edits": [{"seq": m.seq, "text": m.text} for m in changed if m.text],
        "erased": _ranges([int(m.seq) for m in changed if messages.is_erased(m)]),
        "holder": conversation.holder,
        "typing": False,
        "mail": mails and transcripts.address(session, conversation_id) is not None,
    }


def _ranges(numbers: list[int]) -> list[dict[str, int]]:
    """Ascending numbers as ranges, both ends included: a whole conversation is one of them, not hundreds of numbers."""
    ranges: list[dict[str, int]] = []
    for each in numbers:
        if ranges and ranges[-1]["to"] == each - 1:
            ranges[-1]["to"] = each
        else:
            ranges.append({"from": each, "to": each})
    return ranges


async def _until_closed(websocket: WebSocket) -> None:
    try:
        while True:
            await websocket.receive_text()
    except (WebSocketDisconnect, RuntimeError, KeyError):
        return

"""The web chat: JSON over HTTP and a WebSocket, for the widget or any page. Contract: /chat/openapi.json."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot import texts
from bot.config import Settings
from bot.database import Database
from bot.frontdesk import attachments, messages
from bot.frontdesk.channels.openapi import OPENAPI
from bot.frontdesk.hub import Hub
from bot.frontdesk.limits import Limiter
from bot.frontdesk.model import Attachment, Conversation
from bot.frontdesk.router import Router

SESSION_DAYS = 30
MAX_WAIT = 30.0
MAX_BODY = 64 * 1024
_STATUS = {
    "empty": 400,
    "bad_request": 400,
    "no_such_button": 400,
    "not_signed_in": 401,
    "not_found": 404,
    "stale_button": 409,
    "too_long": 413,
    "file_too_big": 413,
    "file_type": 415,
    "too_fast": 429,
}


class Refused(Exception):
    """A request that is answered with an error: `code` names it, its sentence is `utter_error_<code>`."""

    def __init__(self, code: str, language: str = "") -> None:
        super().__init__(code)
        self.code, self.language = code, language


@dataclass
class WebChannel:
    database: Database
    router: Router
    hub: Hub
    settings: Settings

    def __post_init__(self) -> None:
        self._signer = URLSafeTimedSerializer(self.settings.signing_key(), salt="web-chat")
        self._writes = Limiter(count=30, seconds=60)
        self._opens = Limiter(count=120, seconds=60)

    def routes(self) -> list[Route | WebSocketRoute]:
        return [
            Route("/chat/sessions", self.open, methods=["POST"]),
            Route("/chat/messages", self.post, methods=["POST"]),
            Route("/chat/messages", self.get, methods=["GET"]),
            Route("/chat/attachments", self.upload, methods=["POST"]),
            Route("/chat/attachments/{id}", self.attachment, methods=["GET"]),
            Route("/chat/transcript", self.transcript, methods=["GET"]),
            Route("/chat/openapi.json", lambda _request: JSONResponse(OPENAPI), methods=["GET"]),
            WebSocketRoute("/chat/socket", self.socket),
        ]

    async def open(self, request: Request) -> Response:
        """A new conversation; the server makes its id, the token proves it."""
        if not self._opens.allows(request.client.host if request.client else "?"):
            raise Refused("too_fast", _language(request))
        body = await _json_body(request, optional=True)
        locale = body.get("locale")
        language = str(locale)[:2].lower() if locale else _language(request)
        language = language if language in texts.LANGUAGES else "de"
        conversation_id, greeting = await self.database.run(_open, language)
        token = self._signer.dumps(conversation_id)
        return JSONResponse({"token": token, "messages": greeting}, status_code=201)

    async def post(self, request: Request) -> Response:
        conversation = await self._conversation(request)
        body = await _json_body(request, conversation.language)
        text, payload, client_id = body.get("text"), body.get("payload"), body.get("client_id")
        if not _one_string(text, payload) or not (client_id is None or isinstance(client_id, str)):
            raise Refused("bad_request", conversation.language)
        if client_id is not None and not 0 < len(client_id) <= 64:
            raise Refused("bad_request", conversation.language)
        if not self._writes.allows(conversation.id):
            raise Refused("too_fast", conversation.language)
        try:
            seq = await self.database.run(_receive, conversation.id, text, payload, client_id)
        except messages.BadMessage as bad:
            raise Refused(bad.code, conversation.language) from bad
        self.hub.tell(conversation.id)
        self.router.wake(conversation.id)
        return JSONResponse({"seq": seq}, status_code=202)

    async def get(self, request: Request) -> Response:
        """Messages after `after`; waits up to `wait` seconds for the first one."""
        conversation = await self._conversation(request)
        after = _number(request.query_params.get("after"), conversation.language)
        wait = min(_number(request.query_params.get("wait"), conversation.language), MAX_WAIT)
        clock = asyncio.get_running_loop().time
        deadline = clock() + wait
        while True:
            view = await self._view(conversation.id, int(after))
            left = deadline - clock()
            if view["messages"] or left <= 0:
                return JSONResponse(view)
            await self.hub.news(conversation.id, left)

    async def upload(self, request: Request) -> Response:
        conversation = await self._conversation(request)
        if int(request.headers.get("content-length") or 0) > attachments.MAX_BYTES + MAX_BODY:
            raise Refused("file_too_big", conversation.language)
        if not self._writes.allows(conversation.id):
            raise Refused("too_fast", conversation.language)
        async with request.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if file is None or isinstance(file, str):
                raise Refused("bad_request", conversation.language)
            data = await file.read(attachments.MAX_BYTES + 1)
            name, caption = file.filename or "file", str(form.get("text") or "")
            client_id = str(form.get("client_id") or "")[:64] or None
        try:
            seq = await self.database.run(_receive_file, conversation.id, name, data, caption, client_id)
        except (attachments.BadAttachment, messages.BadMessage) as bad:
            raise Refused(bad.code, conversation.language) from bad
        self.hub.tell(conversation.id)
        self.router.wake(conversation.id)
        return JSONResponse({"seq": seq}, status_code=201)

    async def attachment(self, request: Request) -> Response:
        """A file of this conversation; the token may stand in the query, for <img>."""
        conversation = await self._conversation(request)
        found = await self.database.run(lambda s: s.get(Attachment, request.path_params["id"]))
        if found is None or found.conversation_id != conversation.id:
            raise Refused("not_found", conversation.language)
        return FileResponse(attachments.path(found.id), media_type=found.type, filename=found.name)

    async def transcript(self, request: Request) -> Response:
        conversation = await self._conversation(request)
        written = await self.database.run(_transcript, conversation.id)
        headers = {"Content-Disposition": 'attachment; filename="chat.txt"'}
        return PlainTextResponse(written, headers=headers)

    async def socket(self, websocket: WebSocket) -> None:
        """The same answers as GET /chat/messages, pushed. Token and `after` in the query."""
        try:
            conversation_id = self._read(websocket.query_params.get("token", ""))
            after = int(websocket.query_params.get("after") or 0)
            conversation = await self.database.run(lambda s: s.get(Conversation, conversation_id))
        except (Refused, ValueError):
            conversation = None
        await websocket.accept()
        if conversation is None:
            await websocket.close(code=4401)
            return
        gone = asyncio.ensure_future(_until_closed(websocket))
        shown: tuple[Any, ...] = ()
        try:
            while not gone.done():
                view = await self._view(conversation.id, after)
                state = (view["holder"], view["typing"])
                if view["messages"] or state != shown:
                    await websocket.send_json(view)
                    shown = state
                    after = max([after, *(m["seq"] for m in view["messages"])])
                news = asyncio.ensure_future(self.hub.news(conversation.id, MAX_WAIT))
                await asyncio.wait({news, gone}, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
        except (WebSocketDisconnect, RuntimeError):
            pass  # the customer has gone: the log keeps everything
        finally:
            gone.cancel()

    async def _view(self, conversation_id: str, after: int) -> dict[str, Any]:
        view = await self.database.run(_view, conversation_id, after)
        view["typing"] = self.hub.typing.get(conversation_id, False)
        return view

    async def _conversation(self, request: Request) -> Conversation:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            token = request.query_params.get("token", "")
        conversation_id = self._read(token, _language(request))
        found = await self.database.run(lambda s: s.get(Conversation, conversation_id))
        if found is None:
            raise Refused("not_signed_in", _language(request))
        return found  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped

    def _read(self, token: str, language: str = "") -> str:
        try:
            return str(self._signer.loads(token, max_age=SESSION_DAYS * 86_400))
        except (BadSignature, SignatureExpired) as error:
            raise Refused("not_signed_in", language) from error


async def refused(_request: Request, error: Exception) -> Response:
    """The error answer: a code for programs, a sentence for people."""
    assert isinstance(error, Refused)
    sentence = texts.text(f"utter_error_{error.code}", error.language)
    return JSONResponse({"error": {"code": error.code, "message": sentence}}, status_code=_STATUS[error.code])


def _open(session: Session, language: str) -> tuple[str, list[dict[str, Any]]]:
    conversation = messages.open_conversation(session, "web", language)
    greeting = messages.append(session, conversation, messages.Reply("bot", texts.text("utter_welcome", language)))
    return conversation.id, [messages.as_json(greeting)]


def _receive(session: Session, conversation_id: str, text: str | None, payload: str | None, client: str | None) -> int:
    message, _new = messages.receive(session, conversation_id, text=text, payload=payload, client_id=client)
    return int(message.seq)


def _receive_file(
    session: Session, conversation_id: str, name: str, data: bytes, caption: str, client_id: str | None
) -> int:
    if client_id is not None and (known := messages.sent_before(session, conversation_id, client_id)) is not None:
        return int(known.seq)  # sent again: the file is here already
    file = attachments.store(session, conversation_id, name, data)
    message, _new = messages.receive(session, conversation_id, text=caption, attachments=[file], client_id=client_id)
    return int(message.seq)


def _view(session: Session, conversation_id: str, after: int) -> dict[str, Any]:
    conversation = session.get(Conversation, conversation_id)
    # What was erased is an empty row that keeps its number: nothing to show.
    found = [
        message for message in messages.history(session, conversation_id, after) if message.text or message.attachments
    ]
    return {"messages": [messages.as_json(m) for m in found], "holder": conversation.holder, "typing": False}


def _transcript(session: Session, conversation_id: str) -> str:
    lines = []
    for message in messages.history(session, conversation_id):
        who = message.author_name or message.author
        lines.append(f"[{message.at:%Y-%m-%d %H:%M} UTC] {who}: {message.text}")
    return "\n".join(lines) + "\n"


async def _until_closed(websocket: WebSocket) -> None:
    try:
        while True:
            await websocket.receive_text()
    except (WebSocketDisconnect, RuntimeError, KeyError):
        return


async def _json_body(request: Request, language: str = "", *, optional: bool = False) -> dict[str, Any]:
    if int(request.headers.get("content-length") or 0) > MAX_BODY * 2:
        raise Refused("too_long", language)
    raw = await request.body()
    if optional and not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise Refused("bad_request", language) from error
    if not isinstance(body, dict):
        raise Refused("bad_request", language)
    return body


def _one_string(text: object, payload: object) -> bool:
    """Exactly one of the two, and a string."""
    given = [value for value in (text, payload) if value is not None]
    return len(given) == 1 and isinstance(given[0], str)


def _number(value: str | None, language: str) -> float:
    try:
        number = float(value or 0)
    except ValueError as error:
        raise Refused("bad_request", language) from error
    if not 0 <= number < 2**31:
        raise Refused("bad_request", language)
    return number


def _language(request: Request) -> str:
    wanted = request.headers.get("accept-language", "")[:2].lower()
    return wanted if wanted in texts.LANGUAGES else "de"

"""Photos and receipts on the web chat: taken with a limit on everything, given back as downloads only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import Message as Event

from bot.database import Database
from bot.frontdesk import attachments, messages
from bot.frontdesk.channels.web_requests import MAX_BODY, Refused
from bot.frontdesk.channels.web_sessions import Sessions
from bot.frontdesk.hub import Hub
from bot.frontdesk.limits import Limiter
from bot.frontdesk.model import Attachment, Conversation
from bot.frontdesk.router import Router

MAX_REQUEST = attachments.MAX_BYTES + MAX_BODY
"""Bytes of an upload: the file, and what stands around it."""

READ_TO_REFUSE = 64 * 1024 * 1024
"""A body up to so many bytes is read to its end before it is refused: a browser that is cut off while it sends
sees a broken connection instead of our sentence, and would try again."""


@dataclass(frozen=True)
class _Upload:
    name: str
    data: bytes
    caption: str
    client_id: str | None


@dataclass
class WebFiles:
    database: Database
    sessions: Sessions
    router: Router
    hub: Hub
    writes: Limiter

    async def upload(self, request: Request) -> Response:
        """Take one file with, perhaps, a caption."""
        conversation = await self.sessions.conversation(request)
        language = conversation.language
        sent = await _read(request, language)
        known = await self.database.look(messages.number_of, conversation.id, sent.client_id)
        if known is None:
            if not self.writes.allows(conversation.id):
                raise Refused("too_fast", language)
            known = await self._take(conversation, sent)
        return JSONResponse({"seq": known}, status_code=201)

    async def download(self, request: Request) -> Response:
        """A file of this conversation; the token may stand in the query, for <img>."""
        conversation = await self.sessions.conversation(request)
        found = await self.database.look(lambda s: s.get(Attachment, request.path_params["id"]))
        if found is None or found.conversation_id != conversation.id or not attachments.path(found.id).is_file():
            raise Refused("not_found", conversation.language)
        # Were it ever shown instead of saved, nothing in it would run.
        headers = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-store"}
        return FileResponse(attachments.path(found.id), media_type=found.type, filename=found.name, headers=headers)

    async def _take(self, conversation: Conversation, sent: _Upload) -> int:
        try:
            # Outside of the transaction: unpacking a big picture takes a second, and nobody else should wait for it.
            file = await asyncio.to_thread(attachments.examine, sent.name, sent.data)
            seq = await self.database.run(_receive, conversation.id, file, sent)
        except (attachments.BadAttachment, messages.BadMessage) as bad:
            raise Refused(bad.code, conversation.language) from bad
        self.hub.customer_stops(conversation.id)
        self.hub.tell(conversation.id)
        self.router.wake(conversation.id)
        return seq


def _receive(session: Session, conversation_id: str, file: attachments.Examined, sent: _Upload) -> int:
    return messages.receive_file(
        session,
        conversation_id,
        text=sent.caption,
        client_id=sent.client_id,
        keep=lambda: attachments.keep(session, conversation_id, file),
    )


async def _read(request: Request, language: str) -> _Upload:
    if int(request.headers.get("content-length") or 0) > READ_TO_REFUSE:
        raise Refused("file_too_big", language)
    counted = _Counted(request)
    try:
        async with Request(request.scope, counted.receive).form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if file is None or isinstance(file, str):
                raise Refused("bad_request", language)
            data = await file.read()
            name, caption = file.filename or "file", form.get("text") or ""
            client_id = form.get("client_id") or None
    except _TooMuch as much:
        await much.read_on()
        raise Refused("file_too_big", language) from much
    except HTTPException as error:  # not the multipart form it says it is
        raise Refused("bad_request", language) from error
    if not isinstance(caption, str) or not messages.is_client_id(client_id):
        raise Refused("bad_request", language)
    return _Upload(name, data, caption, client_id if isinstance(client_id, str) else None)


class _TooMuch(Exception):
    def __init__(self, counted: _Counted) -> None:
        super().__init__()
        self._counted = counted

    async def read_on(self) -> None:
        await self._counted.read_on()


class _Counted:
    """The body of a request, counted while it comes: a chunked request does not say how long it will be."""

    def __init__(self, request: Request) -> None:
        self._receive, self._bytes = request.receive, 0

    async def receive(self) -> Event:
        event = await self._receive()
        self._bytes += len(event.get("body", b""))
        if self._bytes > MAX_REQUEST:
            raise _TooMuch(self)
        return event

    async def read_on(self) -> None:
        while self._bytes <= READ_TO_REFUSE:
            event = await self._receive()
            self._bytes += len(event.get("body", b""))
            if event["type"] != "http.request" or not event.get("more_body"):
                return

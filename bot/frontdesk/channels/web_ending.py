"""The end of a conversation on the web chat: ending it, saying how it was, taking the transcript along."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot import texts
from bot.cases import feedback, store
from bot.database import Database, utcnow
from bot.frontdesk import messages, transcripts
from bot.frontdesk.channels.web_requests import Refused, json_body
from bot.frontdesk.channels.web_sessions import Sessions
from bot.frontdesk.hub import Hub
from bot.frontdesk.limits import Limiter
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Handoff, Message

SCORES = range(1, 6)
"""1 not at all, 5 very satisfied."""

_RATED = "/rated"
"""The payload of the line that keeps a rating, so that there is one for each ending."""


@dataclass
class WebEnding:
    database: Database
    sessions: Sessions
    hub: Hub
    writes: Limiter
    mails: bool  # whether e-mail is sent

    def __post_init__(self) -> None:
        self._mails = Limiter(count=3, seconds=3600)

    async def end(self, request: Request) -> Response:
        """The customer is done. A person who holds the conversation keeps it: the answer is still owed."""
        conversation = await self.sessions.conversation(request)
        if not self.writes.allows(conversation.id):
            raise Refused("too_fast", conversation.language)
        seq, rate = await self.database.run(_end, conversation.id)
        self.hub.customer_stops(conversation.id)
        self.hub.tell(conversation.id)
        return JSONResponse({"seq": seq, "rate": rate})

    async def rating(self, request: Request) -> Response:
        """How the conversation was, 1 to 5, and why in the customer's words. The first counts."""
        conversation = await self.sessions.conversation(request)
        body = await json_body(request, conversation.language)
        score, words = body.get("score"), body.get("words", "")
        if type(score) is not int or score not in SCORES or not isinstance(words, str):
            raise Refused("bad_request", conversation.language)
        if not self.writes.allows(conversation.id):
            raise Refused("too_fast", conversation.language)
        try:
            await self.database.run(_rate, conversation.id, score, words)
        except messages.BadMessage as bad:
            raise Refused(bad.code, conversation.language) from bad
        self.hub.tell(conversation.id)
        return Response(status_code=204)

    async def transcript(self, request: Request) -> Response:
        """The conversation as text, to keep."""
        conversation = await self.sessions.conversation(request)
        written = await self.database.run(transcripts.written, conversation.id)
        headers = {"Content-Disposition": 'attachment; filename="chat.txt"', "Cache-Control": "private, no-store"}
        return PlainTextResponse(written, headers=headers)

    async def mail(self, request: Request) -> Response:
        """Send the transcript to the e-mail address of the proven order."""
        conversation = await self.sessions.conversation(request)
        if not self.mails or await self.database.look(transcripts.address, conversation.id) is None:
            raise Refused("no_address", conversation.language)
        if not self._mails.allows(conversation.id):
            raise Refused("too_fast", conversation.language)
        await self.database.run(transcripts.ask, conversation.id)
        return Response(status_code=202)


def _end(session: Session, conversation_id: str) -> tuple[int, bool]:
    """The number of the closing line, and whether asking for a score is decent."""
    conversation = messages.locked(session, conversation_id)
    if conversation.holder != "nobody":
        people = conversation.holder in ("queue", "staff")
        conversation.holder = conversation.holder if people else "nobody"
        sentence = texts.text("utter_customer_left" if people else "utter_customer_ended", conversation.language)
        if _last(session, conversation_id).text != sentence:
            messages.append(session, conversation, Reply("system", sentence))
    return int(conversation.last_seq), not _was_grave(session, conversation_id)


def _rate(session: Session, conversation_id: str, score: int, words: str) -> None:
    """Keep a rating as a line among staff, beside the conversation; an over and unrated case gets it as its score."""
    conversation = messages.locked(session, conversation_id)
    if _last(session, conversation_id).payload == _RATED:
        return
    why = messages.clean(words) if words.strip() else ""
    said = texts.text("utter_note_rated", conversation.language, score=score, words=why).strip()
    messages.append(session, conversation, Reply("system", said), internal=True, payload=_RATED)
    case = store.latest(session, conversation_id, open_only=False)
    if case is not None and feedback.may_ask(session, case):
        feedback.mark_asked(session, case, utcnow())
        feedback.rate(session, case, score)


def _last(session: Session, conversation_id: str) -> Message:
    newest = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.seq.desc()).limit(1)
    return session.scalars(newest).one()  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def _was_grave(session: Session, conversation_id: str) -> bool:
    """Somebody who was in danger or in a crisis is not asked for a score."""
    grave = Handoff.severity >= feedback.NEVER_FROM_SEVERITY
    return (
        session.scalars(select(Handoff.id).where(Handoff.conversation_id == conversation_id, grave)).first() is not None
    )

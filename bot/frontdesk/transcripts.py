"""The conversation as text, to keep: written when it is asked for, and sent by e-mail where that was asked for.

By e-mail it goes to one address only: the one that the shop has for an order which the customer has proven. Nobody
types an address, so nobody can have somebody else's conversation sent, or find out whose an order is.

A letter that was asked for is a row until it has arrived: no restart loses it. It is written when it leaves, so what is
stored of it is only that it was asked for. A process that dies while it sends one has borrowed the row; another sends
it again after :data:`LEASE`, under the same Message-ID.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from dataclasses import dataclass

from babel.dates import format_datetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import texts
from bot.cases.model import Case, Order
from bot.database import Database, utcnow
from bot.frontdesk import messages
from bot.frontdesk.hub import Hub
from bot.frontdesk.mail import Mail, NotTaken
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import TranscriptMail
from bot.policies import current_policy

log = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=2)
"""How long one sending may take before somebody else may try."""

LONGEST_WAIT = 900.0
"""Seconds between tries when the mail server has been away for long."""

GIVEN_UP_AFTER = dt.timedelta(hours=24)
"""So long a letter is tried; then the customer hears that it could not be delivered."""

EVERY = 1.0
"""Seconds between looks."""

AT_ONCE = 20


@dataclass(frozen=True)
class Letter:
    """A transcript that is due. `to` is None where there is no address any more."""

    id: str
    conversation: str
    to: str | None
    subject: str
    text: str
    attempts: int
    asked_at: dt.datetime


def address(session: Session, conversation_id: str) -> str | None:
    """The e-mail address of the order that was proven last in this conversation."""
    statement = (
        select(Order.email)
        .join(Case, Case.order_number == Order.order_number)
        .where(Case.conversation == conversation_id, Case.verified.is_(True), Order.email.is_not(None))
        .order_by(Case.received_at.desc())
    )
    return session.scalars(statement).first()  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def written(session: Session, conversation_id: str) -> str:
    """Everything that was said, with names and times in the conversation's language and the company's time zone."""
    conversation = messages.locked(session, conversation_id)
    language, zone = conversation.language, current_policy().hours.zone

    def when(moment: dt.datetime) -> str:
        return format_datetime(moment.astimezone(zone), "short", locale={"en": "en_GB"}.get(language, language))

    numbers = session.scalars(select(Case.number).where(Case.conversation == conversation_id).order_by(Case.number))
    about = {"when": when(conversation.created_at), "zone": str(zone), "cases": ", ".join(numbers) or "–"}
    lines = [texts.text("utter_transcript_head", language, **about), ""]
    for message in messages.history(session, conversation_id):
        who = message.author_name or texts.text(f"utter_transcript_{message.author}", language)
        if not message.text and not message.attachments:
            continue  # erased
        files = [f"[{file['name']}]" for file in message.attachments]
        lines.append(f"{when(message.at)}  {who}: {' '.join([*files, message.text]).strip()}")
    return "\n".join(lines) + "\n"


def ask(session: Session, conversation_id: str) -> None:
    """The customer wants it by e-mail; it goes out in a moment."""
    session.add(TranscriptMail(id=messages.new_id(), conversation_id=conversation_id))


class Transcripts:
    """Sends what was asked for, and goes on where a former process stopped."""

    def __init__(self, database: Database, hub: Hub, mail: Mail, *, retry_delay: float) -> None:
        self._database, self._hub, self._mail, self._retry_delay = database, hub, mail, retry_delay

    async def forever(self) -> None:
        """Send what is due until cancelled."""
        while True:
            try:
                await self.look(utcnow())
            except Exception:  # nothing may end the deliveries for good
                log.exception("transcripts.not_sent")
            await asyncio.sleep(EVERY)

    async def look(self, now: dt.datetime) -> None:
        """Send everything that is due at this moment, one letter after the other."""
        if await self._database.look(_some_due, now):
            for letter in await self._database.run(_take, now):
                await self._send(letter, now)

    async def _send(self, letter: Letter, now: dt.datetime) -> None:
        about = {"conversation": letter.conversation}
        try:
            if letter.to is None:
                raise NotTaken("there is no address any more", for_good=True)
            await self._mail.send(letter.to, letter.subject, letter.text, letter=f"transcript-{letter.id}")
        except NotTaken as problem:
            log.warning("transcripts.not_sent: %s", problem, extra=about)
            wait = min(self._retry_delay * 2.0 ** (letter.attempts - 1), LONGEST_WAIT)
            later = now + dt.timedelta(seconds=wait)
            if problem.for_good or later - letter.asked_at > GIVEN_UP_AFTER:
                await self._database.run(_give_up, letter)
                self._hub.tell(letter.conversation)
            else:
                await self._database.run(_later, letter, later)
        else:
            await self._database.run(_sent, letter)


def _some_due(session: Session, now: dt.datetime) -> bool:
    return session.execute(select(TranscriptMail.id).where(TranscriptMail.next_at <= now).limit(1)).first() is not None


def _take(session: Session, now: dt.datetime) -> list[Letter]:
    """Borrow what is due: nobody else gets it until the lease is over."""
    due = select(TranscriptMail).where(TranscriptMail.next_at <= now).order_by(TranscriptMail.next_at).limit(AT_ONCE)
    letters = []
    for row in session.scalars(due.with_for_update(skip_locked=True)):
        row.next_at, row.attempts = now + LEASE, row.attempts + 1
        text = written(session, row.conversation_id)
        language = messages.locked(session, row.conversation_id).language
        subject = texts.text("utter_transcript_subject", language)
        to = address(session, row.conversation_id)
        letters.append(Letter(row.id, row.conversation_id, to, subject, text, row.attempts, row.asked_at))
    return letters


def _sent(session: Session, letter: Letter) -> None:
    row = session.get(TranscriptMail, letter.id)
    if row is not None:  # erased meanwhile
        session.delete(row)


def _later(session: Session, letter: Letter, when: dt.datetime) -> None:
    row = session.get(TranscriptMail, letter.id)
    if row is not None:
        row.next_at = when


def _give_up(session: Session, letter: Letter) -> None:
    _sent(session, letter)
    conversation = messages.locked(session, letter.conversation)
    sentence = texts.text("utter_transcript_failed", conversation.language)
    messages.append(session, conversation, Reply("system", sentence))

"""What leaves for Telegram: due rows of the outbox, one conversation in order, different ones side by side.

All state is in SQL. A row is taken by moving its `next_at` a lease ahead, sent, and marked; a row whose sender died
falls due again when the lease ends. Telegram has no key against repeats, so a message whose confirmation was lost on
the way is sent once more rather than never.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.database import Database, utcnow
from bot.frontdesk import messages
from bot.frontdesk.channels.telegram.pieces import split_text
from bot.frontdesk.hub import EVERYTHING, LOOK_AGAIN, Hub
from bot.frontdesk.model import Delivery, Message

log = logging.getLogger(__name__)
os.environ.setdefault("PTB_TIMEDELTA", "true")  # RetryAfter.retry_after as timedelta: the int is deprecated and warns

CHANNEL = "telegram"
LEASE = dt.timedelta(seconds=45)
"""How long one send may take, the library's own timeouts included, before somebody else may try."""

MAX_BACKOFF = 60.0
SIDE_BY_SIDE = 20
_ROWS: Any = Delivery  # in queries: SQLAlchemy 1.4 is untyped, its columns are annotated with what a row holds
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True)
class Parcel:
    """The next piece of a delivery: part `number` of `parts`, to be sent now."""

    delivery: int
    conversation: str
    chat: int
    text: str
    number: int
    parts: int
    attempts: int
    keyboard: InlineKeyboardMarkup | None


class Outbox:
    def __init__(self, database: Database, hub: Hub, bot: Bot) -> None:
        self._database, self._hub, self._bot = database, hub, bot
        self._kicked = asyncio.Event()
        self._kicked.set()  # what a former process left behind goes out at once
        self._slots = asyncio.Semaphore(SIDE_BY_SIDE)
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    def kick(self) -> None:
        """Something was written: look now. Call it from the event loop."""
        self._kicked.set()

    async def deliver_forever(self) -> None:
        """Send what is due until cancelled; looks at a kick, at any news and every LOOK_AGAIN seconds."""
        watcher = asyncio.get_running_loop().create_task(self._watch())
        try:
            while True:
                await self._kicked.wait()
                self._kicked.clear()
                try:
                    due = await self._database.run(_due, utcnow())
                except Exception:  # nothing may end the deliveries for good; the watcher kicks again
                    log.exception("telegram.outbox_unreadable")
                    continue
                for conversation in due:
                    if conversation not in self._sending:
                        self._send_all(conversation)
        finally:
            watcher.cancel()

    async def stop(self) -> None:
        """Let sends under way end; what is left stays in the outbox for the next start."""
        self._stopping = True
        if self._sending:
            await asyncio.wait(list(self._sending.values()), timeout=LEASE.total_seconds())

    async def _watch(self) -> None:
        while True:
            await self._hub.news(EVERYTHING, LOOK_AGAIN)
            self.kick()

    def _send_all(self, conversation: str) -> None:
        task = asyncio.get_running_loop().create_task(self._drain(conversation))
        self._sending[conversation] = task

        def ended(done: asyncio.Task[None]) -> None:
            del self._sending[conversation]
            if not done.cancelled() and (error := done.exception()) is not None:
                log.error("telegram.outbox_failed", exc_info=error, extra={"conversation": conversation})
            else:
                self.kick()  # something may have been written after the last look

        task.add_done_callback(ended)

    async def _drain(self, conversation: str) -> None:
        async with self._slots:
            while not self._stopping:
                parcel = await self._database.run(_claim, conversation, utcnow())
                if parcel is None:
                    return
                settle = await self._send(parcel)
                await self._surely(settle)
                self._hub.tell(conversation)

    async def _send(self, parcel: Parcel) -> Callable[[Session], None]:
        """Send one piece; returns what is to be written down about it."""
        try:
            sent = await self._bot.send_message(
                parcel.chat, parcel.text, reply_markup=parcel.keyboard, link_preview_options=_NO_PREVIEW
            )
        except RetryAfter as full:
            wait = full.retry_after
            seconds = wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)
            return lambda session: _later(session, parcel, seconds, "rate limit")
        except Forbidden:
            return lambda session: _blocked(session, parcel)
        except BadRequest as refused:  # no later try can succeed: the chat is gone or the message is not acceptable
            why = refused.message
            log.error("telegram.refused: %s", why, extra={"conversation": parcel.conversation})
            return lambda session: _done(session, parcel, None, why)
        except TelegramError as failed:
            seconds = min(2.0 ** (parcel.attempts - 1), MAX_BACKOFF)
            kind = type(failed).__name__
            log.warning("telegram.not_sent: %s", kind, extra={"conversation": parcel.conversation})
            return lambda session: _later(session, parcel, seconds, kind)
        return lambda session: _done(session, parcel, sent.message_id, None)

    async def _surely(self, settle: Callable[[Session], None]) -> None:
        """Write the outcome down even when the database is away for a while: else it would be sent twice."""
        while True:
            try:
                return await self._database.run(settle)
            except SQLAlchemyError:
                if self._stopping:
                    raise
                log.exception("telegram.outcome_not_written")
                await asyncio.sleep(1)


def _pending() -> Any:
    return (_ROWS.channel == CHANNEL) & _ROWS.done_at.is_(None)


def _due(session: Session, now: dt.datetime) -> list[str]:
    """Conversations whose first undelivered message is due. Ids follow the order within a conversation: rows are
    written under its lock."""
    heads = select(func.min(_ROWS.id)).where(_pending()).group_by(_ROWS.conversation_id)
    statement = select(_ROWS.conversation_id).where(_ROWS.id.in_(heads), _ROWS.next_at <= now)
    return list(session.scalars(statement.order_by(_ROWS.next_at)))


def _claim(session: Session, conversation_id: str, now: dt.datetime) -> Parcel | None:
    """Take the conversation's first undelivered message, if it is due; nobody else gets it during the lease."""
    conversation = messages.locked(session, conversation_id)
    statement = select(Delivery).where(_pending(), Delivery.conversation_id == conversation_id).order_by(Delivery.id)
    row = session.scalars(statement.limit(1)).first()
    if row is None or row.next_at > now:
        return None
    row.attempts += 1
    row.next_at = now + LEASE
    message = session.get(Message, row.message_id)
    pieces = split_text(_signed(message))
    number = _sent_parts(row)
    last = number == len(pieces) - 1
    return Parcel(
        delivery=row.id,
        conversation=conversation_id,
        chat=int(conversation.channel_key or 0),
        text=pieces[number],
        number=number,
        parts=len(pieces),
        attempts=row.attempts,
        keyboard=_keyboard(message) if last else None,
    )


def _signed(message: Message) -> str:
    """The text with who speaks: Telegram shows everything as coming from the bot."""
    if message.author == "staff":
        return f"👤 {message.author_name}:\n{message.text}"
    return f"ℹ️ {message.text}" if message.author == "system" else message.text


def _keyboard(message: Message) -> InlineKeyboardMarkup | None:
    """The buttons, one a row. Their data is `seq:index`: a payload may be longer than Telegram's 64 bytes."""
    if not message.buttons or message.buttons_used:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(button["title"], callback_data=f"{message.seq}:{index}")]
            for index, button in enumerate(message.buttons)
        ]
    )


def _sent_parts(row: Delivery) -> int:
    """How many pieces of a long text are out; `external_id` is then `count:message id`."""
    count, colon, _last = (row.external_id or "").partition(":")
    return int(count) if colon else 0


def _done(session: Session, parcel: Parcel, message_id: int | None, error: str | None) -> None:
    row = session.get(Delivery, parcel.delivery)
    if error is None and parcel.number + 1 < parcel.parts:
        row.external_id, row.next_at, row.attempts = f"{parcel.number + 1}:{message_id}", utcnow(), 0
        return
    row.done_at, row.error = utcnow(), error[:200] if error else None
    row.external_id = str(message_id) if message_id is not None else row.external_id


def _later(session: Session, parcel: Parcel, seconds: float, why: str) -> None:
    row = session.get(Delivery, parcel.delivery)
    row.next_at, row.error = utcnow() + dt.timedelta(seconds=seconds), why


def _blocked(session: Session, parcel: Parcel) -> None:
    """The customer blocked the bot: nothing of this conversation can arrive. It stays readable in the log."""
    waiting = update(Delivery).where(_pending(), Delivery.conversation_id == parcel.conversation)
    session.execute(waiting.values(done_at=utcnow(), error="blocked").execution_options(synchronize_session=False))

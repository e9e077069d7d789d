"""What of the outbox goes to Telegram next, and what became of it: functions of one transaction each.

A row is taken by moving its `next_at` a lease ahead, sent, and marked; a row whose sender died falls due again when the
lease ends.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot import texts
from bot.database import utcnow
from bot.frontdesk import messages
from bot.frontdesk.channels.telegram.pieces import MAX_CAPTION, split_text
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Delivery, Message

CHANNEL = "telegram"
LEASE = dt.timedelta(seconds=45)
"""How long one send may take, the library's own timeouts included, before somebody else may try."""

_ROWS: Any = Delivery  # in queries: SQLAlchemy 1.4 is untyped, its columns are annotated with what a row holds


@dataclass(frozen=True)
class Parcel:
    """The next piece of a delivery: part `number` of `parts`, to be sent now, or to change what was sent (`edits`).

    `file`: an attachment that goes with the text; `reply_to`: Telegram's number of the message that it quotes.
    """

    delivery: int
    conversation: str
    chat: int
    text: str
    number: int
    parts: int
    attempts: int
    keyboard: InlineKeyboardMarkup | None = None
    file: dict[str, Any] | None = None
    reply_to: int | None = None
    edits: int | None = None


@dataclass(frozen=True)
class Retired:
    """Buttons under a message that cannot be pressed any more: `keyboard` is what stands there instead."""

    delivery: int
    chat: int
    message: int
    keyboard: InlineKeyboardMarkup | None


def due(session: Session, now: dt.datetime) -> list[str]:
    """Conversations whose first undelivered message is due. Ids follow the order within a conversation: rows are
    written under its lock."""
    heads = select(func.min(_ROWS.id)).where(_pending()).group_by(_ROWS.conversation_id)
    statement = select(_ROWS.conversation_id).where(_ROWS.id.in_(heads), _ROWS.next_at <= now)
    return list(session.scalars(statement.order_by(_ROWS.next_at)))


def claim(session: Session, conversation_id: str, now: dt.datetime) -> Parcel | None:
    """Take the conversation's first undelivered message, if it is due; nobody else gets it during the lease."""
    conversation = messages.locked(session, conversation_id)
    statement = select(Delivery).where(_pending(), Delivery.conversation_id == conversation_id).order_by(Delivery.id)
    row = session.scalars(statement.limit(1)).first()
    if row is None or row.next_at > now:
        return None
    row.attempts += 1
    row.next_at = now + LEASE
    message = session.get(Message, row.message_id)
    pieces, number = _pieces(message), _sent_parts(row)
    edits = None
    if row.kind == "edit":
        edits = _single(session, message, pieces)
        if edits is None:
            pieces = [(part, None) for part in split_text(f"✏️ {_signed(message)}")]
    text, file = pieces[min(number, len(pieces) - 1)]
    return Parcel(
        delivery=row.id,
        conversation=conversation_id,
        chat=int(conversation.channel_key or 0),
        text=text,
        number=number,
        parts=len(pieces),
        attempts=row.attempts,
        keyboard=keyboard(message) if row.kind == "send" and number >= len(pieces) - 1 else None,
        file=file,
        reply_to=_quoted(session, message) if number == 0 else None,
        edits=edits,
    )


def retired(session: Session, conversation_id: str) -> Retired | None:
    """Buttons of this conversation that still stand there but were used or belong to an earlier step."""
    shown = select(Delivery).where(Delivery.conversation_id == conversation_id, Delivery.buttons_shown.is_(True))
    for row in session.scalars(shown.order_by(Delivery.id)):
        message = session.get(Message, row.message_id)
        if messages.is_live(session, message):
            continue
        chosen, number = messages.chosen(session, message), message_number(row)
        conversation = session.get(Conversation, conversation_id)
        if number is None or not conversation.channel_key:
            row.buttons_shown = False
            continue
        done = InlineKeyboardMarkup([[InlineKeyboardButton(f"✓ {chosen}", callback_data="done")]]) if chosen else None
        return Retired(row.id, int(conversation.channel_key), number, done)
    return None


def put_away(session: Session, gone: Retired) -> None:
    """The buttons do not stand there any more."""
    session.get(Delivery, gone.delivery).buttons_shown = False


def done(session: Session, parcel: Parcel, message_id: int | None, error: str | None) -> None:
    """The piece is out, or can never be (`error`)."""
    row = session.get(Delivery, parcel.delivery)
    if error is None and parcel.number + 1 < parcel.parts:
        row.external_id, row.next_at, row.attempts = f"{parcel.number + 1}:{message_id}", utcnow(), 0
        return
    row.done_at, row.error = utcnow(), error[:200] if error else None
    row.buttons_shown = error is None and parcel.keyboard is not None
    if message_id is not None:
        row.external_id = str(message_id) if parcel.parts == 1 else f"{parcel.parts}:{message_id}"


def later(session: Session, parcel: Parcel, seconds: float, why: str) -> None:
    """The same piece again in so many seconds."""
    row = session.get(Delivery, parcel.delivery)
    row.next_at, row.error = utcnow() + dt.timedelta(seconds=seconds), why


def blocked(session: Session, parcel: Parcel) -> None:
    """The customer blocked the bot: nothing of this conversation can arrive. It stays readable in the log, and
    people who hold it learn so."""
    conversation = messages.locked(session, parcel.conversation)
    waiting = update(Delivery).where(_pending(), Delivery.conversation_id == parcel.conversation)
    session.execute(waiting.values(done_at=utcnow(), error="blocked").execution_options(synchronize_session=False))
    if conversation.holder in ("queue", "staff"):
        _note_once(session, conversation, texts.text("utter_note_blocked", conversation.language))


def message_number(row: Delivery) -> int | None:
    """Telegram's number of (the last piece of) what was sent."""
    number = (row.external_id or "").rpartition(":")[2]
    return int(number) if number else None


def keyboard(message: Message) -> InlineKeyboardMarkup | None:
    """The buttons, one a row. Their data is `seq:index`: a payload may be longer than Telegram's 64 bytes."""
    if not message.buttons or message.buttons_used:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(button["title"], callback_data=f"{message.seq}:{index}")]
            for index, button in enumerate(message.buttons)
        ]
    )


def _note_once(session: Session, conversation: Conversation, text: str) -> None:
    """A note for staff, unless it stands there already since the customer last wrote."""
    said = select(func.max(Message.seq)).where(Message.conversation_id == conversation.id, Message.author == "customer")
    since = session.scalars(said).first() or 0
    noted = [m for m in messages.history(session, conversation.id, since, internal=True) if m.internal]
    if all(note.text != text for note in noted):
        messages.append(session, conversation, Reply("system", text), internal=True)


def _pending() -> Any:
    return (_ROWS.channel == CHANNEL) & _ROWS.done_at.is_(None)


def _pieces(message: Message) -> list[tuple[str, dict[str, Any] | None]]:
    """A message as Telegram takes it: text in pieces, files with the text under the first where it is short enough."""
    text = _signed(message)
    if not message.attachments:
        return [(part, None) for part in split_text(text)]
    files = list(message.attachments)
    if len(split_text(text, MAX_CAPTION)) == 1:
        return [(text, files[0]), *(("", file) for file in files[1:])]
    return [*((part, None) for part in split_text(text)), *(("", file) for file in files)]


def _signed(message: Message) -> str:
    """The text with who speaks: Telegram shows everything as coming from the bot."""
    if message.author == "staff":
        return f"👤 {message.author_name}:\n{message.text}"
    return f"ℹ️ {message.text}" if message.author == "system" else message.text


def _single(session: Session, message: Message, pieces: list[Any]) -> int | None:
    """The number of the one message that can be changed in place; None where it went out in pieces or not at all."""
    statement = select(Delivery).where(Delivery.message_id == message.id, Delivery.kind == "send")
    sent = session.scalars(statement).first()
    whole = sent is not None and sent.external_id is not None and ":" not in sent.external_id
    return message_number(sent) if whole and len(pieces) == 1 else None


def _quoted(session: Session, message: Message) -> int | None:
    """Telegram's number of the message that this one quotes."""
    if message.reply_to is None:
        return None
    statement = select(Message).where(
        Message.conversation_id == message.conversation_id, Message.seq == message.reply_to
    )
    quoted = session.scalars(statement).first()
    if quoted is not None and quoted.external_id:
        return int(quoted.external_id)
    sent = select(Delivery).where(_ROWS.message_id == (quoted.id if quoted is not None else None))
    row = session.scalars(sent.order_by(Delivery.id)).first()
    return message_number(row) if row is not None else None


def _sent_parts(row: Delivery) -> int:
    """How many pieces of a long text are out; `external_id` is then `count:message id`."""
    count, colon, _last = (row.external_id or "").partition(":")
    return int(count) if colon else 0

"""The message log: everything said, in order, written down before anything else happens to it."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from bot.database import utcnow
from bot.frontdesk import handoff_states, notifications
from bot.frontdesk.model import Conversation, Delivery, Message

MAX_TEXT = 8_000
"""Characters a customer may write in one message."""

TYPED_WITHIN = 10
"""How many messages back a typed title is looked for."""

_SCORE = re.compile(r"^(\d{1,2})\s*(?:(?:/|von|out of|of)\s*\d{1,2})?\s*(?:sterne?|stars?|punkte?|points?)?$", re.I)
"""A score as people write it: 4, 4/5, 9 von 10, 5 stars."""

PUSHED_CHANNELS = ("telegram",)
"""Channels that have to be sent to; the web fetches."""


class BadMessage(ValueError):
    """A message that cannot be taken; `code` names why: empty, too_long, no_such_button."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StaleButton(BadMessage):
    """A button that was used already or belongs to an earlier step."""

    def __init__(self) -> None:
        super().__init__("stale_button")


@dataclass(frozen=True)
class Reply:
    """What is to be said next in a conversation."""

    author: str
    text: str
    buttons: tuple[dict[str, str], ...] = ()
    author_name: str | None = None


def new_id() -> str:
    """An unguessable id of 32 hex digits."""
    return secrets.token_hex(16)


def clean(text: str) -> str:
    """A customer's text without control characters and invisible direction overrides; raises :class:`BadMessage`."""
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    kept = "".join(c for c in kept if c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069").strip()
    if not kept:
        raise BadMessage("empty")
    if len(kept) > MAX_TEXT:
        raise BadMessage("too_long")
    return kept


def open_conversation(session: Session, channel: str, language: str, key: str | None = None) -> Conversation:
    """The conversation of this address on this channel; a new one where there is none (always on the web)."""
    if key is not None:
        found = session.scalars(
            select(Conversation).where(Conversation.channel == channel, Conversation.channel_key == key)
        ).first()
        if found is not None:
            return found  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped
    conversation = Conversation(id=new_id(), channel=channel, channel_key=key, language=language, disclosed=[])
    session.add(conversation)
    session.flush()
    return conversation


def locked(session: Session, conversation_id: str) -> Conversation:
    """The conversation, locked for this transaction: sequence numbers and the holder change only under this lock."""
    statement = select(Conversation).where(Conversation.id == conversation_id).with_for_update()
    return session.scalars(statement.execution_options(populate_existing=True)).one()  # type: ignore[no-any-return]


def append(session: Session, conversation: Conversation, reply: Reply, **more: Any) -> Message:
    """Write one message into a locked conversation and, where the channel is pushed, into the outbox."""
    conversation.last_seq += 1
    conversation.last_at = utcnow()
    message = Message(
        id=new_id(),
        conversation_id=conversation.id,
        seq=conversation.last_seq,
        author=reply.author,
        author_name=reply.author_name,
        text=reply.text,
        buttons=list(reply.buttons),
        **more,
    )
    session.add(message)
    session.flush()
    if reply.author != "customer" and not message.internal and conversation.channel in PUSHED_CHANNELS:
        session.add(Delivery(message_id=message.id, conversation_id=conversation.id, channel=conversation.channel))
    return message


def receive(
    session: Session,
    conversation_id: str,
    *,
    text: str | None = None,
    payload: str | None = None,
    client_id: str | None = None,
    attachments: list[dict[str, Any]] | None = None,
) -> tuple[Message, bool]:
    """Write down what a customer sent. The same `client_id` again gives the same message and False.

    A `payload` must be one that we issued in this conversation and that is still live, else :class:`BadMessage`
    or :class:`StaleButton`.
    """
    conversation = locked(session, conversation_id)
    if client_id is not None and (known := sent_before(session, conversation_id, client_id)) is not None:
        return known, False
    if payload is not None:
        text = _press(session, conversation_id, payload)
    elif text and not attachments:
        text = clean(text)
        payload = _typed_button(session, conversation, text)
    elif text:
        text = clean(text) if text.strip() else ""
    elif not attachments:
        raise BadMessage("empty")
    message = append(
        session,
        conversation,
        Reply("customer", text or ""),
        payload=payload,
        client_id=client_id,
        attachments=attachments or [],
        state="new",
    )
    if conversation.holder == "nobody":
        conversation.holder = "bot"
    elif conversation.holder == "staff":
        handoff_states.customer_wrote(session, conversation, message)
        notifications.replied(session, conversation, message.seq)
    return message, True


def receive_file(
    session: Session,
    conversation_id: str,
    *,
    text: str,
    client_id: str | None,
    keep: Callable[[], dict[str, Any]],
) -> int:
    """Write down a file; `keep` stores it and is called only when the file is new and its caption is good."""
    conversation = locked(session, conversation_id)
    known = number_of(session, conversation.id, client_id)
    if known is not None:
        return known
    caption = clean(text) if text.strip() else ""
    message, _new = receive(session, conversation.id, text=caption, attachments=[keep()], client_id=client_id)
    return int(message.seq)


def is_client_id(value: object) -> bool:
    """Whether this may name a message: up to 64 characters that every database can store, or none."""
    return value is None or (isinstance(value, str) and 0 < len(value) <= 64 and value.isprintable())


def number_of(session: Session, conversation_id: str, client_id: str | None) -> int | None:
    """The number of the message that a client sent with this id before."""
    known = sent_before(session, conversation_id, client_id) if client_id is not None else None
    return int(known.seq) if known is not None else None


def sent_before(session: Session, conversation_id: str, client_id: str) -> Message | None:
    """The message that a client sent with this id before."""
    statement = select(Message).where(Message.conversation_id == conversation_id, Message.client_id == client_id)
    return session.scalars(statement).first()  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def _typed_button(session: Session, conversation: Conversation, text: str) -> str | None:
    """The payload of the button whose title was typed right after it was shown: "4" counts like pressing 4.

    Only the bot's own question counts, and only until the customer says something else.
    """
    if conversation.holder not in ("bot", "nobody"):
        return None
    recent = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.internal.is_(False))
        .order_by(Message.seq.desc())
        .limit(TYPED_WITHIN)
    )
    wanted = _SCORE.sub(r"\1", text.rstrip(".! ")).strip().casefold()
    for message in recent:
        if message.author == "customer":
            return None
        if not message.buttons:
            continue
        if message.buttons_used:
            return None
        for button in message.buttons:
            if button["title"].casefold() == wanted:
                message.buttons_used = True
                return str(button["payload"])
        return None
    return None


def _press(session: Session, conversation_id: str, payload: str) -> str:
    """Use the button with this payload; its title is what the customer said."""
    issued = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.author.in_(("bot", "system")))
        .order_by(Message.seq.desc())
    ).all()
    latest_with_buttons: Message | None = None
    for message in issued:
        if not message.buttons:
            continue
        latest_with_buttons = latest_with_buttons or message
        for button in message.buttons:
            if button["payload"] == payload:
                # An offer's buttons stay live until used; a question's end with the next question.
                answers_offer = "offer" in payload
                if message.buttons_used or (message is not latest_with_buttons and not answers_offer):
                    raise StaleButton
                message.buttons_used = True
                return str(button["title"])
    raise BadMessage("no_such_button")


def is_live(session: Session, message: Message) -> bool:
    """Whether a button of this message can still be pressed: an offer's until used, a question's until the next one."""
    if not message.buttons or message.buttons_used:
        return False
    if any("offer" in button["payload"] for button in message.buttons):
        return True
    later = select(Message).where(Message.conversation_id == message.conversation_id, Message.seq > message.seq)
    asked = later.where(Message.author.in_(("bot", "system")), cast(Message.buttons, String) != "[]")
    return session.scalars(asked.limit(1)).first() is None


def chosen(session: Session, message: Message) -> str:
    """The title of the button of this message that was used; empty where none was."""
    if not message.buttons_used:
        return ""
    payloads = {button["payload"]: button["title"] for button in message.buttons}
    answers = select(Message.payload).where(
        Message.conversation_id == message.conversation_id,
        Message.seq > message.seq,
        Message.author == "customer",
        Message.payload.in_(list(payloads)),
    )
    return str(payloads.get(session.scalars(answers.order_by(Message.seq).limit(1)).first(), ""))


def history(session: Session, conversation_id: str, after: int = 0, *, internal: bool = False) -> list[Message]:
    """The messages with `seq` > `after` in order; notes among staff only with `internal`."""
    statement = select(Message).where(Message.conversation_id == conversation_id, Message.seq > after)
    if not internal:
        statement = statement.where(Message.internal.is_(False))
    return list(session.scalars(statement.order_by(Message.seq)))


def changed(session: Session, conversation_id: str, upto: int) -> list[Message]:
    """The messages with `seq` <= `upto` whose words were changed after they were sent, or erased, in order."""
    gone = (Message.text == "") & (cast(Message.attachments, String) == "[]")
    statement = select(Message).where(
        Message.conversation_id == conversation_id, Message.seq <= upto, Message.edited_at.is_not(None) | gone
    )
    return list(session.scalars(statement.where(Message.internal.is_(False)).order_by(Message.seq)))


def is_erased(message: Message) -> bool:
    """Whether nothing is left of it: the row keeps its number only."""
    return not (message.text or message.attachments)


def as_json(message: Message) -> dict[str, Any]:
    """A message as the web chat API shows it."""
    at: dt.datetime = message.at
    return {
        "seq": message.seq,
        "at": at.isoformat(timespec="milliseconds"),
        "author": message.author,
        "author_name": message.author_name,
        "text": message.text,
        "buttons": [] if message.buttons_used else message.buttons,
        "attachments": message.attachments,
        "edited": message.edited_at is not None,
    }

"""Conversations, messages, handoffs, people at the desk: the tables of the front desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, relationship

from bot.database import Base, UtcTime, utcnow
from bot.search.index import Entry, follow

HOLDERS = ("bot", "queue", "staff", "nobody")
"""Who answers in a conversation; exactly one at any time. `nobody`: closed, the next message goes to the bot."""

ROLES = ("staff", "trainer", "lead", "admin", "auditor")

WRITERS = ("staff", "lead", "admin")
"""Who takes conversations. Trainers and auditors change nothing in conversations or cases."""

LEADS = ("lead", "admin")
"""Who takes what is passed up, and may move what a colleague holds."""


class Conversation(Base):
    """One customer on one channel. `channel_key` is the address there: a Telegram chat id; empty on the web."""

    __tablename__ = "conversations"
    __table_args__ = (UniqueConstraint("channel", "channel_key"),)

    id: Mapped[str] = Column(String(40), primary_key=True)
    channel: Mapped[str] = Column(String(16), nullable=False)
    channel_key: Mapped[str | None] = Column(String(64))
    language: Mapped[str] = Column(String(2), nullable=False, default="de")
    holder: Mapped[str] = Column(String(8), nullable=False, default="bot", index=True)
    last_seq: Mapped[int] = Column(Integer, nullable=False, default=0)
    disclosed: Mapped[list[str]] = Column(JSON, nullable=False, default=list)  # languages the AI was disclosed in
    trouble_told: Mapped[bool] = Column(Boolean, nullable=False, default=False)  # said once that we answer later
    created_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    last_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow, index=True)

    messages: Mapped[list[Message]] = relationship("Message", order_by="Message.seq", back_populates="conversation")


class Message(Base):
    """One message, in or out. `seq` counts from 1 within its conversation and never has a gap.

    `state` is for customers' messages: `new` (not answered yet), `answered`, `held` (a person has the conversation).
    """

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "seq"), UniqueConstraint("conversation_id", "client_id"))

    id: Mapped[str] = Column(String(32), primary_key=True)
    conversation_id: Mapped[str] = Column(ForeignKey("conversations.id"), nullable=False)
    seq: Mapped[int] = Column(Integer, nullable=False)
    at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    author: Mapped[str] = Column(String(8), nullable=False)  # customer | bot | staff | system
    author_name: Mapped[str | None] = Column(String(80))
    text: Mapped[str] = Column(Text, nullable=False, default="")
    payload: Mapped[str | None] = Column(String(500))
    buttons: Mapped[list[dict[str, Any]]] = Column(JSON, nullable=False, default=list)  # title, payload
    buttons_used: Mapped[bool] = Column(Boolean, nullable=False, default=False)
    attachments: Mapped[list[dict[str, Any]]] = Column(JSON, nullable=False, default=list)  # id, name, type, size
    internal: Mapped[bool] = Column(Boolean, nullable=False, default=False)  # a note among staff
    client_id: Mapped[str | None] = Column(String(64))
    state: Mapped[str] = Column(String(8), nullable=False, default="answered")
    tries: Mapped[int] = Column(Integer, nullable=False, default=0)
    understood: Mapped[dict[str, Any] | None] = Column(JSON)  # what the NLU made of it, for staff and trainers
    edited_at: Mapped[dt.datetime | None] = Column(UtcTime)
    reply_to: Mapped[int | None] = Column(Integer)  # seq of the message that this one quotes
    external_id: Mapped[str | None] = Column(String(64))  # the channel's own number of a customer's message

    conversation: Mapped[Conversation] = relationship("Conversation", back_populates="messages")


FOUND_AUTHORS = ("customer", "staff", "system")
"""Whose words are searched, notes included. The bot says the same to everybody: it would be found everywhere."""


def _to_find(message: Message) -> Entry:
    said = message.text if message.author in FOUND_AUTHORS else ""
    return Entry("message", message.id, message.conversation_id, message.at, said)


follow(Message, _to_find, ("text", "at"))

Index("ix_messages_state", Message.state, sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'"))


class Delivery(Base):
    """The outbox: a message that a channel has yet to push to its customer. The web fetches, so it has none."""

    __tablename__ = "outbox"

    id: Mapped[int] = Column(Integer, primary_key=True)
    message_id: Mapped[str] = Column(ForeignKey("messages.id"), nullable=False, index=True)
    conversation_id: Mapped[str] = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    channel: Mapped[str] = Column(String(16), nullable=False)
    kind: Mapped[str] = Column(String(8), nullable=False, default="send", server_default="send")  # send | edit
    buttons_shown: Mapped[bool] = Column(Boolean, nullable=False, default=False, server_default=false())
    attempts: Mapped[int] = Column(Integer, nullable=False, default=0)
    next_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow, index=True)
    done_at: Mapped[dt.datetime | None] = Column(UtcTime)
    external_id: Mapped[str | None] = Column(String(64))
    error: Mapped[str | None] = Column(String(200))  # why it was given up or is late


class TranscriptMail(Base):
    """A transcript that a customer wants by e-mail; gone once it was sent. What is in it is written when it leaves."""

    __tablename__ = "transcript_mails"

    id: Mapped[str] = Column(String(32), primary_key=True)
    conversation_id: Mapped[str] = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    asked_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    attempts: Mapped[int] = Column(Integer, nullable=False, default=0)
    next_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow, index=True)


class Handoff(Base):
    """A conversation passed to people. At most one is active (not ended) per conversation.

    Which step leads from which state to which is said in bot/frontdesk/handoff_states.py. `waiting_since` is the
    customer's first wait: no step sets it back.
    """

    __tablename__ = "handoffs"

    id: Mapped[str] = Column(String(32), primary_key=True)
    conversation_id: Mapped[str] = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    case_number: Mapped[str | None] = Column(String(16), index=True)
    state: Mapped[str] = Column(String(12), nullable=False, default="queued")
    state_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)  # since when it is in this state
    reason: Mapped[str] = Column(String(32), nullable=False)
    severity: Mapped[int] = Column(Integer, nullable=False, default=1)
    queue: Mapped[str] = Column(String(16), nullable=False, default="general")  # general | confidential
    team: Mapped[str | None] = Column(String(40))  # whose it is while it waits; empty: everybody's
    escalated_at: Mapped[dt.datetime | None] = Column(UtcTime)  # for a lead since then
    queued_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    waiting_since: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    unanswered_since: Mapped[dt.datetime | None] = Column(UtcTime)  # the customer waits for our words since then
    claimed_at: Mapped[dt.datetime | None] = Column(UtcTime)
    claimed_by: Mapped[int | None] = Column(ForeignKey("users.id"))
    holder_active_at: Mapped[dt.datetime | None] = Column(UtcTime)  # when the holder last did something in it
    snoozed_until: Mapped[dt.datetime | None] = Column(UtcTime)
    told_nobody_at: Mapped[dt.datetime | None] = Column(UtcTime)  # when the customer heard that nobody is free
    ended_at: Mapped[dt.datetime | None] = Column(UtcTime)
    note: Mapped[str | None] = Column(Text)  # what was agreed
    retold: Mapped[bool] = Column(Boolean, nullable=False, default=False)  # the dialogue knows what was said and agreed


Index(
    "uq_handoffs_active",
    Handoff.conversation_id,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)
Index("ix_handoffs_state", Handoff.state)


class HandoffEvent(Base):
    """The history of a handoff: each step, by whom, and why."""

    __tablename__ = "handoff_events"

    id: Mapped[int] = Column(Integer, primary_key=True)
    handoff_id: Mapped[str] = Column(ForeignKey("handoffs.id"), nullable=False, index=True)
    at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    who: Mapped[str] = Column(String(80), nullable=False)
    what: Mapped[str] = Column(String(24), nullable=False)
    note: Mapped[str | None] = Column(Text)


class Attachment(Base):
    """A file a customer sent, stored under its id in var/attachments, metadata stripped."""

    __tablename__ = "attachments"

    id: Mapped[str] = Column(String(32), primary_key=True)
    conversation_id: Mapped[str] = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    name: Mapped[str] = Column(String(120), nullable=False)
    type: Mapped[str] = Column(String(60), nullable=False)
    size: Mapped[int] = Column(Integer, nullable=False)
    at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)


class User(Base):
    """A person at the desk."""

    __tablename__ = "users"

    id: Mapped[int] = Column(Integer, primary_key=True)
    name: Mapped[str] = Column(String(80), nullable=False, unique=True)  # log-in and the name customers read
    role: Mapped[str] = Column(String(12), nullable=False, default="staff")
    password_hash: Mapped[str] = Column(String(200), nullable=False)
    language: Mapped[str] = Column(String(2), nullable=False, default="de")
    active: Mapped[bool] = Column(Boolean, nullable=False, default=True)
    confidential: Mapped[bool] = Column(Boolean, nullable=False, default=False)  # may see the confidential queue
    telegram_id: Mapped[int | None] = Column(BigInteger, unique=True)  # their account; also their private chat with us
    temporary_password: Mapped[bool] = Column(
        Boolean, nullable=False, default=False, server_default=false()
    )  # made by somebody else: another is chosen at the first log-in
    team: Mapped[str | None] = Column(String(40))  # workshop, shop, ...: conversations can be passed to a team
    desk_seen_at: Mapped[dt.datetime | None] = Column(UtcTime)  # the last sign of an open desk
    created_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)


class DeskSession(Base):
    """A log-in at the desk. Only the token's hash is stored."""

    __tablename__ = "desk_sessions"

    token_hash: Mapped[str] = Column(String(64), primary_key=True)
    user_id: Mapped[int] = Column(ForeignKey("users.id"), nullable=False, index=True)
    csrf: Mapped[str] = Column(String(64), nullable=False)
    device: Mapped[str] = Column(String(60), nullable=False, default="", server_default="")  # "Firefox, Linux"
    created_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    seen_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)


class TelegramCode(Base):
    """A code that links a user's Telegram account, once and for a short time. Only its hash is stored."""

    __tablename__ = "telegram_codes"

    code_hash: Mapped[str] = Column(String(64), primary_key=True)
    user_id: Mapped[int] = Column(ForeignKey("users.id"), nullable=False, index=True)
    until: Mapped[dt.datetime] = Column(UtcTime, nullable=False)


class Topic(Base):
    """A conversation's topic in the team's Telegram group: what stands there, so that it can be made to follow.

    `mirrored` is the seq up to which the conversation was carried into it; `handoff_id` whose package was posted.
    """

    __tablename__ = "topics"

    conversation_id: Mapped[str] = Column(ForeignKey("conversations.id"), primary_key=True)
    group_id: Mapped[int] = Column(BigInteger, nullable=False)
    thread_id: Mapped[int | None] = Column(Integer, index=True)  # empty until Telegram has made it
    title: Mapped[str | None] = Column(String(128))
    is_open: Mapped[bool] = Column(Boolean, nullable=False, default=True)
    unwanted: Mapped[bool] = Column(Boolean, nullable=False, default=False)  # erased or confidential: has to go
    handoff_id: Mapped[str | None] = Column(ForeignKey("handoffs.id"))
    status: Mapped[str | None] = Column(Text)  # the pinned line, as it stands there
    status_post: Mapped[int | None] = Column(Integer)
    mirrored: Mapped[int] = Column(Integer, nullable=False, default=0)
    posting: Mapped[list[dict[str, Any]]] = Column(JSON, nullable=False, default=list)  # pieces still to be posted
    attempts: Mapped[int] = Column(Integer, nullable=False, default=0)
    next_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    error: Mapped[str | None] = Column(String(200))  # why it is late


class TopicPost(Base):
    """Which post in a topic is which message: for replies and edits, and so that nothing is carried back."""

    __tablename__ = "topic_posts"

    id: Mapped[int] = Column(Integer, primary_key=True)
    conversation_id: Mapped[str] = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    message_id: Mapped[str] = Column(ForeignKey("messages.id"), nullable=False, index=True)
    post: Mapped[int] = Column(Integer, nullable=False)  # Telegram's number of it in the group
    by_staff: Mapped[bool] = Column(Boolean, nullable=False, default=False)  # written there by a person


class StaffUpdate(Base):
    """An update from the team's group that was done: the same one again does nothing."""

    __tablename__ = "staff_updates"

    update_id: Mapped[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)

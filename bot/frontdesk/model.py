"""Conversations, messages, handoffs, people at the desk: the tables of the front desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import relationship

from bot.database import Base, UtcTime, utcnow

HOLDERS = ("bot", "queue", "staff", "nobody")
"""Who answers in a conversation; exactly one at any time. `nobody`: closed, the next message goes to the bot."""

ROLES = ("staff", "trainer", "lead", "admin", "auditor")


class Conversation(Base):
    """One customer on one channel. `channel_key` is the address there: a Telegram chat id; empty on the web."""

    __tablename__ = "conversations"
    __table_args__ = (UniqueConstraint("channel", "channel_key"),)

    id: str = Column(String(40), primary_key=True)
    channel: str = Column(String(16), nullable=False)
    channel_key: str | None = Column(String(64))
    language: str = Column(String(2), nullable=False, default="de")
    holder: str = Column(String(8), nullable=False, default="bot", index=True)
    last_seq: int = Column(Integer, nullable=False, default=0)
    disclosed: list[str] = Column(JSON, nullable=False, default=list)  # languages the AI was disclosed in
    trouble_told: bool = Column(Boolean, nullable=False, default=False)  # said once that we answer later
    created_at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)
    last_at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow, index=True)

    messages: list[Message] = relationship("Message", order_by="Message.seq", back_populates="conversation")


class Message(Base):
    """One message, in or out. `seq` counts from 1 within its conversation and never has a gap.

    `state` is for customers' messages: `new` (not answered yet), `answered`, `held` (a person has the conversation).
    """

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "seq"), UniqueConstraint("conversation_id", "client_id"))

    id: str = Column(String(32), primary_key=True)
    conversation_id: str = Column(ForeignKey("conversations.id"), nullable=False)
    seq: int = Column(Integer, nullable=False)
    at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)
    author: str = Column(String(8), nullable=False)  # customer | bot | staff | system
    author_name: str | None = Column(String(80))
    text: str = Column(Text, nullable=False, default="")
    payload: str | None = Column(String(500))
    buttons: list[dict[str, Any]] = Column(JSON, nullable=False, default=list)  # title, payload
    buttons_used: bool = Column(Boolean, nullable=False, default=False)
    attachments: list[dict[str, Any]] = Column(JSON, nullable=False, default=list)  # id, name, type, size
    internal: bool = Column(Boolean, nullable=False, default=False)  # a note among staff
    client_id: str | None = Column(String(64))
    state: str = Column(String(8), nullable=False, default="answered")
    tries: int = Column(Integer, nullable=False, default=0)
    understood: dict[str, Any] | None = Column(JSON)  # what the NLU made of it, for staff and trainers
    edited_at: dt.datetime | None = Column(UtcTime)

    conversation: Conversation = relationship("Conversation", back_populates="messages")


Index("ix_messages_state", Message.state, sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'"))


class Delivery(Base):
    """The outbox: a message that a channel has yet to push to its customer. The web fetches, so it has none."""

    __tablename__ = "outbox"

    id: int = Column(Integer, primary_key=True)
    message_id: str = Column(ForeignKey("messages.id"), nullable=False, index=True)
    conversation_id: str = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    channel: str = Column(String(16), nullable=False)
    attempts: int = Column(Integer, nullable=False, default=0)
    next_at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow, index=True)
    done_at: dt.datetime | None = Column(UtcTime)
    external_id: str | None = Column(String(64))
    error: str | None = Column(String(200))  # why it was given up or is late


class Handoff(Base):
    """A conversation passed to people. At most one is active (queued, claimed) per conversation."""

    __tablename__ = "handoffs"

    id: str = Column(String(32), primary_key=True)
    conversation_id: str = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    case_number: str | None = Column(String(16), index=True)
    state: str = Column(String(12), nullable=False, default="queued")  # claimed | returned | resolved
    reason: str = Column(String(32), nullable=False)
    severity: int = Column(Integer, nullable=False, default=1)
    queue: str = Column(String(16), nullable=False, default="general")  # general | confidential
    queued_at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)
    waiting_since: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)
    claimed_at: dt.datetime | None = Column(UtcTime)
    claimed_by: int | None = Column(ForeignKey("users.id"))
    told_nobody_at: dt.datetime | None = Column(UtcTime)  # when the customer heard that nobody is free
    ended_at: dt.datetime | None = Column(UtcTime)
    note: str | None = Column(Text)  # what was agreed


Index(
    "uq_handoffs_active",
    Handoff.conversation_id,
    unique=True,
    sqlite_where=text("state IN ('queued', 'claimed')"),
    postgresql_where=text("state IN ('queued', 'claimed')"),
)


class HandoffEvent(Base):
    """The history of a handoff: queued, claimed, returned, resolved, absent, and by whom."""

    __tablename__ = "handoff_events"

    id: int = Column(Integer, primary_key=True)
    handoff_id: str = Column(ForeignKey("handoffs.id"), nullable=False, index=True)
    at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)
    who: str = Column(String(80), nullable=False)
    what: str = Column(String(24), nullable=False)
    note: str | None = Column(Text)


class Attachment(Base):
    """A file a customer sent, stored under its id in var/attachments, metadata stripped."""

    __tablename__ = "attachments"

    id: str = Column(String(32), primary_key=True)
    conversation_id: str = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    name: str = Column(String(120), nullable=False)
    type: str = Column(String(60), nullable=False)
    size: int = Column(Integer, nullable=False)
    at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)


class User(Base):
    """A person at the desk."""

    __tablename__ = "users"

    id: int = Column(Integer, primary_key=True)
    name: str = Column(String(80), nullable=False, unique=True)  # log-in and the name customers read
    role: str = Column(String(12), nullable=False, default="staff")
    password_hash: str = Column(String(200), nullable=False)
    language: str = Column(String(2), nullable=False, default="de")
    active: bool = Column(Boolean, nullable=False, default=True)
    confidential: bool = Column(Boolean, nullable=False, default=False)  # may see the confidential queue
    created_at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)


class DeskSession(Base):
    """A log-in at the desk. Only the token's hash is stored."""

    __tablename__ = "desk_sessions"

    token_hash: str = Column(String(64), primary_key=True)
    user_id: int = Column(ForeignKey("users.id"), nullable=False, index=True)
    csrf: str = Column(String(64), nullable=False)
    created_at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)
    seen_at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)

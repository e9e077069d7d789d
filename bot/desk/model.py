"""What the desk keeps for the people who work at it: accounts, views of the case list, mentions."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from bot.database import Base, UtcTime, utcnow


class SecondFactor(Base):
    """A TOTP secret (RFC 6238) that somebody's app knows, too. It counts once it is confirmed."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = Column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    secret: Mapped[str] = Column(String(64), nullable=False)
    confirmed_at: Mapped[dt.datetime | None] = Column(UtcTime)
    last_step: Mapped[int] = Column(Integer, nullable=False, default=0)  # of the last code used: none works twice
    tries: Mapped[int] = Column(Integer, nullable=False, default=0)  # wrong codes since the last right one
    tried_at: Mapped[dt.datetime | None] = Column(UtcTime)


class RecoveryCode(Base):
    """A code for when the phone is lost, usable once. Only its hash is stored."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = Column(String(64), primary_key=True)
    user_id: Mapped[int] = Column(ForeignKey("users.id"), nullable=False, index=True)
    used_at: Mapped[dt.datetime | None] = Column(UtcTime)


class SavedView(Base):
    """Filters of the case list under a name of one's own. `filters` as they stand in the address."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = Column(Integer, primary_key=True)
    user_id: Mapped[int] = Column(ForeignKey("users.id"), nullable=False)
    name: Mapped[str] = Column(String(60), nullable=False)
    filters: Mapped[dict[str, str]] = Column(JSON, nullable=False)
    made_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)


class AccountEvent(Base):
    """What was done to an account, when and by whom: a colleague, or `erstkontakt` for the command line."""

    __tablename__ = "account_events"

    id: Mapped[int] = Column(Integer, primary_key=True)
    user_id: Mapped[int] = Column(ForeignKey("users.id"), nullable=False, index=True)
    at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    who: Mapped[str] = Column(String(80), nullable=False)
    what: Mapped[str] = Column(String(24), nullable=False)
    value: Mapped[str | None] = Column(String(80))


class Mention(Base):
    """A note names somebody. `seen_at`: when that person opened the conversation after it."""

    __tablename__ = "mentions"
    __table_args__ = (UniqueConstraint("message_id", "user_id"),)

    id: Mapped[int] = Column(Integer, primary_key=True)
    user_id: Mapped[int] = Column(ForeignKey("users.id"), nullable=False, index=True)
    message_id: Mapped[str] = Column(ForeignKey("messages.id"), nullable=False)
    conversation_id: Mapped[str] = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    seen_at: Mapped[dt.datetime | None] = Column(UtcTime)

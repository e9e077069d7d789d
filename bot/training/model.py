"""What trainers leave behind: corrections by staff, every change of the examples, and what has been dealt with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped

from bot.database import Base, UtcTime, utcnow


class Correction(Base):
    """A member of staff says what a customer's message meant. `text` is masked; `label` as in bot.training.label."""

    __tablename__ = "corrections"

    id: Mapped[int] = Column(Integer, primary_key=True)
    message_id: Mapped[str] = Column(ForeignKey("messages.id"), nullable=False, unique=True)
    at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    who: Mapped[str] = Column(String(80), nullable=False)
    text: Mapped[str] = Column(Text, nullable=False)
    label: Mapped[dict[str, Any]] = Column(JSON, nullable=False)


class ExampleChange(Base):
    """One example written into data/nlu, by whom; taken out again where `undone_at` is set."""

    __tablename__ = "example_changes"

    id: Mapped[int] = Column(Integer, primary_key=True)
    at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    who: Mapped[str] = Column(String(80), nullable=False)
    file: Mapped[str] = Column(String(120), nullable=False)  # below data/nlu, for example de/greet.yml
    text: Mapped[str] = Column(Text, nullable=False)  # as it stands in the file, entities marked
    label: Mapped[dict[str, Any]] = Column(JSON, nullable=False)
    undone_at: Mapped[dt.datetime | None] = Column(UtcTime)
    undone_by: Mapped[str | None] = Column(String(80))


class InboxMark(Base):
    """A message that needs no more attention: labelled (`change_id`) or put aside (none)."""

    __tablename__ = "inbox_marks"

    message_id: Mapped[str] = Column(ForeignKey("messages.id"), primary_key=True)
    at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    who: Mapped[str] = Column(String(80), nullable=False)
    change_id: Mapped[int | None] = Column(ForeignKey("example_changes.id"))

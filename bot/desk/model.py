"""The second factor of somebody's account: tables of the desk."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped

from bot.database import Base, UtcTime


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

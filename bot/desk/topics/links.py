"""Whose Telegram account it is: a user of the desk is linked by a code that works once and not for long."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.frontdesk.model import TelegramCode, User

START = "link_"
"""What a code begins with in `/start link_CODE`, so that no order number is taken for one."""

VALID = dt.timedelta(minutes=15)


def offer(session: Session, user: User, now: dt.datetime) -> str:
    """A new code for this user, valid for :data:`VALID`; codes that they were given before end."""
    session.execute(delete(TelegramCode).where((TelegramCode.user_id == user.id) | (TelegramCode.until <= now)))
    code = secrets.token_urlsafe(24)
    session.add(TelegramCode(code_hash=_hash(code), user_id=user.id, until=now + VALID))
    return code


def link(session: Session, code: str, telegram_id: int, now: dt.datetime) -> User | None:
    """Use a code: the account is this user's from now on and nobody else's. None where the code is not valid."""
    found = session.get(TelegramCode, _hash(code), with_for_update=True)
    if found is None or found.until <= now:
        return None
    session.delete(found)
    user = session.get(User, found.user_id)
    if user is None or not user.active:
        return None
    session.execute(update(User).where(User.telegram_id == telegram_id).values(telegram_id=None))
    user.telegram_id = telegram_id
    return user  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def unlink(user: User) -> None:
    """This user cannot act in Telegram any more."""
    user.telegram_id = None


def linked(session: Session, telegram_id: int) -> User | None:
    """The user whose account it is, if they still work here."""
    return session.scalars(select(User).where(User.telegram_id == telegram_id, User.active.is_(True))).first()  # type: ignore[no-any-return]


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()

"""The people at the desk: made, checked, locked out. The command line uses the same functions."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.frontdesk import handoff
from bot.frontdesk.model import ROLES, DeskSession, Handoff, User

MIN_PASSWORD = 8
"""Characters; NIST SP 800-63B asks for no rules about kinds of characters."""

MAX_PASSWORD = 256
MAX_NAME = 80

_hasher = PasswordHasher()


class BadUser(ValueError):
    """A user who cannot be made; the message says what to change."""


def add_user(
    session: Session, name: str, role: str, password: str, *, language: str = "de", confidential: bool = False
) -> User:
    """A new user. `name` is the log-in and what customers read; `confidential` opens the confidential queue.

    Raises :class:`BadUser` for an unknown role, a name that is empty, too long or taken, or a short password.
    """
    name = name.strip()
    if role not in ROLES:
        raise BadUser(f"there is no role {role!r}: choose one of {', '.join(ROLES)}")
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise BadUser(f"a name has 1 to {MAX_NAME} printable characters")
    if find_user(session, name) is not None:
        raise BadUser(f"there is a user {name!r} already: choose another name")
    user = User(name=name, role=role, password_hash=hash_password(password))
    user.language, user.confidential = language, confidential
    session.add(user)
    session.flush()
    return user


def find_user(session: Session, name: str) -> User | None:
    """The user with exactly this name."""
    return session.scalars(select(User).where(User.name == name)).first()  # type: ignore[no-any-return]


def hash_password(password: str) -> str:
    """The argon2id hash of a password; :class:`BadUser` when it is too short or too long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise BadUser(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    return _hasher.hash(password)


def check_password(user: User | None, password: str) -> bool:
    """Whether this is the password of an active user. Takes as long for somebody who does not exist.

    Slow on purpose (argon2): call it outside of a transaction.
    """
    known = user.password_hash if user is not None else _nobody()
    try:
        right = _hasher.verify(known, password[: MAX_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False
    return right and user is not None and bool(user.active)


def set_password(session: Session, user: User, password: str) -> None:
    """A new password; whoever is logged in with the old one is logged out."""
    user.password_hash = hash_password(password)
    _end_sessions(session, user)


def deactivate(session: Session, user: User) -> list[str]:
    """Lock a user out at once. Their conversations go back to the queue: nobody who waits is forgotten.

    Returns the ids of those conversations.
    """
    user.active = False
    _end_sessions(session, user)
    held = session.scalars(select(Handoff).where(Handoff.claimed_by == user.id, Handoff.state == "claimed")).all()
    for claimed in held:
        handoff.release(session, claimed.id, user, "deactivated")
    return [claimed.conversation_id for claimed in held]


def _end_sessions(session: Session, user: User) -> None:
    session.execute(delete(DeskSession).where(DeskSession.user_id == user.id))


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that no password fits, to compare with when there is no such user."""
    return _hasher.hash("nobody has this password \x00")

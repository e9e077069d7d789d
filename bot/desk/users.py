"""The people at the desk: made, checked, locked out. The command line uses the same functions."""

from __future__ import annotations

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import sessions
from bot.desk.model import AccountEvent
from bot.desk.wording import LANGUAGES
from bot.frontdesk import absence
from bot.frontdesk.model import ROLES, WRITERS, User

MIN_PASSWORD = 8
"""Characters; NIST SP 800-63B asks for no rules about kinds of characters."""

MAX_PASSWORD = 256
MAX_NAME = 80
MAX_TEAM = 40

_hasher = PasswordHasher()


class BadUser(ValueError):
    """An account cannot be like this; the message says what to change. `code`: role, language, name, taken, password,
    team or last_admin."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def add_user(
    session: Session,
    name: str,
    role: str,
    password: str,
    *,
    language: str = "de",
    confidential: bool = False,
    by: str = "erstkontakt",
    temporary: bool = False,
) -> User:
    """A new user. `name` is the log-in and what customers read; `confidential` opens the confidential queue.

    Raises :class:`BadUser` for an unknown role or language, a name that is empty, too long or taken, or a short
    password. A `temporary` password opens the desk only for choosing another.
    """
    name = name.strip()
    if role not in ROLES:
        raise BadUser("role", f"there is no role {role!r}: choose one of {', '.join(ROLES)}")
    if language not in LANGUAGES:
        raise BadUser("language", f"the desk does not speak {language!r}: choose one of {', '.join(LANGUAGES)}")
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise BadUser("name", f"a name has 1 to {MAX_NAME} printable characters")
    if find_user(session, name) is not None:
        raise BadUser("taken", f"there is a user {name!r} already: choose another name")
    user = User(name=name, role=role, password_hash=hash_password(password))
    user.language, user.confidential, user.temporary_password = language, confidential, temporary
    session.add(user)
    session.flush()
    record(session, user, by, "added", role)
    return user


def find_user(session: Session, name: str) -> User | None:
    """The user with exactly this name."""
    return session.scalars(select(User).where(User.name == name)).first()  # type: ignore[no-any-return]


def hash_password(password: str) -> str:
    """The argon2id hash of a password; :class:`BadUser` when it is too short or too long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise BadUser("password", f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters")
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


def set_password(
    session: Session, user: User, password: str, *, by: str, temporary: bool = False, keep: str | None = None
) -> None:
    """A new password; whoever is logged in with the old one is logged out, but for the session `keep` (its hash).

    A `temporary` one opens the desk only for choosing another.
    """
    user.password_hash, user.temporary_password = hash_password(password), temporary
    sessions.end_all(session, user.id, keep=keep)
    record(session, user, by, "password")


def new_password() -> str:
    """A random password (90 bits), to be told to somebody once."""
    return secrets.token_urlsafe(11)


def change(
    session: Session,
    user: User,
    *,
    by: str,
    role: str | None = None,
    language: str | None = None,
    confidential: bool | None = None,
    team: str | None = None,
) -> list[str]:
    """Another role, language of the desk, right to the confidential queue or team ("" for none).

    Counts from the next click on. Whoever takes no conversations any more gives theirs back to the queue: their ids.
    Raises :class:`BadUser` for an unknown role or language, a bad name of a team, and for the last admin.
    """
    team = team.strip() if team is not None else None
    if role is not None and role not in ROLES:
        raise BadUser("role", f"there is no role {role!r}: choose one of {', '.join(ROLES)}")
    if language is not None and language not in LANGUAGES:
        raise BadUser("language", f"the desk does not speak {language!r}: choose one of {', '.join(LANGUAGES)}")
    if role is not None and role != "admin":
        _not_the_last_admin(session, user)
    if team and (len(team) > MAX_TEAM or not team.isprintable()):
        raise BadUser("team", f"the name of a team has up to {MAX_TEAM} printable characters")
    wanted = {"role": role, "language": language, "confidential": confidential, "team": team}
    for name, value in wanted.items():
        if value is not None and value != (getattr(user, name) or ""):
            setattr(user, name, value if value != "" else None)
            record(session, user, by, name, str(value))
    return absence.deactivated(session, user) if user.role not in WRITERS else []


def deactivate(session: Session, user: User, *, by: str) -> list[str]:
    """Lock a user out at once. Their conversations go back to the queue: nobody who waits is forgotten.

    Returns the ids of those conversations. Raises :class:`BadUser` for the last admin.
    """
    _not_the_last_admin(session, user)
    user.active = False
    sessions.end_all(session, user.id)
    record(session, user, by, "locked")
    return absence.deactivated(session, user)


def activate(session: Session, user: User, *, by: str) -> None:
    """Let somebody in again, with the password and rights of before."""
    if not user.active:
        user.active = True
        record(session, user, by, "unlocked")


def record(session: Session, user: User, by: str, what: str, value: str | None = None) -> None:
    """One line in the history of an account."""
    session.add(AccountEvent(user_id=user.id, who=by, what=what, value=value))


def history(session: Session, user: User) -> list[AccountEvent]:
    """What was done to an account, the newest first."""
    statement = select(AccountEvent).where(AccountEvent.user_id == user.id)
    return list(session.scalars(statement.order_by(AccountEvent.id.desc()).limit(50)))


def _not_the_last_admin(session: Session, user: User) -> None:
    """Somebody must always be able to let others in. The admins are locked, so two cannot demote each other."""
    admins = (
        select(User)
        .where(User.role == "admin", User.active.is_(True))
        .order_by(User.id)
        .with_for_update(key_share=True)
    )
    if [admin.id for admin in session.scalars(admins)] == [user.id]:
        raise BadUser("last_admin", "this is the last admin: make somebody else admin first")


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that no password fits, to compare with when there is no such user."""
    return _hasher.hash("nobody has this password \x00")

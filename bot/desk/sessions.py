"""Who is logged in: cookie tokens of which only the hash is stored, and how often somebody may guess."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from bot.database import utcnow
from bot.frontdesk import absence
from bot.frontdesk.model import DeskSession, User

COOKIE = "desk_session"
IDLE = dt.timedelta(hours=12)
LONGEST = dt.timedelta(days=7)
_NOTICE = dt.timedelta(minutes=5)  # `seen_at` is written at most this often

FAILURES = 5
FAILURE_WINDOW = 300.0
"""Seconds in which :data:`FAILURES` wrong passwords for one name from one address end the guessing."""

WIDELY = 50
"""So many wrong passwords end it for a name from all addresses together, and for an address with all names."""

_MAX_KEYS = 20_000

# The first sign that is found decides: Edge also names Chrome, and Chrome also names Safari.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True)
class SignedIn:
    """A valid session: who, and the token that every form must carry."""

    user: User
    token_hash: str
    csrf: str


def start(session: Session, user: User, device: str = "") -> str:
    """Log a user in; returns the cookie's token, which is stored nowhere. Old sessions are cleared away.

    `device` is what the user recognises this session by, see :func:`device_of`.
    """
    now = utcnow()
    session.execute(
        delete(DeskSession).where(or_(DeskSession.seen_at < now - IDLE, DeskSession.created_at < now - LONGEST))
    )
    token = secrets.token_urlsafe(32)
    csrf = secrets.token_urlsafe(32)
    session.add(DeskSession(token_hash=hash_token(token), user_id=user.id, csrf=csrf, device=device))
    session.flush()
    return token


def find(session: Session, token_hash: str, *, touch: bool = True) -> SignedIn | None:
    """The session with this hash, unless it ended, ran out, or its user was deactivated.

    `touch=False` for open event streams: watching alone does not keep anybody logged in.
    """
    found = session.get(DeskSession, token_hash)
    if found is None:
        return None
    now = utcnow()
    user = session.get(User, found.user_id)
    if user is None or not user.active or found.seen_at < now - IDLE or found.created_at < now - LONGEST:
        session.delete(found)
        return None
    if touch:
        absence.seen(user, now)
    if touch and found.seen_at < now - _NOTICE:
        found.seen_at = now
    return SignedIn(user, token_hash, found.csrf)


def end(session: Session, token_hash: str) -> None:
    """Log out."""
    session.execute(delete(DeskSession).where(DeskSession.token_hash == token_hash))


def end_all(session: Session, user_id: int, *, keep: str | None = None) -> int:
    """End all sessions of a user, but for the one with the hash `keep`; how many they were."""
    mine = delete(DeskSession).where(DeskSession.user_id == user_id)
    if keep is not None:
        mine = mine.where(DeskSession.token_hash != keep)
    return int(session.execute(mine).rowcount)


def of(session: Session, user_id: int) -> list[DeskSession]:
    """The sessions of a user that have not run out, the last seen first."""
    now = utcnow()
    alive = select(DeskSession).where(
        DeskSession.user_id == user_id, DeskSession.seen_at >= now - IDLE, DeskSession.created_at >= now - LONGEST
    )
    return list(session.scalars(alive.order_by(DeskSession.seen_at.desc())))


def device_of(user_agent: str) -> str:
    """What a person recognises a browser by: "Firefox, Linux". Versions and everything else are left out."""
    found = [next((name for sign, name in kind if sign in user_agent), "") for kind in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, found))


def hash_token(token: str) -> str:
    """What is stored of a token: 64 hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()


class Guesses:
    """Counts tries to log in. A try is counted before the password is looked at, so parallel guesses gain nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: dict[str, deque[float]] = {}

    def allow(self, key: str, most: int = FAILURES) -> bool:
        """Count one more try of `key`; False when there were `most` already."""
        now = self._clock()
        if len(self._tries) > _MAX_KEYS:
            self._tries = {k: t for k, t in self._tries.items() if t and t[-1] > now - FAILURE_WINDOW}
        tries = self._tries.setdefault(key, deque())
        while tries and tries[0] <= now - FAILURE_WINDOW:
            tries.popleft()
        if len(tries) >= most:
            return False
        tries.append(now)
        return True

    def take_back(self, key: str) -> None:
        """This try was right, which says nothing about the others that count together with it."""
        if self._tries.get(key):
            self._tries[key].pop()

    def forget(self, key: str) -> None:
        """The password was right: earlier slips do not count."""
        self._tries.pop(key, None)

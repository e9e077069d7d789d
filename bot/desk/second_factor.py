"""The second factor at log-in: a code from an authenticator app (TOTP, RFC 6238), or a recovery code.

A code works once, also when two requests bring it at the same moment. Wrong codes are counted in the database, so
restarts and several front desks give nobody more guesses.
"""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from typing import Literal

import pyotp
import segno
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.desk.model import RecoveryCode, SecondFactor
from bot.desk.sessions import hash_token
from bot.frontdesk.model import User

TRIES = 5
PAUSE = dt.timedelta(minutes=5)
"""After :data:`TRIES` wrong codes no code is looked at until so long after the last one."""

DRIFT = 1
"""Steps of 30 seconds that a phone's clock may be off, either way."""

RECOVERY_CODES = 10

Outcome = Literal["right", "wrong", "too_many"]


class NoSecondFactor(LookupError):
    """There is nothing to confirm or to check: set it up first."""


def is_on(session: Session, user: User) -> bool:
    """Whether this person needs a code to log in."""
    factor = session.get(SecondFactor, user.id)
    return factor is not None and factor.confirmed_at is not None


def begin(session: Session, user: User) -> str:
    """A new secret to scan; it counts from :func:`confirm` on. One that counts already is left alone."""
    factor = session.get(SecondFactor, user.id)
    if factor is None:
        factor = SecondFactor(user_id=user.id, secret=pyotp.random_base32())
        session.add(factor)
    return str(factor.secret)


def pending(session: Session, user: User) -> str | None:
    """The secret that waits to be confirmed."""
    factor = session.get(SecondFactor, user.id)
    return factor.secret if factor is not None and factor.confirmed_at is None else None


def confirm(session: Session, user: User, code: str, now: dt.datetime) -> tuple[Outcome, list[str]]:
    """The first code from the app: right, the second factor counts from now on. With it come the recovery codes."""
    if pending(session, user) is None:
        raise NoSecondFactor
    outcome = check(session, user, code, now)
    if outcome != "right":
        return outcome, []
    session.get(SecondFactor, user.id).confirmed_at = now
    return outcome, new_recovery_codes(session, user)


def check(session: Session, user: User, code: str, now: dt.datetime) -> Outcome:
    """Whether `code` (from the app, or a recovery code) is right. It is used up by that."""
    factor = session.get(SecondFactor, user.id, with_for_update=True, populate_existing=True)
    if factor is None:
        raise NoSecondFactor
    if factor.tried_at is not None and now - factor.tried_at >= PAUSE:
        factor.tries = 0
    if factor.tries >= TRIES:
        return "too_many"
    plain = "".join(code.split()).replace("-", "").upper()
    if _is_totp(factor, plain, now) or _is_recovery(session, user, plain, now):
        factor.tries = 0
        return "right"
    factor.tries, factor.tried_at = factor.tries + 1, now
    return "wrong"


def new_recovery_codes(session: Session, user: User) -> list[str]:
    """Ten new codes (80 bits each), which are shown once; those of before are void."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(code_hash=hash_token(code), user_id=user.id) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def recovery_codes_left(session: Session, user: User) -> int:
    """How many recovery codes still work."""
    left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user.id)
    return int(session.execute(left.where(RecoveryCode.used_at.is_(None))).scalar_one())


def remove(session: Session, user: User) -> None:
    """Without a second factor again: switched off, or the phone is lost and the codes, too."""
    for table in (RecoveryCode, SecondFactor):
        session.execute(delete(table).where(table.user_id == user.id))


def picture(secret: str, user: User, issuer: str) -> str:
    """The secret as a QR code for the app: an SVG without styles, black on white in dark mode, too."""
    address = pyotp.TOTP(secret).provisioning_uri(name=user.name, issuer_name=issuer)
    return str(segno.make(address, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff"))


def _is_totp(factor: SecondFactor, code: str, now: dt.datetime) -> bool:
    totp = pyotp.TOTP(factor.secret)
    step = totp.timecode(now)
    for possible in range(step - DRIFT, step + DRIFT + 1):
        if possible > factor.last_step and secrets.compare_digest(totp.generate_otp(possible).encode(), code.encode()):
            factor.last_step = possible
            return True
    return False


def _is_recovery(session: Session, user: User, code: str, now: dt.datetime) -> bool:
    used = update(RecoveryCode).where(
        RecoveryCode.code_hash == hash_token(code), RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
    )
    done = session.execute(used.values(used_at=now).execution_options(synchronize_session=False))
    return bool(done.rowcount)

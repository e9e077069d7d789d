"""One's own account: password, second factor, sessions. How one is told of things is in bot/desk/notices/choices.py."""

from __future__ import annotations

import asyncio
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.database import utcnow
from bot.desk import second_factor, sessions, users
from bot.desk.context import PREFIX
from bot.desk.guard import Refused, Visit
from bot.desk.notices import choices
from bot.frontdesk.model import User
from bot.policies import current_policy

HERE = f"{PREFIX}/me"

DONE = ("password", "factor_off", "sessions", "notices", "mail", "telegram_off")
"""What a page says after it was done: the key of a sentence, `me_done_...`."""


async def show(visit: Visit) -> Response:
    """Everything about one's own account on one page."""
    done = visit.request.query_params.get("done", "")
    values = await visit.run(_account, visit)
    return visit.page("me.html", here="me", done=done if done in DONE else "", **values)


async def change_password(visit: Visit) -> Response:
    """Another password (fields `old`, `new`). Other sessions end, this one stays."""
    await _prove(visit, visit.fields.get("old", ""))
    if visit.fields.get("new") == visit.fields.get("old"):
        raise Refused(400, "error_same_password")
    try:
        await visit.run(_set_password, visit.user.id, visit.fields.get("new", ""), visit.token_hash)
    except users.BadUser as bad:
        raise Refused(400, f"error_user_{bad.code}") from bad
    return visit.done(f"{HERE}?done=password")


async def begin_factor(visit: Visit) -> Response:
    """A QR code to scan; nothing counts before it was confirmed with a code."""
    await visit.run(second_factor.begin, visit.user)
    return visit.done(f"{HERE}#factor")


async def confirm_factor(visit: Visit) -> Response:
    """The first code from the app (field `code`) switches the second factor on and shows the recovery codes."""
    try:
        outcome, codes = await visit.run(_confirm, visit.user.id, visit.fields.get("code", "")[:40])
    except second_factor.NoSecondFactor as nothing:
        raise Refused(409, "error_no_factor") from nothing
    _expect_right(outcome)
    return visit.page("recovery_codes.html", here="me", codes=codes)


async def new_codes(visit: Visit) -> Response:
    """Recovery codes anew (field `password`); the old ones are void."""
    await _prove(visit, visit.fields.get("password", ""))
    codes = await visit.run(_new_codes, visit.user.id)
    return visit.page("recovery_codes.html", here="me", codes=codes)


async def remove_factor(visit: Visit) -> Response:
    """Off again (field `password`)."""
    await _prove(visit, visit.fields.get("password", ""))
    await visit.run(_remove_factor, visit.user.id)
    return visit.done(f"{HERE}?done=factor_off#factor")


async def end_sessions(visit: Visit) -> Response:
    """End one session (field `session`) or, without it, all but this one."""
    await visit.run(_end_sessions, visit, visit.fields.get("session", ""))
    return visit.done(f"{HERE}?done=sessions#sessions")


async def _prove(visit: Visit, password: str) -> None:
    """The password once more: an open browser alone changes no keys."""
    key = f"me {visit.user.id}"
    if not visit.desk.guesses.allow(key):
        raise Refused(429, "error_too_many_guesses")
    if not await asyncio.to_thread(users.check_password, visit.user, password):
        raise Refused(403, "error_own_password")
    visit.desk.guesses.forget(key)


def _expect_right(outcome: second_factor.Outcome) -> None:
    if outcome != "right":
        raise Refused(*((429, "error_too_many_guesses") if outcome == "too_many" else (403, "error_code")))


def _account(session: Session, visit: Visit) -> dict[str, Any]:
    user = visit.user
    secret = second_factor.pending(session, user)
    scan = {}
    if secret is not None:
        issuer = current_policy().company.name
        spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        # Markup: drawn by us, nothing of it was typed by anybody.
        scan = {"picture": Markup(second_factor.picture(secret, user, issuer)), "secret": spaced}
    return {
        "me": user,
        "factor": second_factor.is_on(session, user),
        "scan": scan,
        "codes_left": second_factor.recovery_codes_left(session, user),
        "sessions": sessions.of(session, user.id),
        "this_session": visit.token_hash,
        **choices.values(session, user, visit.desk.settings),
    }


def _set_password(session: Session, user_id: int, password: str, keep: str) -> None:
    user = session.get(User, user_id)
    users.set_password(session, user, password, by=user.name, keep=keep)


def _confirm(session: Session, user_id: int, code: str) -> tuple[second_factor.Outcome, list[str]]:
    user = session.get(User, user_id)
    outcome, codes = second_factor.confirm(session, user, code, utcnow())
    if codes:
        users.record(session, user, user.name, "factor_on")
    return outcome, codes


def _new_codes(session: Session, user_id: int) -> list[str]:
    user = session.get(User, user_id)
    if not second_factor.is_on(session, user):
        raise Refused(409, "error_no_factor")
    users.record(session, user, user.name, "factor_codes")
    return second_factor.new_recovery_codes(session, user)


def _remove_factor(session: Session, user_id: int) -> None:
    user = session.get(User, user_id)
    second_factor.remove(session, user)
    users.record(session, user, user.name, "factor_off")


def _end_sessions(session: Session, visit: Visit, token_hash: str) -> None:
    if not token_hash:
        sessions.end_all(session, visit.user.id, keep=visit.token_hash)
    elif any(mine.token_hash == token_hash for mine in sessions.of(session, visit.user.id)):
        sessions.end(session, token_hash)

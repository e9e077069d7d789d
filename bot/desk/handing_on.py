"""What people do when a conversation is not theirs to answer now: wait, put it aside, give it to somebody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.database import utcnow
from bot.desk.access import may_see
from bot.desk.actions import act, written
from bot.desk.guard import Refused, Visit
from bot.desk.wording import ZONE
from bot.frontdesk import handing_on, handoff
from bot.frontdesk.messages import MAX_TEXT
from bot.frontdesk.model import Handoff, User
from bot.goodwill.hours import next_opening
from bot.policies import current_policy

SOON = {"1h": dt.timedelta(hours=1), "3h": dt.timedelta(hours=3)}
UNTIL = (*SOON, "opening")
"""Times to choose from; `opening`: when we open on the next day that we do."""


async def wait(visit: Visit) -> Response:
    """Nothing to answer: it is the customer's turn."""
    return await act(visit, _wait)


async def snooze(visit: Visit) -> Response:
    """Put it aside (fields `until`: one of :data:`UNTIL`, or `at`: a time in Berlin; `why`, for colleagues)."""
    return await act(visit, _snooze)


async def reassign(visit: Visit) -> Response:
    """Give it to a colleague (fields `to`: the id; `why`, for colleagues)."""
    return await act(visit, _reassign)


async def transfer(visit: Visit) -> Response:
    """Give it to a team (fields `team`, `why`)."""
    return await act(visit, _transfer)


async def escalate(visit: Visit) -> Response:
    """Pass it up to a lead (field `why`, which the lead reads)."""
    return await act(visit, _escalate)


def until(chosen: str, at: str, now: dt.datetime) -> dt.datetime:
    """The moment that was chosen; `at` (`2026-11-25T14:00`, in Berlin) counts before `chosen`. Or :class:`Refused`."""
    if at:
        try:
            return dt.datetime.fromisoformat(at).replace(tzinfo=ZONE)
        except ValueError as wrong:
            raise Refused(400, "error_snooze") from wrong
    if chosen in SOON:
        return now + SOON[chosen]
    if chosen == "opening":
        tomorrow = (now.astimezone(ZONE) + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return next_opening(tomorrow, current_policy().hours)
    raise Refused(400, "error_snooze")


def _wait(session: Session, user: User, held: Handoff, _fields: Mapping[str, str]) -> None:
    handoff.wait(session, held.id, user)


def _snooze(session: Session, user: User, held: Handoff, fields: Mapping[str, str]) -> None:
    when = until(fields.get("until", ""), fields.get("at", "").strip(), utcnow())
    handoff.snooze(session, held.id, user, when, _why(fields))


def _reassign(session: Session, user: User, held: Handoff, fields: Mapping[str, str]) -> None:
    chosen = fields.get("to", "")
    to = session.get(User, int(chosen)) if chosen.isdecimal() and len(chosen) < 10 else None
    if to is None or not may_see(session, to, held.conversation_id):
        raise Refused(400, "error_colleague")
    handing_on.reassign(session, held.id, user, to, _why(fields))


def _transfer(session: Session, user: User, held: Handoff, fields: Mapping[str, str]) -> None:
    team = fields.get("team", "")
    if team not in handing_on.teams(session):
        raise Refused(400, "error_team")
    handing_on.transfer(session, held.id, user, team, _why(fields))


def _escalate(session: Session, user: User, held: Handoff, fields: Mapping[str, str]) -> None:
    handing_on.escalate(session, held.id, user, written(fields, "why"))


def _why(fields: Mapping[str, str]) -> str:
    return fields.get("why", "").strip()[:MAX_TEXT]

"""What people do when a conversation is not theirs to answer now: wait, put it aside, give it to somebody else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from sqlalchemy.orm import Session

from bot.database import utcnow
from bot.desk.access import may_see
from bot.desk.actions import Step, written
from bot.desk.guard import Refused
from bot.desk.wording import ZONE
from bot.frontdesk import handing_on, handoff
from bot.frontdesk.messages import MAX_TEXT
from bot.frontdesk.model import Handoff, User
from bot.goodwill.hours import next_opening
from bot.policies import current_policy

OPENING = "opening"
"""The choice of a time: when we open on the next day that we do."""

_SPAN = re.compile(r"(\d{1,4})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def until(chosen: str, at: str, now: dt.datetime) -> dt.datetime:
    """The moment that was chosen: a span (`30m`, `2h`, `3d`) from now or :data:`OPENING`. Or :class:`Refused`.

    `at` (`2026-11-25T14:00`, in Berlin) counts before `chosen`.
    """
    if at:
        try:
            return dt.datetime.fromisoformat(at).replace(tzinfo=ZONE)
        except ValueError as wrong:
            raise Refused(400, "error_snooze") from wrong
    if (span := _SPAN.fullmatch(chosen)) is not None:
        return now + dt.timedelta(**{_UNITS[span[2]]: int(span[1])})
    if chosen == OPENING:
        tomorrow = (now.astimezone(ZONE) + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return next_opening(tomorrow, current_policy().hours)
    raise Refused(400, "error_snooze")


def _wait(session: Session, user: User, held: Handoff, _fields: Mapping[str, str]) -> None:
    """There is nothing to answer: it is the customer's turn."""
    handoff.wait(session, held.id, user)


def _snooze(session: Session, user: User, held: Handoff, fields: Mapping[str, str]) -> None:
    """Put it aside (fields `until`, or `at`, see :func:`until`; `why`, for colleagues)."""
    when = until(fields.get("until", ""), fields.get("at", "").strip(), utcnow())
    handoff.snooze(session, held.id, user, when, _why(fields))


def _reassign(session: Session, user: User, held: Handoff, fields: Mapping[str, str]) -> None:
    """Give it to a colleague (fields `to`: the id; `why`, for colleagues)."""
    chosen = fields.get("to", "")
    to = session.get(User, int(chosen)) if chosen.isdecimal() and len(chosen) < 10 else None
    if to is None or not may_see(session, to, held.conversation_id):
        raise Refused(400, "error_colleague")
    handing_on.reassign(session, held.id, user, to, _why(fields))


def _transfer(session: Session, user: User, held: Handoff, fields: Mapping[str, str]) -> None:
    """Give it to a team (fields `team`, `why`)."""
    team = fields.get("team", "")
    if team not in handing_on.teams(session):
        raise Refused(400, "error_team")
    handing_on.transfer(session, held.id, user, team, _why(fields))


def _escalate(session: Session, user: User, held: Handoff, fields: Mapping[str, str]) -> None:
    """Pass it up to a lead (field `why`, which the lead reads)."""
    handing_on.escalate(session, held.id, user, written(fields, "why"))


def _why(fields: Mapping[str, str]) -> str:
    return fields.get("why", "").strip()[:MAX_TEXT]


STEPS: Mapping[str, Step] = {
    "wait": _wait,
    "snooze": _snooze,
    "reassign": _reassign,
    "transfer": _transfer,
    "escalate": _escalate,
}
"""By name; each reads its fields as the desk's form names them."""

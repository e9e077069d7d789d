"""What was promised, what is due, and how often we keep our word."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cases.model import Case, Promise


@dataclass(frozen=True)
class Commitment:
    """An open promise. `late`: its time is over and nobody has told the customer yet."""

    case_number: str
    what: str
    by: str
    severity: int
    made_at: dt.datetime
    due_at: dt.datetime
    reminded_at: dt.datetime | None
    late: bool


@dataclass(frozen=True)
class Record:
    """Open promises, the next one first, and how many of those that ended in the last `days` days were kept."""

    open: list[Commitment]
    kept: int
    broken: int
    days: int

    @property
    def kept_rate(self) -> float | None:
        """Share of promises kept, 0 to 1; None while none has ended."""
        ended = self.kept + self.broken
        return self.kept / ended if ended else None


def overview(session: Session, now: dt.datetime, *, days: int = 30) -> Record:
    """The open promises of all cases, and the ones that ended in the last `days` days, counted."""
    waiting = session.execute(
        select(Promise, Case.severity)
        .join(Case, Case.number == Promise.case_number)
        .where(Promise.state == "open")
        .order_by(Promise.due_at, Promise.case_number)
    )
    ended = session.execute(
        select(Promise.state, func.count(Promise.id))
        .where(Promise.state.in_(("kept", "broken")), Promise.ended_at >= now - dt.timedelta(days=days))
        .group_by(Promise.state)
    )
    counted = {state: int(count) for state, count in ended}
    commitments = [
        Commitment(
            case_number=made.case_number,
            what=made.what,
            by=made.by,
            severity=severity,
            made_at=made.made_at,
            due_at=made.due_at,
            reminded_at=made.reminded_at,
            late=made.due_at < now,
        )
        for made, severity in waiting
    ]
    return Record(commitments, counted.get("kept", 0), counted.get("broken", 0), days)

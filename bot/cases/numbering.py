"""Case numbers EK-YYYY-NNNNNN, gapless per year, whoever asks at the same time."""

from __future__ import annotations

import re

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.cases.model import CaseCounter

PATTERN = re.compile(r"\bEK[-\s]?(\d{4})[-\s]?(\d{6})\b", re.IGNORECASE)


def next_number(session: Session, year: int) -> str:
    """The next free number of `year`.

    The counter's row stays locked until the transaction ends: a case that is not written leaves no gap.
    """
    taken = session.execute(
        update(CaseCounter).where(CaseCounter.year == year).values(last=CaseCounter.last + 1)
    ).rowcount
    if not taken:
        try:
            with session.begin_nested():
                session.execute(insert(CaseCounter).values(year=year, last=1))
        except IntegrityError:  # somebody else opened the year a moment ago
            session.execute(update(CaseCounter).where(CaseCounter.year == year).values(last=CaseCounter.last + 1))
    last = session.execute(select(CaseCounter.last).where(CaseCounter.year == year)).scalar_one()
    return f"EK-{year}-{last:06d}"


def find_number(text: str) -> str | None:
    """A case number in free text, written properly; None where there is none."""
    found = PATTERN.search(text)
    return f"EK-{found[1]}-{found[2]}" if found else None

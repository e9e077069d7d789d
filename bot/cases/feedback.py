"""What customers say afterwards: satisfaction (CSAT) 1 to 5, recommendation 0 to 10, and their own words.

Asked once per case. That it was asked stands in the case's audit.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.ending import is_over
from bot.cases.model import FINAL_STATES, Audit, Case
from bot.cases.store import record

ASKED = "feedback_asked"
"""The audit line that makes sure nobody is asked twice."""

ASK_WITHIN = dt.timedelta(days=1)
"""Only what was settled so recently is asked about; later the question would come out of the blue."""

ANSWER_WITHIN = dt.timedelta(days=30)

NEVER_FROM_SEVERITY = 4
"""Somebody who was in danger or in a crisis is not asked for a score."""

CSAT, RECOMMENDATION = range(1, 6), range(11)


class BadScore(ValueError):
    """A score outside its scale."""


def settled(session: Session, now: dt.datetime) -> list[str]:
    """Numbers of cases that came to an end lately and whose customer may be asked how it was."""
    lately = select(Case).where(Case.updated_at >= now - ASK_WITHIN, Case.csat.is_(None))
    found = session.scalars(
        lately.where(Case.state.in_(("resolved", "withdrawn", "accepted")), Case.severity < NEVER_FROM_SEVERITY)
    ).all()
    return [case.number for case in found if may_ask(session, case)]


def may_ask(session: Session, case: Case) -> bool:
    """Once, when it is settled, never after danger or a crisis in the same conversation, nor about a data request."""
    if case.csat is not None or case.category == "privacy" or not is_over(case):
        return False
    of_conversation = select(Case.number).where(Case.conversation == case.conversation)
    if session.scalars(of_conversation.where(Case.severity >= NEVER_FROM_SEVERITY)).first() is not None:
        return False
    if session.scalars(of_conversation.where(Case.state.not_in((*FINAL_STATES, "accepted")))).first() is not None:
        return False
    return _asked_at(session, case) is None


def mark_asked(session: Session, case: Case, now: dt.datetime) -> None:
    """The question has been put."""
    record(session, case, who="bot", what=ASKED, after=now.isoformat(timespec="seconds"))


def awaiting(session: Session, conversation: str, now: dt.datetime) -> Case | None:
    """The newest case of a conversation whose customer was asked and may still answer."""
    statement = (
        select(Case)
        .join(Audit, Audit.case_number == Case.number)
        .where(Case.conversation == conversation, Audit.what == ASKED, Audit.at >= now - ANSWER_WITHIN)
        .order_by(Audit.id.desc())
    )
    return session.scalars(statement).first()  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def rate(session: Session, case: Case, score: int) -> bool:
    """Keep the satisfaction, 1 (not at all) to 5 (very). False where there is one already: the first counts."""
    return _keep(session, case, "csat", score, CSAT)


def recommend(session: Session, case: Case, score: int) -> bool:
    """Keep how likely a recommendation is, 0 to 10. False where there is one already."""
    return _keep(session, case, "recommendation", score, RECOMMENDATION)


def comment(session: Session, case: Case, text: str) -> None:
    """Keep what the customer adds in their own words, verbatim; the audit says that, not what."""
    case.feedback = f"{case.feedback}\n{text}" if case.feedback else text
    record(session, case, who="customer", what="feedback_comment")


def _keep(session: Session, case: Case, field: str, score: int, scale: range) -> bool:
    if score not in scale:
        raise BadScore(f"{field} goes from {scale[0]} to {scale[-1]}, not {score}")
    if getattr(case, field) is not None:
        return False
    setattr(case, field, score)
    record(session, case, who="customer", what=field, after=score)
    return True


def _asked_at(session: Session, case: Case) -> dt.datetime | None:
    asked = select(Audit.at).where(Audit.case_number == case.number, Audit.what == ASKED)
    return session.scalars(asked).first()  # type: ignore[no-any-return]

"""Scores and words of customers are kept as they were given."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from bot.cases import feedback, store
from bot.cases.feedback import BadScore
from bot.cases.model import Case
from bot.database import utcnow


@pytest.fixture
def case(office: Session) -> Case:
    return store.open_case(
        office, conversation="c1", channel="web", language="de", category="billing", text="Zu viel berechnet"
    )


def test_the_first_score_counts(office: Session, case: Case) -> None:
    assert feedback.rate(office, case, 4)
    assert not feedback.rate(office, case, 1)
    assert feedback.recommend(office, case, 0)
    assert not feedback.recommend(office, case, 10)
    assert (case.csat, case.recommendation) == (4, 0)


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_satisfaction_outside_its_scale_is_refused(office: Session, case: Case, score: int) -> None:
    with pytest.raises(BadScore, match="from 1 to 5"):
        feedback.rate(office, case, score)
    assert case.csat is None


@pytest.mark.parametrize("score", [-1, 11])
def test_a_recommendation_outside_its_scale_is_refused(office: Session, case: Case, score: int) -> None:
    with pytest.raises(BadScore, match="from 0 to 10"):
        feedback.recommend(office, case, score)


def test_words_are_kept_verbatim_and_the_audit_does_not_repeat_them(office: Session, case: Case) -> None:
    feedback.comment(office, case, "Frau Keller war großartig")
    feedback.comment(office, case, "Nur das Warten nicht")
    assert case.feedback == "Frau Keller war großartig\nNur das Warten nicht"
    assert not any("Keller" in f"{line.why}{line.before}{line.after}" for line in case.audit)


def test_an_answer_is_taken_for_a_month(office: Session, case: Case) -> None:
    now = utcnow()
    assert feedback.awaiting(office, "c1", now) is None
    feedback.mark_asked(office, case, now)
    assert feedback.awaiting(office, "c1", now) is case
    assert feedback.awaiting(office, "other", now) is None
    assert feedback.awaiting(office, "c1", now + dt.timedelta(days=31)) is None

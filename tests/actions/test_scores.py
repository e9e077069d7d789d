"""Telling how it was: scores by button, then words, none of them lost."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from actions.answers import NotUnderstood
from actions.complaint import TakeFacts
from actions.understand import UnderstandMessage
from bot import texts
from bot.cases import feedback, store
from bot.cases.model import Case
from bot.database import utcnow
from tests.actions.conftest import TurnMaker


@pytest.fixture
def case(session: Session) -> Case:
    """A settled case whose customer was asked."""
    case = store.open_case(
        session, conversation="c1", channel="web", language="de", category="billing", text="Zu viel berechnet"
    )
    store.move(session, case, "resolved", who="Mira")
    feedback.mark_asked(session, case, utcnow())
    return case


def said(turn: object) -> list[str]:
    return [message["text"] for message in turn.said]  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["de", "en"])
def test_satisfaction_then_recommendation_then_words(case: Case, turn: TurnMaker, language: str) -> None:
    pressed = turn('/inform{"csat": "5"}', entities={"csat": "5"}, language=language)
    assert TakeFacts().take(pressed) == []
    assert said(pressed) == [texts.text("utter_ask_recommend", language)]
    assert [b["title"] for b in pressed.said[0]["buttons"]] == [str(n) for n in range(11)]
    pressed = turn('/inform{"recommend": "9"}', entities={"recommend": "9"}, language=language)
    TakeFacts().take(pressed)
    invitation = texts.text("utter_ask_feedback_words", language)
    assert said(pressed) == [invitation]
    written = turn("Alles bestens, nur das Warten nicht", bot_said=invitation, language=language)
    UnderstandMessage().take(written)
    TakeFacts().take(written)
    assert said(written) == [texts.text("utter_feedback_thanks", language)]
    assert (case.csat, case.recommendation, case.feedback) == (5, 9, "Alles bestens, nur das Warten nicht")


def test_an_unhappy_customer_is_told_how_to_get_a_person(case: Case, turn: TurnMaker) -> None:
    pressed = turn('/inform{"csat": "1"}', entities={"csat": "1"})
    TakeFacts().take(pressed)
    assert said(pressed) == [texts.text("utter_feedback_sorry", "de"), texts.text("utter_ask_recommend", "de")]


def test_words_that_nobody_understands_are_kept_all_the_same(case: Case, turn: TurnMaker) -> None:
    written = turn("joa passt scho", "nlu_fallback", bot_said=texts.text("utter_ask_feedback_words", "de"))
    UnderstandMessage().take(written)
    assert NotUnderstood().take(written) == []
    assert said(written) == [texts.text("utter_feedback_thanks", "de")]
    assert case.feedback == "joa passt scho"


def test_only_the_message_right_after_the_invitation_is_a_comment(case: Case, turn: TurnMaker) -> None:
    UnderstandMessage().take(turn("Mein Toaster brennt", "complain", bot_said="Guten Tag! Was ist passiert?"))
    UnderstandMessage().take(turn("/ask_status", "ask_status", bot_said=texts.text("utter_ask_feedback_words", "de")))
    UnderstandMessage().take(turn("noch etwas", bot_said=None))
    assert case.feedback is None


def test_a_score_says_nothing_about_another_open_case(session: Session, case: Case, turn: TurnMaker) -> None:
    other = store.open_case(
        session, conversation="c1", channel="web", language="de", category="product_defect", text="Mixer kaputt"
    )
    pressed = turn('/inform{"csat": "4"}', entities={"csat": "4"})
    UnderstandMessage().take(pressed)
    TakeFacts().take(pressed)
    assert case.csat == 4
    assert (other.csat, other.entities, other.text) == (None, [], "Mixer kaputt")


@pytest.mark.parametrize("score", ["9", "viele", ""])
def test_a_score_that_none_of_our_buttons_has_changes_nothing(case: Case, turn: TurnMaker, score: str) -> None:
    TakeFacts().take(turn('/inform{"csat": "?"}', entities={"csat": score}))
    assert case.csat is None


def test_a_score_nobody_asked_for_is_thanked_for(turn: TurnMaker) -> None:
    pressed = turn('/inform{"csat": "4"}', entities={"csat": "4"})
    TakeFacts().take(pressed)
    assert said(pressed) == [texts.text("utter_feedback_thanks", "de")]

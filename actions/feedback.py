"""How was it? The scores come from buttons (or a typed digit, which the front desk takes as its button)."""

from __future__ import annotations

from actions.base import Events, Turn
from bot import texts
from bot.cases import feedback
from bot.cases.model import Case

SCORES = ("csat", "recommend")
"""Entities that the buttons of our two questions carry."""

UNHAPPY_UP_TO = 2
"""A satisfaction that calls for a person to look again."""

_INVITATION = "utter_ask_feedback_words"


def take_score(turn: Turn) -> Events | None:
    """Keep a score and ask what comes next; None where the message carries none."""
    if not any(turn.entity(name) for name in SCORES):
        return None
    case = feedback.awaiting(turn.session, turn.conversation, turn.now)
    if case is None:
        turn.say("utter_feedback_thanks")
        return []
    try:
        _keep(turn, case)
    except ValueError:  # not one of our buttons' values
        turn.say("utter_feedback_thanks")
    return []


def take_words(turn: Turn) -> None:
    """Keep what the customer writes right after we asked for it in their own words."""
    case = feedback.awaiting(turn.session, turn.conversation, turn.now)
    if case is not None and answers_invitation(turn):
        feedback.comment(turn.session, case, turn.text)


def answers_invitation(turn: Turn) -> bool:
    """Whether this typed message directly follows our invitation to say why."""
    if not turn.text:
        return False
    asked = {texts.text(_INVITATION, language) for language in texts.LANGUAGES}
    before_message = False
    for event in reversed(turn.tracker.events):
        if event.get("event") == "user":
            if before_message:
                return False
            before_message = True
        elif before_message and event.get("event") == "bot":
            return event.get("text") in asked
    return False


def _keep(turn: Turn, case: Case) -> None:
    satisfied, recommended = (turn.entity(name) for name in SCORES)
    if satisfied is not None:
        score = int(satisfied)
        feedback.rate(turn.session, case, score)
        if score <= UNHAPPY_UP_TO:
            turn.say("utter_feedback_sorry")
        if case.recommendation is None:
            turn.say("utter_ask_recommend")
            return
    elif recommended is not None:
        feedback.recommend(turn.session, case, int(recommended))
        if case.feedback is None:
            turn.say(_INVITATION)
            return
    turn.say("utter_feedback_thanks")

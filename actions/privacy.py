"""Requests about personal data (Art. 15 and 17 GDPR).

Who has proven an order gets a copy at once and may have the conversation erased. Everybody else, and whoever writes
for somebody else, reaches a person: nobody may read or erase another customer's data.
"""

from __future__ import annotations

from actions.base import Events, Step, Turn
from actions.handover import bring_person
from actions.logbook import log_complaint, take_down_data_request
from actions.understand import proven_order
from bot import texts
from bot.cases import store
from bot.cases.ending import ERASE_LATER, holds_claim
from bot.cases.model import Case

HANDED_OUT = "data_handed_out"
"""The audit line of a copy that the customer got in the chat."""

_YES = '/delete_data{"choice": "yes"}'


class Privacy(Step):
    def name(self) -> str:
        return "action_privacy"

    def take(self, turn: Turn) -> Events:
        choice = turn.entity("choice")
        if turn.intent == "delete_data" and choice == "no":
            turn.say("utter_erase_not")
            return []
        if not _own_data(turn):
            case = turn.case() or log_complaint(turn, "privacy")
            take_down_data_request(turn, case)
            return bring_person(turn, case, reason=turn.intent)
        if turn.intent == "access_data":
            return _hand_out(turn)
        return erase(turn) if choice == "yes" else _ask_first(turn)


def erasure_asked(turn: Turn) -> bool:
    """Whether this message directly follows our question whether to erase: a typed yes or no answers it."""
    for event in reversed(turn.tracker.events[:-1]):
        if event.get("event") == "user" and event.get("parse_data") != turn.message:
            return False
        if event.get("event") == "bot":
            buttons = (event.get("data") or {}).get("buttons") or []
            return any(button.get("payload") == _YES for button in buttons)
    return False


def erase(turn: Turn) -> Events:
    """The customer has confirmed. That it is to be done is on record before it is done: a crash loses no request."""
    case = log_complaint(turn, "privacy")
    store.record(turn.session, case, who="customer", what=ERASE_LATER)
    _settle(turn, case, "erased")
    turn.say("utter_erase_now")
    turn.command(privacy="erase")
    return []


def _own_data(turn: Turn) -> bool:
    """Whether a person need not look first: an order is proven, and nobody speaks for somebody else."""
    case = turn.case()
    flags = {*(turn.message.get("flags") or ()), *(case.flags if case is not None else ())}
    return proven_order(turn) is not None and "third_party" not in flags


def _hand_out(turn: Turn) -> Events:
    case = log_complaint(turn, "privacy")
    store.record(turn.session, case, who="bot", what=HANDED_OUT)
    _settle(turn, case, HANDED_OUT)
    turn.say("utter_copy_coming", number=case.number)
    turn.command(privacy="export")
    return []


def _ask_first(turn: Turn) -> Events:
    """What would stay is said before the question, not after the deed."""
    for case in store.of_conversation(turn.session, turn.conversation):
        if holds_claim(case):
            turn.say_text(texts.text("utter_privacy_kept_claim", turn.language, number=case.number))
    turn.say("utter_erase_ask")
    return []


def _settle(turn: Turn, case: Case, why: str) -> None:
    store.move(turn.session, case, "resolved", who="bot", why=why)

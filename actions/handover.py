"""A person takes over: what the customer hears, what the case notes, and the request to the front desk."""

from __future__ import annotations

from rasa_sdk.events import ActiveLoop, SlotSet

from actions.base import Events, Step, Turn
from actions.contact import take_contact
from actions.logbook import DATA_REQUESTS, log_complaint, problem_named, take_down_data_request, tells_problem
from bot.cases import store
from bot.cases.model import Case
from bot.goodwill.hours import is_open, next_opening
from bot.taxonomy import SEVERE_FROM, severity

DANGER = frozenset({"safety", "injury"})
DANGER_LEVEL = 4
"""From this severity on the bot goes on with nothing: bot/frontdesk/nobody_there.py."""


class HandOver(Step):
    """The person-first policy asks for this: a severe flag, a wish for a person, or two misunderstandings."""

    def name(self) -> str:
        return "action_hand_over"

    def take(self, turn: Turn) -> Events:
        case = turn.case()
        complained = turn.intent == "complain"
        grave = severity(turn.message.get("flags") or [], complaint=complained) >= SEVERE_FROM
        fresh = case is None and (complained or grave or tells_problem(turn))
        if fresh:
            case = log_complaint(turn)
        reason = "severity" if grave else "asked_for_person" if turn.intent == "request_human" else "not_understood"
        events = bring_person(turn, case, reason=reason, fresh=fresh)
        if case is not None and turn.intent in DATA_REQUESTS:
            take_down_data_request(turn, case)  # danger and despair were answered first
        return events


def bring_person(turn: Turn, case: Case | None, *, reason: str, fresh: bool = False, lead: bool = False) -> Events:
    """Tell the customer what is true and helpful now, promise an answer, and pass the conversation on.

    `fresh`: the case was logged in this turn, so that it is said first that the problem was understood. Who waits
    already hears only what is new.
    """
    flags = set(turn.message.get("flags") or ())
    grave = max(severity(flags, complaint=case is not None), case.severity if case is not None else 0)
    _first_things_first(turn, flags, case, reason)
    if fresh and case is not None and case.category != "other" and "crisis" not in flags and not DANGER & flags:
        turn.say_text(problem_named(turn, case))
    if not turn.waiting:
        turn.say("utter_hand_over")
    elif not take_contact(turn, case):
        turn.say("utter_still_in_queue")
    if case is not None and (fresh or not turn.waiting):
        promised = turn.promise(case, "first_answer")
        turn.say("utter_hand_over_number", number=case.number, when=turn.when(promised.due_at))
        if case.state in ("new", "acknowledged", "declined", "reopened", "offer_made", "accepted"):
            store.move(turn.session, case, "in_review", who="bot", why=reason)
    closed = not turn.waiting and not is_open(turn.now, turn.policy.hours)
    if closed:
        turn.say("utter_hand_over_closed", opening=turn.when(next_opening(turn.now, turn.policy.hours)))
        turn.say("utter_offer_contact")
        if grave < DANGER_LEVEL:
            turn.say("utter_bot_goes_on")
    confidential = case is not None and case.confidential
    if confidential and not turn.waiting:
        turn.say("utter_confidential")
    turn.command(
        handoff={
            "reason": reason,
            "severity": grave,
            "case_number": case.number if case is not None else None,
            "confidential": confidential,
            "lead": lead,
            "told_nobody": closed,
        }
    )
    return [ActiveLoop(None), SlotSet("requested_slot", None), SlotSet("misunderstood", 0.0)]


def _first_things_first(turn: Turn, flags: set[str], case: Case | None, reason: str) -> None:
    if "crisis" in flags:
        turn.say("utter_crisis")
    elif DANGER & flags:
        turn.say("utter_danger")
    elif "threat" in flags:
        turn.say("utter_threat")
    elif turn.waiting:
        return  # it was said when they began to wait
    elif reason == "severity" or (case is not None and case.severity >= SEVERE_FROM and reason != "asked_for_person"):
        turn.say("utter_grave")

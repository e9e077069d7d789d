"""Ends: withdrawing from the contract, settling the complaint, stopping the dialogue."""

from __future__ import annotations

import datetime as dt

from rasa_sdk.events import ActiveLoop, SlotSet

from actions.base import SKIPPED, Events, Step, Turn
from actions.logbook import log_complaint
from bot.cases import offers, store
from bot.cases.model import Case

DEFECTS = frozenset({"product_defect", "transport_damage", "wrong_or_incomplete", "not_as_described"})


class WithdrawContract(Step):
    """Any clear statement counts (§ 355 BGB): acknowledged with content, date and time (§ 356a), no reason asked.

    Whether the period still runs is said only where the order proves it; otherwise a person looks. Nothing here talks
    the customer out of it.
    """

    def name(self) -> str:
        return "action_withdraw_contract"

    def take(self, turn: Turn) -> Events:
        case = turn.case()
        if case is None:
            case = log_complaint(turn, turn.message.get("category") or "other")
        declaration = (turn.text or str(turn.message.get("text"))).strip()[:1000]
        store.record(turn.session, case, who="customer", what="withdrawal_declared", after={"declaration": declaration})
        store.add_facts(turn.session, case, who="customer", text=turn.text)
        turn.say("utter_withdrawal_received", declaration=declaration, when=turn.when(turn.now), number=case.number)
        settle_withdrawal(turn, case)
        if case.category in DEFECTS:
            turn.say("utter_withdrawal_defect")
        turn.say("utter_withdrawal_function")
        if not case.verified:
            number = turn.tracker.get_slot("order_number")
            turn.say("utter_ask_proof" if number and number != SKIPPED else "utter_ask_order_number")
        return end_form()


class CloseCase(Step):
    """The customer says that the matter is settled."""

    def name(self) -> str:
        return "action_close_case"

    def take(self, turn: Turn) -> Events:
        case = turn.case()
        if case is None:
            turn.say("utter_status_none")
            return end_form()
        for offer in list(case.offers):
            if offer.state == "open":
                offers.decline(turn.session, offer.id, turn.conversation, now=turn.now)
        store.move(turn.session, case, "withdrawn", who="customer", why="settled")
        turn.say("utter_case_withdrawn", number=case.number)
        if turn.waiting:
            turn.command(close=True)  # nobody has to come any more
        return [*end_form(), *_forget()]


class Cancel(Step):
    """Stop this dialogue. What was logged stays until the customer says that it is settled."""

    def name(self) -> str:
        return "action_cancel"

    def take(self, turn: Turn) -> Events:
        case = turn.case()
        if case is None:
            turn.say("utter_cancelled_nothing")
        else:
            turn.say("utter_cancelled", number=case.number)
        return [*end_form(), *_forget()]


def declared_withdrawal(case: Case) -> bool:
    """Whether this case holds a withdrawal that is not settled yet."""
    declared = any(line.what == "withdrawal_declared" for line in case.audit)
    return declared and not any(o.kind == "withdrawal" and o.state == "accepted" for o in case.offers)


def settle_withdrawal(turn: Turn, case: Case) -> Events:
    """Say what the order proves about the period, or that a person will look. Declaring it is taking it."""
    decided = offers.decide_case(turn.session, case, turn.policy, intent="withdraw_contract", now=turn.now)
    right = next((r for r in decided.answer.rights if r.kind == "withdrawal"), None)
    due = turn.when(turn.promise(case, "decision").due_at)
    if right is None or right.until is None:
        turn.say("utter_withdrawal_check", due=due)
    else:
        turn.say("utter_withdrawal_in_time", until=_day(right.until, turn), due=due)
        for offer in decided.offers:
            if offer.kind == "withdrawal" and offer.state == "open":
                offers.accept(turn.session, offer.id, turn.conversation, now=turn.now)
    if case.state in ("new", "acknowledged", "offer_made"):
        store.move(turn.session, case, "in_review", who="bot", why="withdrawal")
    return []


def end_form() -> Events:
    """Leave the form: the question that was open is no longer asked."""
    return [ActiveLoop(None), SlotSet("requested_slot", None)]


def _forget() -> Events:
    return [SlotSet("order_number", None), SlotSet("proof", None), SlotSet("wish", None)]


def _day(day: dt.date, turn: Turn) -> str:
    from babel.dates import format_date

    return str(format_date(day, "d. MMMM yyyy" if turn.language == "de" else "d MMMM yyyy", locale=turn.language))

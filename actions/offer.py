"""Yes or no to what was offered, and why it was offered."""

from __future__ import annotations

from typing import Any

from babel.numbers import format_currency

from actions.base import Events, Step, Turn
from actions.complaint import decide_and_say
from actions.handover import bring_person
from actions.logbook import log_complaint, start_case, tells_problem
from actions.privacy import erase, erasure_asked
from actions.understand import proven_order
from actions.why import asks_why, tell_why
from bot import texts
from bot.cases import offers, store
from bot.cases.model import Decision, Offer
from bot.cases.orders import find_order


class AcceptOffer(Step):
    def name(self) -> str:
        return "action_accept_offer"

    def take(self, turn: Turn) -> Events:
        if erasure_asked(turn):
            return erase(turn)
        offer = _meant(turn)
        if offer is None:
            turn.say("utter_no_offer_open")
            return []
        choice = turn.entity("choice") or _choice_in_words(turn)
        if offer.form == "repair_or_replacement" and choice is None:
            turn.say("utter_choose_repair", offer=offer.id)
            return []
        outcome, found = offers.accept(turn.session, offer.id, turn.conversation, now=turn.now, choice=choice)
        if outcome != "ok" or found is None:
            return _too_late(turn, outcome)
        _confirm(turn, found)
        return []


class DeclineOffer(Step):
    """A declined offer goes to a person: only people may say that there is nothing more."""

    def name(self) -> str:
        return "action_decline_offer"

    def take(self, turn: Turn) -> Events:
        if erasure_asked(turn):
            turn.say("utter_erase_not")
            return []
        offer = _meant(turn)
        if offer is None:
            if turn.intent == "reject_offer" and (case := turn.case()) is not None:
                turn.say("utter_declined")
                return bring_person(turn, case, reason="declined_offer")
            turn.say("utter_no_offer_open")
            return []
        outcome, found = offers.decline(turn.session, offer.id, turn.conversation, now=turn.now)
        if outcome != "ok" or found is None:
            return _too_late(turn, outcome)
        turn.say("utter_declined")
        return bring_person(turn, found.case, reason="declined_offer")


class Explain(Step):
    """What am I entitled to, and why this? From the last decision, or from the order if it is proven."""

    def name(self) -> str:
        return "action_explain"

    def take(self, turn: Turn) -> Events:
        case = turn.case()
        if case is not None and case.decisions and asks_why(turn):
            tell_why(turn, case)
            return []
        if case is not None and case.verified:
            if (turn.tracker.active_loop or {}).get("name") is None:
                return decide_and_say(turn, case, intent="complain")
            turn.say("utter_rights_general")
            return []
        proof = proven_order(turn)
        if case is None and proof is not None and find_order(turn.session, proof.order_number or "") is not None:
            return decide_and_say(turn, log_complaint(turn, "other"), intent="ask_rights")
        if case is None and tells_problem(turn):
            return start_case(turn)
        turn.say("utter_rights_general")
        return []


def _meant(turn: Turn) -> Offer | None:
    """The offer of the button, or the one that is open."""
    pressed = turn.entity("offer")
    if pressed:
        offer = turn.session.get(Offer, pressed)
        return offer if offer is not None and offer.case.conversation == turn.conversation else None
    return offers.open_offer(
        turn.session, turn.case() or store.latest(turn.session, turn.conversation, open_only=False)
    )


def _choice_in_words(turn: Turn) -> str | None:
    named = [remedy for remedy in turn.message.get("remedies") or () if remedy in ("repair", "replacement")]
    return named[0] if len(named) == 1 else None


def _too_late(turn: Turn, outcome: str) -> Events:
    turn.say(f"utter_offer_{outcome}")
    case = turn.case()
    if outcome in ("expired", "already_declined") and case is not None:
        return bring_person(turn, case, reason=f"offer_{outcome}")
    return []


def _confirm(turn: Turn, offer: Offer) -> None:
    case = offer.case
    values: dict[str, Any] = {"number": case.number, "code": offer.code}
    values["amount"] = format_currency(
        offer.amount_cents / 100, offer.currency, locale="de_DE" if turn.language == "de" else "en_GB"
    )
    if offer.form != "voucher":
        values["when"] = turn.when(turn.promise(case, _promised(turn, offer)).due_at)
    if offer.kind in ("entitlement", "withdrawal"):
        name = f"utter_choice_{offer.form}"
        values["choice"] = texts.text(name if texts.has(name) else "utter_choice_entitlement", turn.language)
        turn.say("utter_accepted_right", **values)
    elif offer.form in ("voucher", "partial_refund"):
        turn.say(f"utter_accepted_{offer.form}", **values)
    else:
        words = turn.promised(case, _promised(turn, offer))
        turn.say("utter_accepted_gesture", promise=words, number=case.number)


def _promised(turn: Turn, offer: Offer) -> str:
    """What is promised with it: a surprise has a promise of its own (delight.yml), the rest is a decision."""
    decision = turn.session.get(Decision, offer.decision_id) if offer.decision_id else None
    proposal = (decision.result.get("offer") or {}) if decision is not None else {}
    named = proposal.get("promise") if offer.kind == "surprise" and proposal.get("form") == offer.form else None
    return str(named) if named in turn.policy.hours.promises else "decision"

"""A complaint: log it at once, name the problem, ask only what is missing, then decide."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.agreed import agreed, stand_by
from actions.base import SKIPPED, Events, Step, Turn
from actions.contact import take_contact
from actions.feedback import answers_invitation, take_score
from actions.handover import bring_person
from actions.logbook import data_request_beside, fresh_questions, start_case, take_down_data_request, tells_problem
from actions.understand import proof_ended, proven_order
from actions.why import asks_why, tell_why
from actions.withdrawal import declared_withdrawal, settle_withdrawal
from bot.cases import offers
from bot.cases.model import Case
from bot.cases.orders import find_order
from bot.taxonomy import SEVERE_FROM

NEEDS_ORDER = frozenset(
    [
        "product_defect",
        "transport_damage",
        "wrong_or_incomplete",
        "not_as_described",
        "late_delivery",
        "lost_delivery",
        "repair_quality",
        "missed_appointment",
        "billing",
        "refund_delay",
    ]
)
NEEDS_WISH = frozenset(["product_defect", "transport_damage", "wrong_or_incomplete", "not_as_described"])
"""Where the law gives a choice, or several things would help."""


NEW_MATTER_WORDS = 4
"""Fewer words about something else are a remark on the open case, not a second complaint."""


class OpenCase(Step):
    """Log the complaint and say that it was understood. The same problem told again joins its open case."""

    def name(self) -> str:
        return "action_open_case"

    def take(self, turn: Turn) -> Events:
        known = turn.case()
        if known is not None and known.decisions and asks_why(turn):
            tell_why(turn, known)
            return []
        if known is not None and agreed(turn, known) and _same_matter(turn, known):
            return []  # the rule goes on to the decision, which stands by what was agreed
        if known is not None and _same_matter(turn, known):
            # The facts are on the case already: actions/understand.py.
            turn.say("utter_detail_noted", number=known.number)
            return []
        # The rule goes on to the form by itself.
        started = [event for event in start_case(turn) if event.get("event") != "followup"]
        return [*started, *fresh_questions()] if known is not None else started


class ValidateCaseForm(Step):
    """Leave out the questions that this case does not need; each is asked with its reason and can be skipped."""

    def name(self) -> str:
        return "validate_case_form"

    def take(self, turn: Turn) -> Events:
        case = turn.case()
        slot = turn.tracker.get_slot
        unneeded: set[str] = set()
        if case is None or case.category not in NEEDS_ORDER:
            unneeded |= {"order_number", "proof"}
        if case is not None and case.verified:
            unneeded |= {"order_number", "proof"}
        if slot("order_number") == SKIPPED:
            unneeded.add("proof")
        if agreed(turn, case) or (turn.waiting and case is not None and case.severity >= SEVERE_FROM):
            unneeded |= {"order_number", "proof", "wish"}  # a person asks, or has asked
        proven = slot("proof") == "ok" or (case is not None and case.verified)
        if data_request_beside(turn) is not None:  # a person answers it, and asks what else is needed
            unneeded |= {"order_number", "proof", "wish"}
        if case is None or case.category not in NEEDS_WISH or case.remedies or proven:
            unneeded.add("wish")  # with a proven order the right itself offers the choice
        return [SlotSet(name, SKIPPED) for name in sorted(unneeded) if slot(name) is None]


class AskOrderNumber(Step):
    """The form's questions are asked by actions: Rasa's own filling-in stumbles over the braces in our buttons."""

    def name(self) -> str:
        return "action_ask_order_number"

    def take(self, turn: Turn) -> Events:
        turn.say("utter_ask_order_number")
        return []


class AskProof(Step):
    def name(self) -> str:
        return "action_ask_proof"

    def take(self, turn: Turn) -> Events:
        turn.say("utter_ask_proof")
        return []


class AskWish(Step):
    def name(self) -> str:
        return "action_ask_wish"

    def take(self, turn: Turn) -> Events:
        turn.say("utter_ask_wish")
        return []


class TakeFacts(Step):
    """Facts or a wish outside our questions: note them, and decide again where they change something."""

    def name(self) -> str:
        return "action_take_facts"

    def take(self, turn: Turn) -> Events:
        scored = take_score(turn)
        if scored is not None:
            return scored
        case = turn.case()
        if case is None:
            if take_contact(turn, case):
                return []
            if tells_problem(turn):
                return start_case(turn)
            if answers_invitation(turn):
                turn.say("utter_feedback_thanks")
                return []
            if proven_order(turn) is not None and turn.intent == "inform":
                order = find_order(turn.session, str(turn.tracker.get_slot("order_number")))
                turn.say("utter_verified", item=order.item if order is not None else "")
            elif number := turn.entity("order_number"):  # from the shop's page, for example: it is not asked for again
                turn.say("utter_order_noted", number=number.upper())
                return []
            turn.say("utter_what_happened")
            return []
        if declared_withdrawal(case):
            return settle_withdrawal(turn, case)
        if take_contact(turn, case):
            return []
        if (known := agreed(turn, case)) is not None:
            if turn.intent == "request_remedy":  # something else than was agreed: only people may say no
                return bring_person(turn, case, reason="not_agreed")
            stand_by(turn, known)
            return []
        if case.category in NEEDS_ORDER and not case.verified:
            turn.say("utter_detail_noted", number=case.number)
            if turn.tracker.get_slot("order_number") in (None, SKIPPED):
                turn.say("utter_ask_order_number")
            elif turn.tracker.get_slot("proof") is None:
                turn.say("utter_ask_proof")
            return []
        return decide_and_say(turn, case)


class Decide(Step):
    """Everything that is needed is known: rights first, then favours, each from the rule engine alone."""

    def name(self) -> str:
        return "action_decide"

    def take(self, turn: Turn) -> Events:
        case = turn.case()
        if case is None:
            turn.say("utter_what_happened")
            return []
        demanded = data_request_beside(turn)
        if demanded is not None:
            take_down_data_request(turn, case, demanded)
            return bring_person(turn, case, reason=demanded)
        return decide_and_say(turn, case)


def decide_and_say(turn: Turn, case: Case, intent: str = "complain") -> Events:
    """Ask the engine, keep its answer, and tell it: rights, then what comes on top, or that a person decides."""
    if (known := agreed(turn, case)) is not None:
        stand_by(turn, known)
        return []
    waiting = offers.open_offer(turn.session, case)
    if waiting is not None and intent == "complain" and waiting.kind == "goodwill":
        _buttons(turn, waiting.form, waiting.id, waiting.expires_at)
        return []
    if not case.verified and proof_ended(turn):
        return bring_person(turn, case, reason="not_verified")  # as was said when the last proof failed
    decided = offers.decide_case(turn.session, case, turn.policy, intent=intent, now=turn.now)
    answer = decided.answer
    if answer.outcome == "person":
        return bring_person(turn, case, reason=answer.reason, lead=answer.reason in turn.policy.goodwill.lead_for)
    for right in answer.rights:
        words = [right.text[turn.language], *([turn.promised(case, right.promise)] if right.promise else [])]
        turn.say_text(" ".join(words))
    if answer.question is not None:
        turn.say_text(answer.question[turn.language])
    proposal = answer.offer
    if proposal is not None:
        turn.say_text(proposal.text[turn.language])
    gift = proposal.form if proposal is not None and not proposal.needs_answer else None
    to_answer = [offer for offer in decided.offers if offer.form != gift]  # nobody is asked whether they want a gift
    for offer in to_answer:
        if offer.state == "open":
            _buttons(turn, offer.form, offer.id, offer.expires_at)
            break
    if proposal is not None and not proposal.needs_answer and proposal.promise:
        turn.say("utter_promised", promise=turn.promised(case, proposal.promise), number=case.number)
    elif not to_answer:
        turn.say("utter_promise", when=turn.when(turn.promise(case, "first_answer").due_at), number=case.number)
    return []


def _buttons(turn: Turn, form: str, offer: str, until: object) -> None:
    if form == "repair_or_replacement":
        turn.say("utter_choose_repair", offer=offer)
    elif until is not None:
        turn.say("utter_offer_buttons", offer=offer, until=turn.when(until))  # type: ignore[arg-type]
    else:
        turn.say("utter_right_buttons", offer=offer)


def _same_matter(turn: Turn, case: Case) -> bool:
    """Whether this message is about the open case: while we ask about it, in the same category, or of no category."""
    named = turn.entity("order_number")
    if named and case.order_number and named.upper() != case.order_number.upper():
        return False
    if (turn.tracker.active_loop or {}).get("name") == "case_form":
        return True
    if agreed(turn, case) and _names_its_thing(turn, case):
        return True  # "still broken" may be read as another category: what people agreed on is not started anew
    category = turn.message.get("category") or case.category
    return category in (case.category, "other") or len(turn.text.split()) < NEW_MATTER_WORDS


def _names_its_thing(turn: Turn, case: Case) -> bool:
    """Whether the message names what the case is about: the first thing that was named, not what was added just now."""
    first = next((str(e["value"]) for e in case.entities if e["entity"] == "product"), "")
    return any(thing and thing.casefold() in turn.text.casefold() for thing in (first, case.item))

"""First in every turn: take in what the message says, wherever the conversation stands.

Several facts in one message, corrections, an order number in the middle of anger: everything lands in the slots and
on the open case, and an order is proven as soon as its number and a postcode or e-mail are known.
"""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk.events import SlotSet

from actions.base import SKIPPED, Events, Step, Turn
from actions.feedback import SCORES, take_words
from bot import texts
from bot.cases import store
from bot.cases.model import Case, Verification
from bot.cases.orders import MAX_TRIES, verify

ASKING_FOR = "requested_slot"
SURE_OUT_OF_SCOPE = 0.7
REMEDY_WISHES = ("repair", "replacement", "refund", "discount")
_CODE = re.compile(r"\b(?=[A-Za-z-]*\d)[A-Za-z]{0,4}-?\d[\w-]{3,15}\b")
_HAVE_NOT = re.compile(
    r"\b(hab|habe|finde?|weiß|weiss|kenne?)\b.{0,40}\b(nicht|nich|net|nimmer|kein|keine|keinen)\b"
    r"|\b(don['’]?t|do not|can['’]?t|cannot|haven['’]?t|no longer)\b.{0,20}\b(have|find|know|got|remember)\b"
    r"|\b(lost|verloren|weggeworfen|threw)\b|\b(no|keine) (number|nummer|idea|ahnung)\b",
    re.I,
)
MAY_SKIP = ("inform", "nlu_fallback", "out_of_scope", "reject_offer")
"""Intents that "I don't have it any more" is taken for."""
_POSTCODE = re.compile(r"(?<!\d)\d{5}(?!\d)")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[A-Za-z]{2,}")


class UnderstandMessage(Step):
    """Rasa runs this by its name after every message, before it decides what to do."""

    def name(self) -> str:
        return "action_validate_slot_mappings"

    def take(self, turn: Turn) -> Events:
        slots: dict[str, Any] = {"understood": str(turn.message.get("message_id") or ""), "language": _language(turn)}
        before = float(turn.tracker.get_slot("misunderstood") or 0)
        slots["misunderstood"] = before + 1 if _lost(turn) else 0.0
        case = turn.case()
        if case is not None and turn.intent not in ("nlu_fallback", "out_of_scope"):
            store.add_facts(
                turn.session,
                case,
                who="customer",
                text=turn.text if turn.intent in ("complain", "inform") else None,
                flags=turn.message.get("flags") or (),
                remedies=_remedies(turn),
                entities=entities(turn),
            )
        take_words(turn)
        slots.update(_answers(turn))
        number = slots.get("order_number") or turn.tracker.get_slot("order_number")
        if number and number != SKIPPED:
            slots.update(_prove(turn, case, number))
        return [SlotSet(name, value) for name, value in slots.items()]


def _lost(turn: Turn) -> bool:
    """Whether we did not understand: no clear reading, or "anything else" as a mere guess."""
    unsure = float((turn.message.get("intent") or {}).get("confidence") or 0) < SURE_OUT_OF_SCOPE
    return turn.intent == "nlu_fallback" or (turn.intent == "out_of_scope" and unsure)


def entities(turn: Turn) -> list[dict[str, Any]]:
    """The entities of the message as a case keeps them."""
    kept = []
    for found in turn.message.get("entities") or []:
        if found["entity"] in ("language", "offer", "choice", "remedy", "skip", *SCORES):
            continue
        value = found.get("surface") or found["value"]
        kept.append({"entity": found["entity"], "value": value, "resolved": found.get("resolved")})
    return kept


def _language(turn: Turn) -> str:
    """The message's language; a button has none and leaves it as it is; at the very start the session's counts."""
    spoken = turn.entity("language")
    if spoken in texts.LANGUAGES:
        return str(spoken)
    known = turn.tracker.get_slot("language") or (turn.message.get("metadata") or {}).get("language")
    return known if known in texts.LANGUAGES else "de"


def _remedies(turn: Turn) -> list[str]:
    pressed = turn.entity("remedy")
    return [*(turn.message.get("remedies") or ()), *([pressed] if pressed else [])]


def _answers(turn: Turn) -> dict[str, str]:
    """What the message answers of our questions, asked or not; '-' where it says "don't have it"."""
    found: dict[str, str] = {}
    asked = turn.tracker.get_slot(ASKING_FOR)
    number = turn.entity("order_number")
    if number is None and asked == "order_number" and (code := _CODE.search(turn.text)):
        number = code.group(0)
    if number:
        found["order_number"] = number.upper()
    wishes = [remedy for remedy in _remedies(turn) if remedy in REMEDY_WISHES]
    if wishes:
        found["wish"] = wishes[0]
    skipped = turn.entity("skip") or (asked if not found and _has_not(turn) else None)
    if skipped in ("order_number", "proof", "wish"):
        found[skipped] = SKIPPED
        if skipped == "order_number":
            found["proof"] = SKIPPED
    return found


def _has_not(turn: Turn) -> bool:
    """Whether the customer says that they do not have what we ask for."""
    return turn.intent == "deny" or (turn.intent in MAY_SKIP and _HAVE_NOT.search(turn.text) is not None)


def _prove(turn: Turn, case: Case | None, number: str) -> dict[str, str | None]:
    """Try the postcode or e-mail of this message (or of the case so far) against the order."""
    if turn.tracker.get_slot("proof") == "ok" and number == turn.tracker.get_slot("order_number"):
        return {}
    postcode, email = turn.entity("postcode"), turn.entity("email")
    if turn.tracker.get_slot(ASKING_FOR) == "proof" and not (postcode or email):
        postcode = _first(_POSTCODE, turn.text)
        email = _first(_EMAIL, turn.text)
    if not (postcode or email) and case is not None:
        known = {e["entity"]: str(e.get("resolved") or e["value"]) for e in case.entities}
        fresh = turn.entity("order_number") is not None
        postcode, email = (known.get("postcode"), known.get("email")) if fresh else (None, None)
    if not (postcode or email):
        return {}
    checked = verify(turn.session, turn.conversation, number, postcode=postcode, email=email)
    if checked.outcome == "ok" and checked.order is not None:
        if case is not None:
            store.attach_order(turn.session, case, checked.order, "postcode" if postcode else "email")
            joined(turn, case)
        return {"proof": "ok", "order_number": checked.order.order_number}
    if checked.outcome == "ended":
        turn.say("utter_proof_ended")
        return {"proof": SKIPPED}
    if checked.outcome == "unavailable":  # the shop's API is down: go on without the proof
        turn.say("utter_orders_unavailable")
        return {"proof": SKIPPED}
    turn.say("utter_proof_wrong")
    return {"proof": None}


def joined(turn: Turn, case: Case) -> Case:
    """The case of before about the same order and problem, which this one has joined; else the case itself."""
    earlier = store.told_before(turn.session, case)
    if earlier is None:
        return case
    settled = earlier.state == "resolved"
    store.join(turn.session, case, earlier)
    turn.say("utter_case_reopened" if settled else "utter_case_joined", number=earlier.number)
    return earlier


def proven_order(turn: Turn) -> Verification | None:
    """The order this conversation has proven to be its own."""
    proof = turn.session.get(Verification, turn.conversation)
    return proof if proof is not None and proof.order_number else None


def proof_ended(turn: Turn) -> bool:
    """Whether this conversation has used up its tries to prove an order."""
    proof = turn.session.get(Verification, turn.conversation)
    return proof is not None and proof.failures >= MAX_TRIES


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group(0) if found else None

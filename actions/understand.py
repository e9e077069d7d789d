"""First in every turn: take in what the message says, wherever the conversation stands.

Several facts in one message, corrections, an order number in the middle of anger: everything lands in the slots and
on the open case, and an order is proven as soon as its number and a postcode or e-mail are known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import SlotSet

from actions.base import SKIPPED, Events, Heard, Step, Turn
from actions.feedback import SCORES, take_words
from bot import texts
from bot.cases import store
from bot.cases.model import Case, Verification
from bot.cases.proofs import FROM_LIST, Asked, ask_shop, ended, verify
from bot.database import database

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

    def ask(self, heard: Heard) -> Asked:
        """The shop is asked where :func:`_prove` may need its answer, and not for who has no tries left."""
        number = _number(heard, _answers(heard))
        if number is None or _is_proven(heard, number):
            return FROM_LIST
        if not any(_proof(heard)) and heard.entity("order_number") is None:
            return FROM_LIST
        with database().begin() as session:
            over = ended(session, heard.conversation)
        return FROM_LIST if over else ask_shop(heard.conversation, number)

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
        number = _number(turn, slots)
        if number is not None:
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


def _remedies(heard: Heard) -> list[str]:
    pressed = heard.entity("remedy")
    return [*(heard.message.get("remedies") or ()), *([pressed] if pressed else [])]


def _number(heard: Heard, answers: Mapping[str, Any]) -> str | None:
    """The order number that this message gives, else the one known before."""
    number = answers.get("order_number") or heard.tracker.get_slot("order_number")
    return str(number) if number and number != SKIPPED else None


def _answers(heard: Heard) -> dict[str, str]:
    """What the message answers of our questions, asked or not; '-' where it says "don't have it"."""
    found: dict[str, str] = {}
    asked = heard.tracker.get_slot(ASKING_FOR)
    number = heard.entity("order_number")
    if number is None and asked == "order_number" and (code := _CODE.search(heard.text)):
        number = code.group(0)
    if number:
        found["order_number"] = number.upper()
    wishes = [remedy for remedy in _remedies(heard) if remedy in REMEDY_WISHES]
    if wishes:
        found["wish"] = wishes[0]
    skipped = heard.entity("skip") or (asked if not found and _has_not(heard) else None)
    if skipped in ("order_number", "proof", "wish"):
        found[skipped] = SKIPPED
        if skipped == "order_number":
            found["proof"] = SKIPPED
    return found


def _has_not(heard: Heard) -> bool:
    """Whether the customer says that they do not have what we ask for."""
    return heard.intent == "deny" or (heard.intent in MAY_SKIP and _HAVE_NOT.search(heard.text) is not None)


def _prove(turn: Turn, case: Case | None, number: str) -> dict[str, str | None]:
    """Try the postcode or e-mail of this message (or of the case so far) against the order."""
    if _is_proven(turn, number):
        return {}
    postcode, email = _proof(turn)
    if not (postcode or email) and case is not None and turn.entity("order_number") is not None:
        known = {e["entity"]: str(e.get("resolved") or e["value"]) for e in case.entities}
        postcode, email = known.get("postcode"), known.get("email")
    if not (postcode or email):
        return {}
    given = {"postcode": postcode, "email": email}
    checked = verify(turn.session, turn.conversation, number, now=turn.now, asked=turn.asked, **given)
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


def _is_proven(heard: Heard, number: str) -> bool:
    return heard.tracker.get_slot("proof") == "ok" and number == heard.tracker.get_slot("order_number")


def _proof(heard: Heard) -> tuple[str | None, str | None]:
    """The postcode and the e-mail address in this message; anything that looks like one where we asked for it."""
    postcode, email = heard.entity("postcode"), heard.entity("email")
    if heard.tracker.get_slot(ASKING_FOR) == "proof" and not (postcode or email):
        return _first(_POSTCODE, heard.text), _first(_EMAIL, heard.text)
    return postcode, email


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
    return ended(turn.session, turn.conversation)


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group(0) if found else None

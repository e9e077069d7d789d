"""Logging a complaint, and the one sentence that shows it was understood."""

from __future__ import annotations

import re

from rasa_sdk.events import FollowupAction, SlotSet

from actions.base import Events, Turn
from actions.understand import entities, joined, proven_order
from bot import texts
from bot.cases import store
from bot.cases.model import Case
from bot.cases.orders import find_order

DATA_REQUESTS = {"access_data": 15, "delete_data": 17}
"""Intents about personal data and their articles of the GDPR."""

_DEMANDS = {
    "delete_data": re.compile(
        r"\b(?:lösch|loesch|entfern)(?:en|t|e)?\b.{0,40}\bdaten\b"
        r"|\bdaten\b.{0,30}\b(?:(?:lösch|loesch|entfern)en|gel(?:ö|oe)scht (?:werden|haben))\b"
        r"|\b(?:delete|erase|remove)\b.{0,25}\b(?:my|our|her|his|all|the)\b.{0,15}\b(?:data|personal details)\b",
        re.IGNORECASE | re.DOTALL,
    ),
    "access_data": re.compile(
        r"\bkopie\b.{0,20}\bmeiner daten\b|\bwelche daten\b.{0,30}\b(?:mir|mich)\b"
        r"|\bcopy of (?:all )?(?:my|the) (?:personal )?data\b|\bdata you (?:hold|have|keep) (?:on|about) me\b",
        re.IGNORECASE | re.DOTALL,
    ),
}
"""Demands about personal data in plain words."""

TELLS_PROBLEM = frozenset({"product", "order_number", "money", "licence_plate"})
"""Entities that make a question or demand the story of a problem."""


def tells_problem(turn: Turn) -> bool:
    """Whether a message that asks or demands something also says what is wrong: it is then logged like a complaint."""
    named = any(found["entity"] in TELLS_PROBLEM for found in turn.message.get("entities") or [])
    odds = next((i["confidence"] for i in turn.message.get("intent_ranking") or () if i["name"] == "complain"), 0.0)
    return len(turn.text.split()) >= 4 and (named or bool(turn.message.get("flags")) or odds >= 0.2)


def start_case(turn: Turn) -> Events:
    """Log what was told, show that it was understood, and go on to the questions that are missing."""
    case = log_complaint(turn)
    logged = texts.text("utter_case_logged", turn.language, number=case.number)
    # A case that was there before was named when this one joined it.
    turn.say_text(problem_named(turn, case) if case.received_at < turn.now else f"{problem_named(turn, case)} {logged}")
    if "broken_promise" in case.flags:
        turn.say("utter_broken_promise")
    return [FollowupAction("case_form")]


def take_down_data_request(turn: Turn, case: Case, intent: str | None = None) -> None:
    """A request about personal data is on record with its article and its time, whoever answers it."""
    due = turn.when(turn.promise(case, "decision").due_at)
    turn.say("utter_privacy_received", number=case.number, article=DATA_REQUESTS[intent or turn.intent], when=due)


def data_request_beside(turn: Turn) -> str | None:
    """`delete_data` or `access_data` where a message about something else demands it, too: one meaning is recognised
    in a message, but a demand under the GDPR must not be overheard."""
    if turn.intent in DATA_REQUESTS:
        return None
    return next((intent for intent, words in _DEMANDS.items() if words.search(turn.text)), None)


def fresh_questions() -> Events:
    """A second matter in the same conversation has its own order and wish."""
    return [SlotSet("wish", None), SlotSet("order_number", None), SlotSet("proof", None)]


def log_complaint(turn: Turn, category: str | None = None) -> Case:
    """A new case from this message, with the order that this conversation has proven."""
    category = category or turn.message.get("category") or turn.message.get("likely_category") or "other"
    case = store.open_case(
        turn.session,
        conversation=turn.conversation,
        channel=str((turn.message.get("metadata") or {}).get("channel") or "shell"),
        language=turn.language,
        category=category,
        text=turn.text,
        flags=turn.message.get("flags") or (),
        remedies=[*(turn.message.get("remedies") or ()), *_wished(turn)],
        entities=entities(turn),
        now=turn.now,
    )
    proof = proven_order(turn)
    named = turn.entity("order_number")
    if proof is not None and (named is None or named.upper() == proof.order_number):
        order = find_order(turn.session, proof.order_number or "")
        if order is not None:
            store.attach_order(turn.session, case, order, proof.how or "postcode")
            return joined(turn, case)
    return case


def problem_named(turn: Turn, case: Case) -> str:
    """One sentence that names this problem."""
    default = f"utter_item_{case.category}"
    generic = texts.text(default if texts.has(default) else "utter_item_default", turn.language)
    item = turn.entity_as_written("product") or case.item
    quoted = (f"„{item}“" if turn.language == "de" else f"“{item}”") if item else generic
    return texts.text(f"utter_understood_{case.category}", turn.language, item=quoted)


def _wished(turn: Turn) -> list[str]:
    """A remedy demanded before the problem was told."""
    wish = turn.tracker.get_slot("wish")
    return [wish] if wish in ("repair", "replacement", "refund", "discount") else []

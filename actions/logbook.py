"""Logging a complaint, and the one sentence that shows it was understood."""

from __future__ import annotations

from actions.base import Turn
from actions.understand import entities, proven_order
from bot import texts
from bot.cases import store
from bot.cases.model import Case
from bot.cases.orders import find_order


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
        remedies=turn.message.get("remedies") or (),
        entities=entities(turn),
        now=turn.now,
    )
    proof = proven_order(turn)
    named = turn.entity("order_number")
    if proof is not None and (named is None or named.upper() == proof.order_number):
        order = find_order(turn.session, proof.order_number or "")
        if order is not None:
            store.attach_order(turn.session, case, order, proof.how or "postcode")
    return case


def problem_named(turn: Turn, case: Case) -> str:
    """One sentence that names this problem."""
    default = f"utter_item_{case.category}"
    generic = texts.text(default if texts.has(default) else "utter_item_default", turn.language)
    quoted = (f"„{case.item}“" if turn.language == "de" else f"“{case.item}”") if case.item else generic
    return texts.text(f"utter_understood_{case.category}", turn.language, item=quoted)

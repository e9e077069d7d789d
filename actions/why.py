"""Why this? The short, honest answer from the stored decision."""

from __future__ import annotations

from actions.base import Turn
from bot import texts
from bot.cases.model import Case


def asks_why(turn: Turn) -> bool:
    """A short "why?", or the button for it."""
    text = str(turn.message.get("text") or "").lower()
    return text.startswith("/ask_rights") or (
        len(text.split()) <= 8 and any(word in text for word in ("warum", "wieso", "weshalb", "why", "how come"))
    )


def tell_why(turn: Turn, case: Case) -> None:
    """The honest short reason behind the last decision."""
    turn.say("utter_why", why=_reason(turn, case))


def _reason(turn: Turn, case: Case) -> str:
    """From the stored decision alone: what is told is what decided."""
    decision = case.decisions[-1]
    result = decision.result
    if result.get("rights"):
        paragraphs = ", ".join(right["paragraph"] for right in result["rights"])
        return texts.text("utter_reason_right", turn.language, paragraphs=paragraphs)
    named = f"utter_reason_{result.get('reason')}"
    if decision.outcome == "person":
        return texts.text(named if texts.has(named) else "utter_reason_person", turn.language)
    if result.get("reason") == "not_verified":
        return texts.text("utter_reason_not_verified", turn.language)
    sentences = [texts.text("utter_reason_ladder", turn.language)]
    if any(step["rule"] == "cap" and not step["passed"] for step in decision.path):
        sentences.append(texts.text("utter_reason_cap", turn.language))
    hints = [str(hint[turn.language]) for hint in result.get("what_if") or () if turn.language in hint]
    return " ".join([*sentences, *hints])

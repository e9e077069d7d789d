"""Why this? A short, honest answer from the stored decision, in the customer's language."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from actions.why import asks_why, tell_why
from bot.cases import store
from bot.cases.model import Case, Decision
from tests.actions.conftest import TurnMaker


def decided(
    session: Session, outcome: str, reason: str, path: tuple[tuple[str, bool], ...] = (), **result: Any
) -> Case:
    """A case with one decision that says this."""
    case = store.open_case(session, conversation="c1", channel="web", language="de", category="billing", text="Hm")
    steps = [{"rule": rule, "passed": passed, "because": "", "because_de": ""} for rule, passed in path]
    session.add(
        Decision(
            id=store.new_id(), case_number=case.number, by="bot", outcome=outcome, inputs={}, path=steps,
            result={"reason": reason, **result}, rule_version="1",
        )
    )  # fmt: skip
    session.flush()
    session.expire(case, ["decisions"])
    return case


@pytest.mark.parametrize(
    ("outcome", "reason", "german", "english"),
    [
        ("person", "beyond_prior_grants", "kein Vorwurf", "no reproach"),
        ("person", "after_warranty_high_value", "Gewährleistung vorbei", "warranty is over"),
        ("person", "date_missing", "ein Datum", "A date"),
        ("person", "pressure", "immer ein Mensch", "a person always decides"),
        ("person", "already_compensated", "schon etwas vereinbart", "already agreed"),
        ("person", "device_compensated", "derselben Sache", "this very item"),
        ("person", "payment_compensated", "derselben Zahlung", "the same payment"),
        ("person", "no_right_found", "nur ein Mensch", "only a person"),
        ("person", "some new rule", "ein Mensch entscheiden", "A person"),
        ("gesture", "not_verified", "noch nicht geprüft", "not been verified"),
        ("gesture", "ladder:apology", "Name, Ton und Kanal", "Name, tone and channel"),
    ],
)
def test_the_reason_is_the_one_that_decided(
    turn: TurnMaker, session: Session, outcome: str, reason: str, german: str, english: str
) -> None:
    case = decided(session, outcome, reason)
    for language, words in (("de", german), ("en", english)):
        made = turn("Warum?", "ask_rights", language=language)
        assert asks_why(made)
        tell_why(made, case)
        assert words in made.said[0]["text"]


def test_a_right_is_named_as_one_with_its_paragraph(turn: TurnMaker, session: Session) -> None:
    case = decided(session, "right", "right:de-warranty", rights=[{"paragraph": "§§ 437, 439 BGB"}])
    made = turn("Why?", "ask_rights", language="en")
    tell_why(made, case)
    assert "your right by law (§§ 437, 439 BGB)" in made.said[0]["text"] and "no favour" in made.said[0]["text"]


def test_what_would_have_changed_it_and_what_limits_it_are_told(turn: TurnMaker, session: Session) -> None:
    hint = {"id": "service_proof", "de": "10,00 € mehr mit einem Servicenachweis.", "en": "€10.00 more with proof."}
    case = decided(session, "gesture", "ladder:surprise", path=(("cap", False),), what_if=[hint])
    made = turn("Wieso nicht mehr?", "ask_rights")
    tell_why(made, case)
    assert "Monatsbudget" in made.said[0]["text"] and "Servicenachweis" in made.said[0]["text"]

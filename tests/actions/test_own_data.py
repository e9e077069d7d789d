"""What a customer may do with their own data in the chat, and what a person has to look at first."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from actions.base import Turn
from actions.complaint import Decide, ValidateCaseForm
from actions.logbook import data_request_beside
from actions.offer import AcceptOffer, DeclineOffer
from actions.privacy import Privacy
from bot.cases import store
from bot.cases.ending import ERASE_LATER, was
from bot.cases.model import Case, Order, Verification
from tests.actions.conftest import TurnMaker


@pytest.fixture
def proven(session: Session) -> None:
    """The conversation has proven an order to be its own."""
    session.add(Order(order_number="LH-1", item="Kaffeemaschine", email="a@example.org", postcode="80331"))
    session.add(Verification(conversation="c1", order_number="LH-1", how="postcode", failures=0))
    session.flush()


def asked_for(turn: Turn) -> list[str]:
    """What the front desk is asked to do."""
    return [next(iter(said["json_message"])) for said in turn.said if "json_message" in said]


def texts_of(turn: Turn) -> str:
    return "\n".join(said.get("text", "") for said in turn.said)


@pytest.mark.parametrize("intent", ["access_data", "delete_data"])
def test_without_a_proven_order_a_person_looks_first(turn: TurnMaker, intent: str) -> None:
    made = turn("Meine Daten, bitte", intent)
    Privacy().take(made)
    assert asked_for(made) == ["handoff"]
    assert "Ein Mensch prüft" in texts_of(made)


@pytest.mark.parametrize("intent", ["access_data", "delete_data"])
def test_for_somebody_else_a_person_looks_first(turn: TurnMaker, proven: None, intent: str) -> None:
    made = turn("Die Daten meiner Oma, bitte", intent, flags=["third_party"])
    Privacy().take(made)
    assert asked_for(made) == ["handoff"]


def test_a_verified_customer_gets_a_copy_at_once(turn: TurnMaker, session: Session, proven: None) -> None:
    made = turn("Welche Daten haben Sie von mir?", "access_data")
    Privacy().take(made)
    assert asked_for(made) == ["privacy"] and made.said[-1]["json_message"] == {"privacy": "export"}
    (case,) = store.of_conversation(session, "c1")
    assert (case.category, case.state) == ("privacy", "resolved")
    assert case.number in texts_of(made) and "Art. 15" in texts_of(made)


def test_an_erasure_is_asked_about_and_what_stays_is_said_first(
    turn: TurnMaker, session: Session, proven: None
) -> None:
    claim = store.open_case(
        session, conversation="c1", channel="web", language="de", category="product_defect", text="kaputt"
    )
    made = turn("Löschen Sie meine Daten", "delete_data")
    Privacy().take(made)
    assert asked_for(made) == [], "nothing is erased before a yes"
    assert claim.number in made.said[0]["text"] and "noch offen" in made.said[0]["text"]
    assert [button["title"] for button in made.said[1]["buttons"]] == [
        "Ja, löschen",
        "Nein, behalten",
        "Erst eine Kopie",
    ]


def test_a_yes_is_on_record_before_it_is_done(turn: TurnMaker, session: Session, proven: None) -> None:
    made = turn("Ja, löschen", "delete_data", entities={"choice": "yes"})
    Privacy().take(made)
    assert made.said[-1]["json_message"] == {"privacy": "erase"}
    (case,) = store.of_conversation(session, "c1")
    assert was(session, case, ERASE_LATER) and case.state == "resolved"


def test_a_no_erases_nothing(turn: TurnMaker, session: Session, proven: None) -> None:
    made = turn("Nein, behalten", "delete_data", entities={"choice": "no"})
    Privacy().take(made)
    assert asked_for(made) == [] and "nichts gelöscht" in texts_of(made)
    assert session.query(Case).count() == 0


@pytest.mark.parametrize(("step", "asks"), [(AcceptOffer, ["privacy"]), (DeclineOffer, [])])
def test_a_typed_yes_or_no_answers_the_question(
    turn: TurnMaker, proven: None, step: type[AcceptOffer | DeclineOffer], asks: list[str]
) -> None:
    question = turn("Löschen Sie meine Daten", "delete_data")
    Privacy().take(question)
    asked = question.said[-1]
    made = turn("ja" if step is AcceptOffer else "nein", "affirm", bot_said=asked["text"])
    bot = next(event for event in made.tracker.events if event["event"] == "bot")
    bot["data"] = {"buttons": asked["buttons"]}
    step().take(made)
    assert asked_for(made) == asks


def test_a_yes_to_something_else_erases_nothing(turn: TurnMaker, proven: None) -> None:
    made = turn("ja", "affirm", bot_said="Möchten Sie das so?")
    AcceptOffer().take(made)
    assert asked_for(made) == []


@pytest.mark.parametrize(
    ("text", "demanded"),
    [
        ("Der Wasserkocher ist kaputt. Und löschen Sie meine Daten, please!", "delete_data"),
        ("the kettle ist kaputt, and please delete all my data, bitte!", "delete_data"),
        ("Kaputt! Ich möchte, dass meine Daten gelöscht werden.", "delete_data"),
        ("It is broken. And I want a copy of my data.", "access_data"),
        ("Kaputt, und welche Daten haben Sie eigentlich über mich?", "access_data"),
        ("Die App hat meine Bestellung gelöscht.", None),
        ("Die App hat alle meine Daten gelöscht!", None),
        ("Your update deleted all the photos.", None),
        ("Die Speicherkarte mit den Daten ist kaputt.", None),
    ],
)
def test_a_demand_beside_a_complaint_is_not_overheard(
    turn: TurnMaker, session: Session, text: str, demanded: str | None
) -> None:
    store.open_case(session, conversation="c1", channel="web", language="de", category="product_defect", text=text)
    made = turn(text, "complain", flags=["third_party"])
    assert data_request_beside(made) == demanded
    ValidateCaseForm().take(made)
    Decide().take(made)
    said = texts_of(made)
    assert ("handoff" in asked_for(made)) is (demanded is not None)
    assert ("Art. 17" in said, "Art. 15" in said) == (demanded == "delete_data", demanded == "access_data")

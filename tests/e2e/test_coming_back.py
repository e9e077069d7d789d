"""Coming back: the history is there, the status is for its owner only, and the customer can end it."""

from __future__ import annotations

from bot import texts
from tests.e2e.conftest import Customer


def test_the_history_is_there_after_a_reload(customer: Customer) -> None:
    before = customer()
    before.say("Der Kompressor springt nicht mehr an.")
    log = before.log()
    after = customer(token=before.token)
    assert after.log() == log
    assert texts.text("utter_ask_proof", "de") in after.say("LH-104140"), "and it goes on where it stopped"
    assert before.log() == after.log()
    assert before.case()["order_number"] == "LH-104140"


def test_status_is_told_to_the_owner_only(customer: Customer) -> None:
    owner = customer()
    owner.say("Das Fahrradschloss aus der Bestellung LH-104739 klemmt und geht nicht mehr auf, PLZ 80339.")
    owner.press("Reparatur")
    case = owner.case()
    answer = owner.say(f"Wie ist der Stand von {case['number']}?")
    assert case["number"] in answer and texts.text("utter_state_accepted", "de") in answer
    assert "Zugesagt ist eine Antwort bis" in answer
    assert case["number"] in owner.say("Was ist jetzt mit meinem Fall?"), "without the number, too"

    stranger = customer()
    neutral = texts.text("utter_status_prove", "de")
    assert neutral in stranger.say(f"Wie ist der Stand von {case['number']}?")
    assert neutral in stranger.say("Wie ist der Stand von EK-2019-000777?"), "the same for a case that does not exist"
    for secret in ("Fahrradschloss", texts.text("utter_state_accepted", "de")):
        assert secret not in stranger.text("bot")
    assert stranger.cases() == []

    # The owner on another device proves the order and is told.
    again = customer()
    again.say("Meine Bestellnummer ist LH-104739 und die Postleitzahl 80339.")
    assert texts.text("utter_state_accepted", "de") in again.say(f"Wie ist der Stand von {case['number']}?")


def test_the_same_problem_told_again_is_one_case(customer: Customer) -> None:
    first = customer()
    first.say("Das Fahrradschloss aus der Bestellung LH-104739 klemmt und geht nicht mehr auf, PLZ 80339.")
    number = first.case()["number"]
    again = customer()
    answer = again.say("Mein Fahrradschloss LH-104739 ist kaputt, Postleitzahl 80339.")
    assert texts.text("utter_case_joined", "de", number=number) in answer
    joined = next(case for case in again.cases() if case["number"] == number)
    assert "repeat_contact" in joined["flags"] and joined["severity"] == 2
    assert [case["repeat_of"] for case in again.cases() if case["number"] != number] == [number]


def test_closing_a_case_that_is_settled(customer: Customer) -> None:
    chat = customer("en")
    chat.say("The navigation device LH-104835 is broken, the screen stays black. My postcode is 80802.")
    number = chat.case()["number"]
    answer = chat.say("It has been settled, you can close my complaint. Thanks!")
    assert f"closing case {number}" in answer
    case = chat.case()
    assert case["state"] == "withdrawn"
    assert all(offer["state"] != "open" for offer in case["offers"])
    assert all(promise["state"] != "open" for promise in case["promises"])
    assert texts.text("utter_state_withdrawn", "en") in chat.say(f"What is the status of {number}?")


def test_the_transcript_has_everything(customer: Customer) -> None:
    chat = customer()
    chat.say("Der Kompressor springt nicht mehr an.")
    written = chat.http.get("/chat/transcript").text
    assert all(message["text"] in written for message in chat.log())

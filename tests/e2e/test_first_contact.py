"""The first minutes: who is speaking, what was understood, only what is missing is asked, and a way out at any time."""

from __future__ import annotations

import re

import pytest

from bot import texts
from tests.e2e.conftest import Customer


@pytest.mark.parametrize(
    ("locale", "text", "language", "machine", "person"),
    [
        ("de", "Der Hochdruckreiniger ist kaputt.", "de", "Ich bin eine KI, kein Mensch", "„Mensch“"),
        ("en", "The pressure washer is leaking water.", "en", "I am an AI, not a person", "“person”"),
        # A page in one language, a customer in the other: the first reply follows the customer.
        ("de", "Hello, the pressure washer that I bought from you is leaking water.", "en", "I am an AI", "“person”"),
    ],
)
def test_the_first_reply_says_that_this_is_an_ai(
    customer: Customer, locale: str, text: str, language: str, machine: str, person: str
) -> None:
    chat = customer(locale)
    assert ("KI-Assistent" if locale == "de" else "AI assistant") in chat.welcome[0]["text"]
    chat.say(text)
    first = chat.last[0]["text"]
    assert machine in first and person in first and "https://lindenhof.example/datenschutz" in first
    case = chat.case()
    assert (case["language"], case["channel"], case["category"]) == (language, "web", "product_defect")
    assert case["text"] == text and re.fullmatch(r"EK-\d{4}-\d{6}", case["number"])
    assert case["number"] in chat.text("bot")


def test_several_facts_in_one_message(customer: Customer) -> None:
    chat = customer()
    answer = chat.say(
        "Der Hochdruckreiniger aus der Bestellung LH-104325 ist kaputt, er baut keinen Druck mehr auf. "
        "Meine Postleitzahl ist 80939, ich hätte gern Ersatz."
    )
    case = chat.case()
    assert (case["order_number"], case["verified"], case["verified_how"]) == ("LH-104325", True, "postcode")
    assert case["remedies"] == ["replacement"] and case["category"] == "product_defect"
    assert {"product", "order_number", "postcode"} <= {entity["entity"] for entity in case["entities"]}
    assert "Hochdruckreiniger" in answer and "gesetzliches Recht" in answer
    for question in ("utter_ask_order_number", "utter_ask_proof", "utter_ask_wish"):
        assert texts.text(question, "de") not in answer, "what was told is not asked"


def test_a_correction_counts(customer: Customer) -> None:
    chat = customer()
    chat.say("Der Kompressor springt nicht mehr an.")
    chat.say("LH-104141")
    answer = chat.say("Nein, ich habe mich vertippt, die Nummer ist LH-104140.")
    assert texts.text("utter_ask_proof", "de") in answer
    answer = chat.say("80933")
    case = chat.case()
    assert (case["order_number"], case["item"], case["verified"]) == ("LH-104140", "Kompressor", True)
    assert "Kompressor" in answer and [offer["kind"] for offer in case["offers"]] == ["entitlement"]


def test_a_question_in_the_middle(customer: Customer) -> None:
    chat = customer("en")
    chat.say("The car jack I bought from you is broken, it does not lift any more.")
    question = texts.text("utter_ask_order_number", "en")
    assert question in chat.text("bot")
    answer = chat.say("When are you open?")
    assert "Monday to Friday" in answer and chat.last[-1]["text"] == question, "then the open question again"
    answer = chat.say("What am I entitled to?")
    assert "within 24 months" in answer and chat.last[-1]["text"] == question
    chat.say("LH-104234")
    answer = chat.say("Am I talking to a machine?")
    assert "not a person" in answer and chat.last[-1]["text"] == texts.text("utter_ask_proof", "en")
    assert "your right by law" in chat.say("81243")
    assert chat.case()["verified"] and chat.holder == "bot"


def test_a_person_in_the_middle(customer: Customer) -> None:
    chat = customer()
    chat.say("Der Kompressor springt nicht mehr an.")
    number = chat.case()["number"]
    answer = chat.say("Ich möchte lieber mit einem Menschen sprechen.")
    assert "Menschen" in answer and "nichts wiederholen" in answer and number in answer
    assert chat.titles == [], "nothing is asked any more"
    case = chat.case()
    assert chat.holder == "queue" and [h["reason"] for h in case["handoffs"]] == ["asked_for_person"]
    assert [promise["state"] for promise in case["promises"]] == ["open"]
    # While people hold it the bot is silent, and says once that the message has arrived.
    chat.write("Hallo? Der Kompressor steht in der Einfahrt.")
    chat.hears(texts.text("utter_still_in_queue", "de"))
    assert [m.state for m in chat.stored() if m.author == "customer"] == ["answered", "answered", "held"]


def test_two_misunderstandings_bring_a_person(customer: Customer) -> None:
    chat = customer("en")
    chat.say("zxcv yuio")
    assert chat.holder == "bot"
    chat.say("qwpo mnbx")
    assert chat.holder == "queue"
    assert chat.text("bot").count(texts.text("utter_not_understood", "en")) <= 1


def test_changing_the_subject(customer: Customer) -> None:
    chat = customer()
    chat.say("Der Kompressor springt nicht mehr an.")
    chat.press("Habe ich nicht")
    chat.press("Reparatur")
    chat.say("Und noch etwas anderes: Auf meiner Rechnung für die Inspektion stehen 80 Euro zu viel, das stimmt nicht.")
    first, second = chat.cases()
    assert (first["category"], second["category"]) == ("product_defect", "billing")
    assert first["number"] != second["number"] and second["number"] in chat.text("bot")


def test_several_languages_in_one_conversation(customer: Customer) -> None:
    chat = customer("de")
    chat.say("Mein Kompressor springt nicht mehr an.")
    answer = chat.say("Can we continue in English please?")
    assert "in English" in answer
    answer = chat.say("I don't have the order number any more, sorry.")
    assert chat.last[0]["text"] == texts.text("utter_disclosure", "en") or "I am an AI" in chat.text("bot")
    assert texts.text("utter_ask_wish", "en") in answer
    assert "Was wäre für Sie" not in answer
    answer = chat.say("Je ne parle pas bien, could you speak French?")
    assert "German and English" in answer

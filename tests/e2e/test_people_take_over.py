"""People have a conversation, or nobody is there to take it: what the bot knows, says and leaves alone afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from bot import texts
from bot.database import Database, utcnow
from bot.frontdesk import handoff, nobody_there
from bot.frontdesk.model import User
from tests.e2e.conftest import Customer
from tests.e2e.talk import Chat

QUESTIONS = ("utter_ask_order_number", "utter_ask_proof", "utter_ask_wish")


def staff(database: Database, chat: Chat, step: Callable[..., Any], *args: Any, name: str = "Alex") -> None:
    """Alex does something with the conversation."""
    with database.begin() as session:
        held = handoff.active(session, chat.id)
        assert held is not None
        step(session, held.id, session.scalars(select(User).where(User.name == name)).one(), *args)


def nobody_takes_it(database: Database, chat: Chat) -> None:
    """Three minutes have passed for everybody who waits."""
    with database.begin() as session:
        assert chat.id in nobody_there.tell_waiting(session, utcnow(), dt.timedelta(0))


def asks_nothing(chat: Chat, language: str, since: int) -> None:
    said = "\n".join(m["text"] for m in chat.log("bot") if m["seq"] > since)
    for question in QUESTIONS:
        assert texts.text(question, language) not in said


def test_after_people_the_bot_goes_on_from_what_was_agreed_and_asks_nothing_again(
    customer: Customer, database: Database
) -> None:
    chat = customer()
    chat.say("Meine Kaffeemaschine ist kaputt, ich möchte bitte mit einem Menschen sprechen.")
    assert chat.holder == "queue"
    staff(database, chat, handoff.claim)
    staff(database, chat, handoff.say, "Guten Tag, wie lautet die Bestellnummer, und Ihre Postleitzahl?")
    chat.tell_people("LH-104502, meine Postleitzahl ist 80469.")
    staff(database, chat, handoff.say, "Danke. Sie bekommen eine neue Maschine.")
    staff(database, chat, handoff.give_back, "Eine neue Maschine kommt am Freitag.")
    since = max(m["seq"] for m in chat.log())

    answer = chat.say("Die Kaffeemaschine ist immer noch kaputt.")
    assert "Es gilt, was Alex mit Ihnen vereinbart hat: Eine neue Maschine kommt am Freitag." in answer
    assert chat.titles == ["Mit einem Menschen sprechen"] and chat.holder == "bot"
    case = chat.case()
    assert (case["verified"], case["order_number"]) == (True, "LH-104502"), "what was told to Alex is known"
    assert case["decisions"] == [] and case["offers"] == [], "people have agreed: the bot offers nothing of its own"
    assert "Mit Alex vereinbart: Eine neue Maschine kommt am Freitag." in chat.say("Wie ist der Stand?")
    assert "Eine neue Maschine" in chat.say("Die Bestellnummer ist LH-104502.")
    asks_nothing(chat, "de", since)
    chat.say("Das sehe ich anders, ich will mein Geld zurück.")
    assert chat.holder == "queue", "something else than was agreed is for people"


def test_another_matter_after_people_is_a_case_of_its_own(customer: Customer, database: Database) -> None:
    chat = customer("en")
    chat.say("My coffee machine is broken, I want to talk to a person please.")
    staff(database, chat, handoff.claim)
    staff(database, chat, handoff.give_back, "A new machine comes on Friday.")
    chat.say("And another thing: the invoice for my car inspection is 80 euros too high, that is wrong.")
    first, second = chat.cases()
    assert (first["category"], second["category"]) == ("product_defect", "billing")
    assert "A new machine" not in "\n".join(m["text"] for m in chat.last)


def test_a_resolved_matter_is_known_to_the_bot_and_a_person_is_a_press_away(
    customer: Customer, database: Database
) -> None:
    chat = customer("en")
    chat.say("My coffee machine is broken, I want to talk to a person please.")
    staff(database, chat, handoff.claim)
    staff(database, chat, handoff.resolve, "A new machine comes on Friday.")
    answer = chat.say("How is my case going?")
    assert "Agreed with Alex: A new machine comes on Friday." in answer
    chat.say("I want to talk to a person.")
    assert chat.holder == "queue"


def test_nobody_there_and_the_bot_goes_on_with_what_needs_no_person(customer: Customer, database: Database) -> None:
    chat = customer()
    chat.say("Der Kompressor springt nicht mehr an, ich möchte einen Menschen sprechen.")
    number = chat.case()["number"]
    nobody_takes_it(database, chat)
    chat.hears("Nummer oder Adresse")
    assert "Montag bis Freitag" in chat.say("Wie sind Ihre Öffnungszeiten?") and chat.holder == "queue"
    assert number in chat.say("Wie ist der Stand?")
    again = chat.say("Ich will endlich einen Menschen!")
    assert texts.text("utter_still_in_queue", "de") in again and "nichts wiederholen" not in again
    assert [h["state"] for h in chat.case()["handoffs"]] == ["queued"], "one place in the queue, kept"

    answer = chat.say("Rufen Sie mich bitte unter 0151 23456789 an.")
    assert "0151 23456789" in answer and number in answer
    assert {"first_answer", "callback"} <= {p["what"] for p in chat.case()["promises"] if p["state"] == "open"}
    staff(database, chat, handoff.claim)
    bot_before = len(chat.log("bot"))
    chat.write("Sind Sie das?")
    staff(database, chat, handoff.say, "Ja, hier ist Alex.")
    chat.hears("hier ist Alex")
    assert len(chat.log("bot")) == bot_before and chat.stored()[-1].author == "staff"


def test_nobody_there_and_an_address_becomes_a_promise(customer: Customer, database: Database) -> None:
    chat = customer("en")
    chat.say("The compressor does not start, I want to talk to a person.")
    nobody_takes_it(database, chat)
    answer = chat.say("You can write to me at anna@example.org")
    assert "we will write to anna@example.org by" in answer and chat.holder == "queue"


def test_nobody_there_and_it_has_settled_itself(customer: Customer, database: Database) -> None:
    chat = customer()
    chat.say("Der Kompressor springt nicht mehr an, ich möchte einen Menschen sprechen.")
    nobody_takes_it(database, chat)
    chat.say("Hat sich erledigt, danke, ich ziehe die Beschwerde zurück.")
    case = chat.case()
    assert case["state"] == "withdrawn" and [h["state"] for h in case["handoffs"]] == ["resolved"]
    assert chat.holder == "nobody"


def test_in_danger_nobody_but_a_person_speaks(customer: Customer, database: Database) -> None:
    chat = customer()
    chat.say("Der Akku vom E-Bike qualmt und ich habe mir die Hand verbrannt.")
    nobody_takes_it(database, chat)
    bot_before = len(chat.log("bot"))
    chat.write("Wie sind Ihre Öffnungszeiten?")
    chat.hears(texts.text("utter_still_in_queue", "de"))
    assert len(chat.log("bot")) == bot_before and chat.holder == "queue"

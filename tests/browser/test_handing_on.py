"""A conversation goes from hand to hand and back to the bot; the customer notices no seam, nothing is asked twice."""

from __future__ import annotations

from playwright.sync_api import expect

from bot import texts
from bot.database import Database
from tests.browser.conftest import NewDesk, NewWidget
from tests.browser.pages import PATIENCE, Desk
from tests.browser.test_side_by_side import case_number, stored


def standing(desk: Desk, words: str) -> None:
    """What stands above the conversation."""
    expect(desk.page.locator("[data-standing]")).to_contain_text(words, timeout=PATIENCE)


def test_put_aside_woken_by_the_customer_and_given_to_a_colleague(
    widget: NewWidget, desk: NewDesk, database: Database
) -> None:
    alex, mira, customer = desk("Alex"), desk("Mira"), widget("de")
    customer.say("Der Kompressor springt nicht mehr an, ich möchte bitte einen Menschen sprechen.")
    customer.hears("Ich hole jetzt einen Menschen dazu")
    number = case_number(customer)
    alex.claim(number)
    standing(alex, "Antwort fällig")
    alex.say("Ich frage in der Werkstatt nach.")
    standing(alex, "Kunde ist am Zug")
    alex.hand_on("snooze", until="drei Stunden", why="Werkstatt ruft zurück")
    expect(alex.row(number)).to_contain_text("Zurückgestellt bis")

    customer.say("Mir ist noch etwas eingefallen: Er brummt nur.")
    expect(alex.row(number)).to_contain_text("Antwort fällig", timeout=PATIENCE)  # without reloading
    alex.open(number)
    alex.hears("Er brummt nur.")
    alex.hand_on("reassign", to="Mira", why="kennt Kompressoren")
    customer.hears("Mira aus unserem Team ist jetzt für Sie da", "system")
    customer.speaks("Mira")
    mira.open(number)
    expect(mira.page.locator("[data-briefing]")).to_contain_text("Mira: kennt Kompressoren")
    mira.say("Dann ist es der Kondensator, den tauschen wir.")
    customer.hears("der Kondensator", "staff")
    mira.end("return", "Der Kondensator wird am Freitag getauscht.")
    [handoff] = stored(database, number)["handoffs"]
    assert (handoff["state"], handoff["claimed_by"]) == ("returned", "Mira")


def test_passed_up_to_a_lead(widget: NewWidget, desk: NewDesk) -> None:
    alex, mira, customer = desk("Alex"), desk("Mira"), widget("en")
    customer.say("My compressor does not start, I want to talk to a person please.")
    customer.hears("I am bringing in a person now")
    number = case_number(customer)
    alex.claim(number)
    alex.say("Let me see what I can do.")
    alex.hand_on("escalate", why="Wants more than I may give")
    customer.hears(texts.text("utter_person_escalated", "en"), "system")
    customer.speaks("Waiting for a person")
    expect(alex.row(number)).to_contain_text("Für die Leitung")
    expect(alex.row(number).locator("[data-claim]")).to_have_count(0)
    mira.claim(number)
    customer.hears("Mira from our team has taken over", "system")
    mira.end("resolve", "We replace the compressor.")


def test_back_with_the_bot_nothing_is_asked_again(widget: NewWidget, desk: NewDesk, database: Database) -> None:
    alex, customer = desk("Alex"), widget("de")
    customer.say("Mein Akkuschrauber geht nicht mehr, ich möchte bitte einen Menschen sprechen.")
    customer.hears("Ich hole jetzt einen Menschen dazu")
    number = case_number(customer)
    alex.claim(number)
    alex.say("Wie lautet Ihre Bestellnummer, und welche Postleitzahl haben Sie?")
    customer.say("LH-104203, 80799 München")
    alex.hears("LH-104203")
    alex.say("Danke. Sie bekommen einen neuen.")
    alex.end("return", "Ein neuer Akkuschrauber kommt am Freitag.")
    customer.speaks("KI-Assistent")

    customer.say("Der Akkuschrauber ist immer noch kaputt.")
    customer.hears("Es gilt, was Alex mit Ihnen vereinbart hat: Ein neuer Akkuschrauber kommt am Freitag.")
    customer.say("Wie ist der Stand?")
    customer.hears("Mit Alex vereinbart: Ein neuer Akkuschrauber kommt am Freitag.")
    asked = [texts.text(name, "de") for name in ("utter_ask_order_number", "utter_ask_proof", "utter_ask_wish")]
    assert not [line for line in customer.log() if line in asked]
    case = stored(database, number)
    assert (case["order_number"], case["verified"]) == ("LH-104203", True), "what Alex was told is known"
    assert case["offers"] == []

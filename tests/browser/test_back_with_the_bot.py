"""People have agreed on something and gave the conversation back: the bot goes on from there, in a real browser."""

from __future__ import annotations

from bot import texts
from bot.database import Database
from tests.browser.conftest import NewDesk, NewWidget
from tests.browser.test_side_by_side import case_number, stored


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

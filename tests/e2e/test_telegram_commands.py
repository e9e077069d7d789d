"""The commands of the menu on Telegram, with the real dialogue behind them: each does what a customer expects of it."""

from __future__ import annotations

from bot import texts
from bot.database import Database
from bot.run import Stack
from tests.e2e.conftest import Customer
from tests.e2e.test_on_telegram import Writer
from tests.services.telegram_double import TelegramDouble


def test_who_comes_from_the_order_page_is_not_asked_for_the_order(
    customer: Customer, stack: Stack, telegram: TelegramDouble, database: Database
) -> None:
    paul = Writer(telegram, database, 7004, "de")
    paul.say("/start LH-104325", "Bestellnummer LH-104325 habe ich notiert")
    paul.say("/hilfe", "Sie können mir schreiben, was schiefgegangen ist")
    paul.say("Der Hochdruckreiniger geht nicht mehr an, er ist kaputt.", "Postleitzahl")
    assert texts.text("utter_ask_order_number", "de") not in paul.said()
    paul.say("/hilfe", "Postleitzahl oder E-Mail-Adresse")  # and the open question once more
    paul.say("/datenschutz", "„Kopie meiner Daten“")
    paul.say("80939", "gesetzliches Recht")
    case = paul.case()
    assert (case["verified"], case["order_number"], case["holder"]) == (True, "LH-104325", "bot")
    paul.say("/status", case["number"])
    paul.say("/mensch", "Ich hole jetzt einen Menschen dazu")
    paul.say("/status", "liegt bei unserem Team. Zugesagt ist eine Antwort bis")
    assert paul.case()["holder"] == "queue"
    said = [message["text"] for message in telegram.sent(paul.chat)]
    assert said.count(texts.text("utter_disclosure", "de")) == 1


def test_the_menu_in_english_and_a_change_of_language(
    customer: Customer, stack: Stack, telegram: TelegramDouble, database: Database
) -> None:
    kim = Writer(telegram, database, 7005, "en")
    kim.say("/start", "this is the AI assistant of")
    kim.say("/status", "I can't find a case in this conversation yet")
    kim.say("/help", "You can tell me what went wrong")
    kim.say("/language", "wir machen auf Deutsch weiter")
    kim.say("/hilfe", "Sie können mir schreiben")
    kim.say("/sprache", "let's go on in English")
    kim.say("/privacy", "“A copy of my data”")
    kim.say("/human", "I am bringing in a person now")
    kim.say("/help", "Our team reads what you write here")


def test_the_words_that_the_privacy_command_names_are_understood(
    customer: Customer, stack: Stack, telegram: TelegramDouble, database: Database
) -> None:
    lea = Writer(telegram, database, 7006, "de")
    lea.say("/start LH-104739", "LH-104739")
    lea.say("Das Fahrradschloss klemmt, meine Postleitzahl ist 80339.", "gesetzliches Recht")
    lea.say("Kopie meiner Daten", "das ist Ihr Recht (Art. 15 DSGVO)")
    lea.say("Meine Daten löschen", "Soll ich?")
    tom = Writer(telegram, database, 7007, "en")
    tom.say("A copy of my data", "Art. 15 GDPR")
    ida = Writer(telegram, database, 7008, "en")
    ida.say("Delete my data", "Art. 17 GDPR")

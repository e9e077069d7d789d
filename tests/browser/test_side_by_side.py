"""A customer and a member of staff, side by side in two browsers."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect
from sqlalchemy import select

from bot import texts
from bot.cases.model import Case
from bot.cases.report import case_as_dict
from bot.database import Database
from tests.browser.conftest import NewDesk, NewWidget
from tests.browser.pages import PATIENCE, Widget


def case_number(customer: Widget) -> str:
    """The number that the customer was told."""
    found = re.search(r"EK-\d{4}-\d{6}", "\n".join(customer.log()))
    assert found is not None
    return found[0]


def stored(database: Database, number: str) -> dict[str, Any]:
    with database.begin() as session:
        return case_as_dict(session, session.scalars(select(Case).where(Case.number == number)).one())


def test_german_handoff_and_back_to_the_assistant(widget: NewWidget, desk: NewDesk, database: Database) -> None:
    alex = desk("Alex")
    customer = widget("de")
    customer.speaks("KI-Assistent")
    customer.say("Der Kompressor springt nicht mehr an.")
    customer.hears("Ich bin eine KI")
    customer.hook("human").click()
    customer.hears("Ich hole jetzt einen Menschen dazu")
    customer.speaks("Warten auf einen Menschen")
    number = case_number(customer)

    alex.claim(number)
    customer.hears("Alex aus unserem Team hat übernommen", "system")
    alex.hears("Der Kompressor springt nicht mehr an.")
    expect(alex.page.locator("[data-summary]")).to_contain_text(number)
    expect(alex.page.locator("[data-summary]")).to_contain_text("Kompressor")

    alex.page.locator("#reply").press_sequentially("Guten")
    expect(customer.hook("typing")).to_contain_text("Ein Mensch aus unserem Team schreibt", timeout=PATIENCE)
    alex.say("Guten Tag, hier ist Alex. Macht er noch ein Geräusch?")
    customer.hears("Macht er noch ein Geräusch?", "staff")
    customer.speaks("Alex")
    customer.hook("input").press_sequentially("Nein, ich gl")
    expect(alex.typing()).to_contain_text("Der Kunde schreibt", timeout=PATIENCE)
    expect(alex.page.locator("body")).not_to_contain_text("ich gl")
    customer.say("Nein, gar keins. Ich glaube, der Schalter ist hin.")
    expect(alex.typing()).to_be_empty(timeout=PATIENCE)
    alex.hears("der Schalter ist hin")
    bot_before = customer.messages("bot").count()
    alex.say("Dann schicke ich Ihnen einen neuen Schalter.")
    customer.hears("einen neuen Schalter", "staff")
    assert customer.messages("bot").count() == bot_before, "the bot is silent meanwhile"

    alex.end("return", "Ein neuer Schalter geht morgen raus.")
    customer.hears("Sie schreiben jetzt wieder mit dem KI-Assistenten", "system")
    customer.hears("Ein neuer Schalter geht morgen raus.", "system")
    customer.speaks("KI-Assistent")
    customer.say("Wann haben Sie geöffnet?")
    customer.hears("Montag bis Freitag")
    [handoff] = stored(database, number)["handoffs"]
    assert (handoff["state"], handoff["claimed_by"]) == ("returned", "Alex")
    assert handoff["note"] == "Ein neuer Schalter geht morgen raus."


def test_english_handoff_and_resolved(widget: NewWidget, desk: NewDesk, database: Database) -> None:
    customer = widget("en")
    customer.speaks("AI assistant")
    customer.say("The battery charger you sold me is smoking and gave me an electric shock!")
    customer.hears("call 112")
    customer.hears("I am an AI")
    customer.speaks("Waiting for a person")
    number = case_number(customer)
    mira = desk("Mira")
    expect(mira.page.locator("[data-row]").first).to_contain_text("Gefahr")  # danger is at the top of the queue
    expect(mira.row(number)).to_contain_text("Gefahr")
    mira.claim(number)
    customer.hears("Mira from our team has taken over", "system")
    mira.say("Are you all right? Please unplug it at the fuse box.")
    customer.hears("Are you all right?", "staff")
    customer.say("I am fine now, thank you. It is unplugged.")
    mira.hears("It is unplugged.")
    mira.end("resolve", "We collect the charger tomorrow and refund it in full.")
    customer.hears("Mira has marked the case as resolved", "system")
    customer.hears("We collect the charger tomorrow", "system")
    case = stored(database, number)
    assert (case["state"], case["severity"]) == ("resolved", 4)
    assert [handoff["state"] for handoff in case["handoffs"]] == ["resolved"]


def test_reload_keeps_the_history_on_both_sides(widget: NewWidget, desk: NewDesk) -> None:
    customer, alex = widget("de"), desk("Alex")
    customer.say("Mein Kompressor springt nicht an, ich möchte bitte einen Menschen sprechen.")
    customer.hears("Ich hole jetzt einen Menschen dazu")
    number = case_number(customer)
    alex.claim(number)
    alex.say("Ich bin da.")
    customer.hears("Ich bin da.", "staff")
    log = customer.log()

    customer.again()
    customer.hears("Ich bin da.", "staff")
    assert customer.log() == log
    alex.page.reload()
    alex.live()
    alex.hears("Mein Kompressor springt nicht an")
    customer.say("Ich auch wieder.")
    alex.hears("Ich auch wieder.")
    alex.say("Schön, dann weiter.")
    customer.hears("Schön, dann weiter.", "staff")
    customer.speaks("Alex")
    alex.end("return", "Nur ein Versuch.")
    customer.hears(texts.text("utter_person_returned", "de", name="Alex"), "system")

"""A conversation goes from hand to hand at the desk, and the customer notices no seam.

The front desk alone: the bot has handed over already. Back with the bot: test_back_with_the_bot.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from bot import texts
from bot.cases import store
from bot.database import utcnow
from bot.desk.users import add_user
from bot.frontdesk import absence, handoff, messages
from bot.frontdesk.model import Conversation, Handoff
from tests.browser.conftest import NewPage
from tests.browser.pages import PATIENCE, Desk, Widget, accessible
from tests.conftest import PASSWORD
from tests.frontdesk.web.conftest import FrontDesk, running

PEOPLE = {"Alex": "staff", "Kim": "staff", "Mira": "lead"}
PHONE = {"width": 360, "height": 740}
LIMITS = absence.Limits(silent=dt.timedelta(minutes=10), away=dt.timedelta(minutes=3))


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDesk]:
    """A front desk with people at it; Kim is in the workshop."""
    folder: Path = tmp_path_factory.mktemp("staffed")
    with running(folder) as front_desk:
        with front_desk.database.begin() as session:
            for name, role in PEOPLE.items():
                user = add_user(session, name, role, PASSWORD)
                user.team = "Werkstatt" if name == "Kim" else None
        yield front_desk


@pytest.fixture
def desk(new_page: NewPage, staffed: FrontDesk) -> Callable[..., Desk]:
    def make(name: str = "Alex", **options: Any) -> Desk:
        return Desk(new_page(locale="de-DE", **options), staffed.url).log_in(name, PASSWORD)

    return make


@pytest.fixture
def waiting(new_page: NewPage, staffed: FrontDesk) -> tuple[Widget, str]:
    """A customer whom the bot has just passed on, and the number of their case."""
    customer = Widget(new_page(locale="de-DE"), staffed.url).open("de")
    customer.say("Der Kompressor springt nicht mehr an.")
    with staffed.database.begin() as session:
        known = session.query(Conversation).order_by(Conversation.created_at.desc()).first()
        talk = messages.locked(session, known.id)
        case = store.open_case(
            session, conversation=talk.id, channel="web", language="de", category="product_defect",
            text="Der Kompressor springt nicht mehr an.",
        )  # fmt: skip
        handoff.hand_over(session, talk, reason="asked_for_person", severity=1, case_number=case.number)
        return customer, str(case.number)


def standing(desk: Desk, words: str) -> None:
    """What stands above the conversation."""
    expect(desk.page.locator("[data-standing]")).to_contain_text(words, timeout=PATIENCE)


def test_put_aside_woken_by_the_customer_and_given_to_a_colleague(
    waiting: tuple[Widget, str], desk: Callable[..., Desk]
) -> None:
    customer, number = waiting
    alex, mira = desk("Alex"), desk("Mira")
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
    customer.speaks("Ein Mensch aus unserem Team")
    mira.open(number)
    mira.page.locator("#d-history > summary").click()
    expect(mira.page.locator("[data-briefing]")).to_contain_text("Mira: kennt Kompressoren")
    mira.say("Dann ist es der Kondensator, den tauschen wir.")
    customer.hears("der Kondensator", "staff")
    customer.speaks("Mira")
    mira.end("return", "Der Kondensator wird am Freitag getauscht.")
    customer.hears("Der Kondensator wird am Freitag getauscht.", "system")
    customer.speaks("KI-Assistent")


def test_to_a_team_and_up_to_a_lead(waiting: tuple[Widget, str], desk: Callable[..., Desk]) -> None:
    customer, number = waiting
    alex, kim = desk("Alex"), desk("Kim")
    alex.claim(number)
    alex.hand_on("transfer", team="Werkstatt", why="Kompressor")
    customer.hears(texts.text("utter_person_transferred", "de", team="Werkstatt"), "system")
    customer.speaks("Warten auf einen Menschen")
    kim.page.get_by_role("link", name="Werkstatt (1)").click()
    kim.claim(number)
    kim.hand_on("escalate", why="Er will mehr, als ich darf")
    customer.hears(texts.text("utter_person_escalated", "de"), "system")
    expect(kim.row(number)).to_contain_text("Für die Leitung")
    expect(kim.row(number).locator("[data-claim]")).to_have_count(0)
    mira = desk("Mira")
    mira.claim(number)
    customer.hears("Mira aus unserem Team hat übernommen", "system")
    mira.end("resolve", "Wir tauschen den Kompressor.")


def test_two_press_at_once_and_one_reads_who_was_faster(waiting: tuple[Widget, str], desk: Callable[..., Desk]) -> None:
    customer, number = waiting
    alex, kim = desk("Alex"), desk("Kim", trouble=True)  # a refusal is what this test is about
    first, second = alex.row(number).locator("[data-claim]"), kim.row(number).locator("[data-claim]")
    for button in (first, second):
        button.evaluate("button => button.click()")
    expect(alex.page.locator("#reply")).to_be_enabled(timeout=PATIENCE)
    expect(kim.page.locator("[data-error]")).to_contain_text("Alex war schneller", timeout=PATIENCE)
    customer.hears("Alex aus unserem Team hat übernommen", "system")
    alex.end("resolve", "Erledigt.")


def test_an_absent_colleague_and_the_customer_is_back_in_the_queue(
    waiting: tuple[Widget, str], desk: Callable[..., Desk], staffed: FrontDesk
) -> None:
    customer, number = waiting
    alex, kim = desk("Alex"), desk("Kim")
    alex.claim(number)
    customer.speaks("Ein Mensch aus unserem Team")
    with staffed.database.begin() as session:
        since = session.query(Handoff).filter_by(case_number=number).one().waiting_since
    assert absence.look(staffed.database, utcnow() + dt.timedelta(minutes=11), LIMITS)
    customer.hears("Alex ist gerade nicht erreichbar", "system")
    customer.speaks("Warten auf einen Menschen")
    kim.claim(number)
    customer.hears("Kim aus unserem Team hat übernommen", "system")
    with staffed.database.begin() as session:
        assert session.query(Handoff).filter_by(case_number=number).one().waiting_since == since
    kim.end("resolve", "Erledigt.")


def test_every_way_to_hand_on_is_there_for_everybody(waiting: tuple[Widget, str], desk: Callable[..., Desk]) -> None:
    _customer, number = waiting
    alex = desk("Alex", viewport=PHONE, bypass_csp=True)
    alex.claim(number)
    page = alex.page
    for action in ("wait", "snooze", "reassign", "transfer", "escalate"):  # by keyboard alone
        summary = page.locator(f"details.act:has(form[action$='/{action}']) > summary")
        summary.focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"form[action$='/{action}'] button")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        accessible(page, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("form[action$='/wait'] button").focus()
    page.keyboard.press("Enter")
    standing(alex, "Kunde ist am Zug")
    alex.end("resolve", "Erledigt.")

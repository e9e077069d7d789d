"""What customers accepted is done by somebody, by a time, and said to be done."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.cases import store
from bot.cases.model import Case, Offer
from bot.database import utcnow
from bot.frontdesk.model import User

from .conftest import Browser, Office


@pytest.fixture
def alex(office: Office) -> User:
    return office.user("Alex")


def accepted(office: Office, what: str, **about: Any) -> Offer:
    """A case whose offer the customer accepted, promised for yesterday."""
    number = office.case_number(office.conversation(**about))
    kind = "surprise" if what == "manager_call" else "entitlement"
    with office.database.begin() as session:
        case = session.get(Case, number)
        offer = Offer(
            id=store.new_id(), case_number=number, kind=kind, form=what, by="bot", state="accepted", rule_version="1",
            answered_at=utcnow(),
        )  # fmt: skip
        session.add(offer)
        promised = "manager_call" if kind == "surprise" else "decision"
        store.promise(session, case, promised, utcnow() - dt.timedelta(days=1))
        case.state = "accepted"
    return offer


def press(browser: Browser, offer: str, step: str) -> Any:
    headers = {"Accept": "application/json", "X-CSRF-Token": browser.csrf}
    return browser.post(f"/desk/duties/{offer}/{step}", headers=headers)


def state(office: Office, offer: Offer) -> tuple[str, str]:
    with office.database.begin() as session:
        return session.get(Offer, offer.id).state, session.get(Case, offer.case_number).state


def test_a_surprise_is_taken_on_and_done(office: Office, alex: User) -> None:
    offer, browser = accepted(office, "manager_call"), office.client(alex)
    page = browser.get("/desk/duties").text
    assert offer.case_number in page and "Anruf der Leitung" in page and "überfällig" in page
    assert press(browser, offer.id, "take").status_code == 200
    assert "Alex macht es" in browser.get("/desk/duties").text
    assert press(browser, offer.id, "done").status_code == 200
    assert state(office, offer) == ("fulfilled", "resolved")
    page = browser.get("/desk/duties").text
    assert "Niemand wartet" in page and "Alex hat es gemacht" in page, "who did it stands under what was done"
    assert "0 von 1 Zusagen gehalten" in page, "it came a day late"
    assert press(browser, offer.id, "take").status_code == 409


def test_a_repair_is_carried_out(office: Office, alex: User) -> None:
    offer, browser = accepted(office, "repair"), office.client(alex)
    assert "Reparatur" in browser.get("/desk/duties").text
    assert press(browser, offer.id, "done").status_code == 200
    assert state(office, offer) == ("fulfilled", "resolved")
    assert press(browser, offer.id, "done").status_code == 200, "pressed twice changes nothing"


def test_an_auditor_reads_and_does_nothing(office: Office) -> None:
    offer, auditor = accepted(office, "repair"), office.client(office.user("Ada", "auditor"))
    page = auditor.get("/desk/duties").text
    assert offer.case_number in page and f"/duties/{offer.id}/" not in page


def test_what_is_unknown_or_confidential_is_not_there(office: Office, alex: User) -> None:
    browser = office.client(alex)
    assert press(browser, "nothing", "done").status_code == 404
    offer = accepted(office, "repair")
    with office.database.begin() as session:
        session.get(Case, offer.case_number).category = "staff_conduct"
    assert offer.case_number not in browser.get("/desk/duties").text
    assert press(browser, offer.id, "done").status_code == 404

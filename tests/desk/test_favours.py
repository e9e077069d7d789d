"""Favours at the desk: within one's authority, asked for, approved, refused; with sentences in the user's language."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.cases import store
from bot.cases.model import Approval, Case, Offer, Order
from bot.frontdesk.model import User
from bot.frontdesk.notifications.model import Notice

from .conftest import Browser, Office


@pytest.fixture
def alex(office: Office) -> User:
    return office.user("Alex")


@pytest.fixture
def held(office: Office, alex: User) -> str:
    """A conversation that Alex has."""
    conversation = office.conversation()
    office.client(alex).act(conversation, "claim")
    return conversation


def ask(browser: Browser, conversation: str, amount: str = "300", reason: str = "drei Reparaturen") -> Any:
    return browser.act(conversation, "ask", amount=amount, reason=reason, form="partial_refund")


def approval(office: Office) -> Approval:
    with office.database.begin() as session:
        return session.query(Approval).one()  # type: ignore[no-any-return]


def answer(browser: Browser, request: str, how: str, said: str = "") -> Any:
    headers = {"Accept": "application/json", "X-CSRF-Token": browser.csrf}
    return browser.post(f"/desk/approvals/{request}/{how}", data={"answer": said}, headers=headers)


def number_in_menu(browser: Browser) -> str:
    page = browser.get("/desk/cases", headers={"Accept": "text/html"}).text
    found = re.search(r'data-count="approvals"[^>]*?( hidden)?>(\d+)<', page)
    assert found is not None
    return "" if found[1] else found[2]


def test_within_ones_authority_a_favour_is_given_at_once(office: Office, alex: User, held: str) -> None:
    browser = office.client(alex)
    assert browser.act(held, "grant", amount="25,50", reason="lange gewartet", form="refund").status_code == 200
    with office.database.begin() as session:
        offer = session.query(Offer).one()
        assert (offer.form, offer.amount_cents, offer.by, offer.reason) == ("refund", 2550, "Alex", "lange gewartet")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Das ist mehr, als Sie selbst geben dürfen (100,00\xa0€). Wählen Sie „Freigabe anfragen“."),
        ("en", "That is more than you may give yourself (€100.00). Choose “Ask for approval”."),
    ],
)
def test_above_it_the_sentence_says_the_limit_and_whom_to_ask(office: Office, language: str, sentence: str) -> None:
    browser, conversation = office.client(office.user("Kim", language=language)), office.conversation()
    browser.act(conversation, "claim")
    refused = browser.act(conversation, "grant", amount="300", reason="x")
    assert (refused.status_code, refused.json()["error"]) == (409, sentence)


def test_a_lead_sees_the_request_approves_it_and_both_names_are_on_record(
    office: Office, alex: User, held: str
) -> None:
    browser, mira = office.client(alex), office.client(office.user("Mira", "lead"))
    assert number_in_menu(mira) == ""
    assert ask(browser, held).status_code == 200
    assert number_in_menu(mira) == "1" and number_in_menu(browser) == "", "nobody waits for one's own answer"
    page = mira.get("/desk/approvals").text
    assert "drei Reparaturen" in page and "300,00" in page and "angefragt von Alex" in page and "/approve" in page
    assert "/approve" not in browser.get("/desk/approvals").text
    assert answer(mira, approval(office).id, "approve", "gern").json()["ok"]
    assert number_in_menu(mira) == ""
    with office.database.begin() as session:
        offer = session.query(Offer).one()
        assert (offer.by, offer.amount_cents, offer.reason) == ("Mira", 30000, "drei Reparaturen (asked by Alex)")
    case = browser.get(f"/desk/conversations/{held}").text
    for words in ("freigegeben", "angefragt von Alex", "beantwortet von Mira", "gern", "Freigabe angefragt"):
        assert words in case, words
    assert "beantwortet von Mira: gern" in browser.get("/desk/approvals").text
    with office.database.begin() as session:
        told = {(session.get(User, each.user_id).name, each.kind, each.by) for each in session.query(Notice)}
    assert {("Mira", "approval", "Alex"), ("Alex", "answered", "Mira")} <= told


def test_a_no_needs_its_reason_and_the_second_lead_is_told(office: Office, alex: User, held: str) -> None:
    mira, lea = office.client(office.user("Mira", "lead")), office.client(office.user("Lea", "lead"))
    ask(office.client(alex), held)
    request = approval(office).id
    assert "warum nicht" in answer(mira, request, "refuse").json()["error"]
    assert answer(mira, request, "refuse", "kein Fehler von uns").json()["ok"]
    assert answer(lea, request, "approve").json()["error"] == "Mira hat das schon abgelehnt."
    assert "kein Fehler von uns" in office.client(alex).get("/desk/approvals").text


def test_who_asked_cannot_say_yes_and_staff_cannot_at_all(office: Office, alex: User) -> None:
    mira, conversation = office.client(office.user("Mira", "lead")), office.conversation()
    mira.act(conversation, "claim")
    assert ask(mira, conversation, amount="600").status_code == 200
    request = approval(office).id
    assert answer(mira, request, "approve").status_code == 409
    assert answer(office.client(alex), request, "approve").status_code == 403
    assert approval(office).state == "open"


def test_what_one_may_give_oneself_or_nobody_may_is_not_asked_for(office: Office, alex: User, held: str) -> None:
    browser = office.client(alex)
    assert "selbst geben" in ask(browser, held, amount="20").json()["error"]
    assert "Betrag" in ask(browser, held, amount="viel").json()["error"]
    assert "Bitte schreiben Sie etwas" in ask(browser, held, reason=" ").json()["error"]


def test_a_request_about_a_confidential_case_is_not_shown_to_others(office: Office) -> None:
    kim = office.client(office.user("Kim", confidential=True))
    mira = office.client(office.user("Mira", "lead"))
    conversation = office.conversation("Frau Keller war frech", category="staff_conduct", confidential=True)
    kim.act(conversation, "claim")
    assert ask(kim, conversation).status_code == 200
    assert number_in_menu(mira) == "" and "drei Reparaturen" not in mira.get("/desk/approvals").text
    assert answer(mira, approval(office).id, "approve").status_code == 404
    with office.database.begin() as session:
        assert session.query(Notice).filter_by(kind="approval").count() == 0, "nor is anybody told who may not see it"


def test_whoever_takes_over_sees_where_the_same_thing_brought_a_favour_before(office: Office, alex: User) -> None:
    """One device under two order numbers, and a third favour in a confidential case, which is not named."""
    numbers = []
    for serial, confidential in ((1, False), (2, True), (3, False)):
        talk = office.conversation(category="billing", confidential=confidential)
        numbers.append(office.case_number(talk))
        with office.database.begin() as session:
            case = session.get(Case, numbers[-1])
            order = Order(order_number=f"LH-{serial}", item="Wasserkocher", device="SN62508812", price_cents=8_900)
            session.add(order)
            session.flush()
            store.attach_order(session, case, order, "postcode")
            if serial < 3:
                session.add(
                    Offer(
                        id=f"o{serial}", case_number=case.number, kind="goodwill", form="voucher", amount_cents=1_000,
                        by="bot", state="accepted", rule_version="1",
                    )
                )  # fmt: skip
    page = office.client(alex).get(f"/desk/cases/{numbers[2]}", follow_redirects=True).text
    assert f'<dt>Schon Kulanz in</dt><dd><a href="/desk/cases/{numbers[0]}">' in page
    assert numbers[1] not in page
    assert "Schon Kulanz in" not in office.client(alex).get(f"/desk/cases/{numbers[0]}", follow_redirects=True).text

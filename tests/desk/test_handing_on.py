"""At the desk: a conversation that is not mine to answer now waits, is put aside, or goes to somebody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import event

from bot.cases.model import Order
from bot.database import utcnow
from bot.desk import handing_on, lists
from bot.desk.guard import Refused
from bot.frontdesk.model import User

from .conftest import Browser, Office
from .test_live import stream, until

WEDNESDAY = dt.datetime(2026, 11, 25, 16, 0, tzinfo=dt.timezone.utc)
SATURDAY = dt.datetime(2026, 11, 28, 16, 0, tzinfo=dt.timezone.utc)


def held(office: Office, name: str = "Alex") -> tuple[Browser, str]:
    """A conversation that this person has claimed and answered."""
    browser, conversation = office.client(office.user(name)), office.conversation()
    browser.act(conversation, "claim")
    browser.act(conversation, "say", text="Ich kümmere mich.")
    return browser, conversation


def test_a_snoozed_conversation_stays_mine_and_says_until_when(office: Office) -> None:
    browser, conversation = held(office)
    assert browser.act(conversation, "snooze", until="3h", why="Werkstatt fragen").status_code == 200
    page = browser.get("/desk/").text
    assert "Zurückgestellt bis" in page.split("Meine Gespräche")[1]
    assert "Zurückgestellt bis" in browser.get(f"/desk/conversations/{conversation}").text
    office.customer_says(conversation, "Noch etwas!")
    assert "Antwort fällig" in browser.get("/desk/").text.split("Meine Gespräche")[1]


@pytest.mark.parametrize("fields", [{}, {"until": "soon"}, {"at": "gestern"}, {"at": "2020-01-01T10:00"}])
def test_a_time_that_is_none_is_refused(office: Office, fields: dict[str, str]) -> None:
    browser, conversation = held(office)
    answer = browser.act(conversation, "snooze", **fields)
    assert answer.status_code == 400 and "60 Tagen" in answer.json()["error"]
    assert office.handoff(conversation).state == "waiting"


def test_until_the_next_day_that_we_are_open() -> None:
    assert handing_on.until("opening", "", WEDNESDAY).isoformat() == "2026-11-26T08:00:00+01:00"
    assert handing_on.until("opening", "", SATURDAY).isoformat() == "2026-11-30T08:00:00+01:00"
    assert handing_on.until("1h", "", WEDNESDAY) == WEDNESDAY + dt.timedelta(hours=1)
    assert handing_on.until("1h", "2026-11-25T18:30", WEDNESDAY).isoformat() == "2026-11-25T18:30:00+01:00"
    with pytest.raises(Refused):
        handing_on.until("", "", WEDNESDAY)


def test_no_answer_needed_and_it_is_the_customers_turn(office: Office) -> None:
    browser, conversation = held(office)
    office.customer_says(conversation, "Danke!")
    assert "Antwort fällig" in browser.get("/desk/").text
    assert browser.act(conversation, "wait").status_code == 200
    assert "Kunde ist am Zug" in browser.get("/desk/").text


def test_a_colleague_gets_it_and_reads_it_among_their_own(office: Office) -> None:
    browser, conversation = held(office)
    mira = office.user("Mira")
    assert f'<option value="{mira.id}">Mira' in browser.get(f"/desk/conversations/{conversation}").text
    assert browser.act(conversation, "reassign", to=str(mira.id), why="kennt sich aus").status_code == 200
    assert conversation in office.client(mira).get("/desk/").text.split("Meine Gespräche")[1]
    history = office.client(mira).get(f"/desk/conversations/{conversation}").text
    assert "Weitergegeben" in history and "Mira: kennt sich aus" in history
    assert browser.act(conversation, "say", text="x").status_code == 409


@pytest.mark.parametrize("to", ["", "0", "999999", "Mira", "99999999999999999999"])
def test_nobody_is_no_colleague(office: Office, to: str) -> None:
    browser, conversation = held(office)
    assert browser.act(conversation, "reassign", to=to).status_code == 400
    assert office.handoff(conversation).state == "waiting"


def test_a_confidential_conversation_is_given_to_nobody_who_may_not_see_it(office: Office) -> None:
    sandra, keller = office.user("Sandra", confidential=True), office.user("Petra Keller", confidential=True)
    alex = office.user("Alex")
    conversation = office.conversation("Frau Keller war unverschämt", category="staff_conduct", confidential=True)
    browser = office.client(sandra)
    browser.act(conversation, "claim")
    page = browser.get(f"/desk/conversations/{conversation}").text
    for other in (keller, alex):
        assert f'<option value="{other.id}">' not in page
        assert browser.act(conversation, "reassign", to=str(other.id)).status_code == 400


def test_a_team_has_a_queue_of_its_own(office: Office) -> None:
    browser, conversation = held(office)
    assert "An ein Team geben" not in browser.get(f"/desk/conversations/{conversation}").text, "there is none yet"
    mira = office.client(office.user("Mira", team="Werkstatt"))
    other = office.conversation("Etwas anderes")
    assert browser.act(conversation, "transfer", team="Archiv").status_code == 400
    assert browser.act(conversation, "transfer", team="Werkstatt").status_code == 200
    page = mira.get("/desk/?team=Werkstatt").text
    assert conversation in page and other not in page and "Werkstatt (1)" in page
    assert "Team: Werkstatt" in mira.get("/desk/").text and other in mira.get("/desk/").text


def test_what_is_passed_up_waits_for_a_lead(office: Office) -> None:
    browser, conversation = held(office)
    refused = browser.act(conversation, "escalate", why="Er will 500 €")
    assert refused.status_code == 409 and "niemanden in der Leitung" in refused.json()["error"]
    lea = office.client(office.user("Lea", "lead"))
    assert browser.act(conversation, "escalate", why="").status_code == 400
    assert browser.act(conversation, "escalate", why="Er will 500 €").status_code == 200
    row = browser.get("/desk/").text.split("Meine Gespräche")[0]
    assert "Für die Leitung" in row and "data-claim" not in row
    refused = browser.act(conversation, "claim")
    assert refused.status_code == 409 and "an die Leitung gegeben" in refused.json()["error"]
    assert "data-claim" in lea.get("/desk/").text
    assert "Er will 500 €" in lea.get(f"/desk/conversations/{conversation}").text
    assert lea.act(conversation, "claim").status_code == 200


def test_only_the_holder_or_a_lead_finds_the_buttons_alive(office: Office) -> None:
    _browser, conversation = held(office)
    mira, lea = office.client(office.user("Mira")), office.client(office.user("Lea", "lead"))
    for action in ("wait", "snooze", "reassign", "transfer", "escalate"):
        answer = mira.act(conversation, action, until="1h", to=str(office.user(f"Z{action}").id), team="x", why="x")
        assert answer.status_code in (400, 409), action
    assert office.handoff(conversation).state == "waiting"
    assert 'data-needs="move" disabled' in mira.get(f"/desk/conversations/{conversation}").text
    assert 'data-needs="move" disabled' not in lea.get(f"/desk/conversations/{conversation}").text


def test_logging_out_gives_the_customer_who_waits_back_to_the_queue(office: Office) -> None:
    browser, conversation = held(office)
    office.customer_says(conversation, "Und nun?")
    browser.post("/desk/logout", data={"csrf": browser.csrf})
    assert office.holder(conversation) == "queue"
    assert "nicht erreichbar" in office.said(conversation)[-1].text


def test_another_open_desk_keeps_the_conversation(office: Office) -> None:
    alex = office.user("Alex")
    first, second = office.client(alex), office.client(alex)
    conversation = office.conversation()
    first.act(conversation, "claim")
    first.post("/desk/logout", data={"csrf": first.csrf})
    assert office.holder(conversation) == "staff"
    second.post("/desk/logout", data={"csrf": second.csrf})
    assert office.holder(conversation) == "queue"


def test_an_open_desk_is_a_sign_of_life(office: Office) -> None:
    alex = office.user("Alex")
    office.client(alex).get("/desk/")
    with office.database.begin() as session:
        seen = session.get(User, alex.id).desk_seen_at
    assert seen is not None and utcnow() - seen < dt.timedelta(minutes=1)


def test_a_page_that_is_only_looked_at_is_a_sign_of_life_too(office: Office, serve: Callable[[], str]) -> None:
    alex = office.user("Alex")
    browser = office.client(alex)
    with stream(serve(), "/notices/events", browser) as events:
        until(events, "notices")
        with office.database.begin() as session:
            session.get(User, alex.id).desk_seen_at = utcnow() - dt.timedelta(minutes=5)
        office.conversation()
        office.desk.hub.tell("news")
        until(events, "notices")  # the look that brought this was a sign of life
        with office.database.begin() as session:
            assert utcnow() - session.get(User, alex.id).desk_seen_at < dt.timedelta(minutes=1)


def test_the_briefing_says_the_mood_the_rights_and_what_was_agreed_before(office: Office) -> None:
    browser, conversation = held(office)
    browser.act(conversation, "return", agreed="Ein neuer Schalter geht morgen raus.")
    with office.database.begin() as session:
        session.add(Order(order_number="LH-1", item="Kaffeemaschine", delivered_on=dt.date(2026, 3, 25)))
    page = browser.get(f"/desk/conversations/{conversation}").text
    assert "Stimmung" in page and "ruhig" in page
    assert "Schon vereinbart" in page and "Ein neuer Schalter geht morgen raus." in page
    assert "Verlauf der Übergabe" in page and "Zurück an den KI-Assistenten" in page


def test_a_long_queue_comes_in_pages_and_costs_no_more_queries(office: Office) -> None:
    def queries(user: User) -> int:
        count: list[int] = []

        def listen(*_args: object) -> None:
            count.append(1)

        event.listen(office.database.engine, "before_cursor_execute", listen)
        with office.database.begin() as session:
            lists.waiting(session, user)
            lists.mine(session, user)
        event.remove(office.database.engine, "before_cursor_execute", listen)
        return len(count)

    alex, sandra = office.user("Alex"), office.user("Sandra", confidential=True)
    for n in range(3):
        office.conversation(category=None if n else "product_defect")
    office.conversation("Frau Keller war unverschämt", category="staff_conduct", confidential=True)
    before = queries(alex), queries(sandra)
    waiting = [office.conversation(f"Fall {n}", waiting_minutes=200 - n) for n in range(lists.PAGE)]
    assert queries(alex) <= before[0] and queries(sandra) <= before[1]
    browser = office.client(alex)
    first, second = browser.get("/desk/").text, browser.get("/desk/?page=2").text
    assert waiting[0] in first and waiting[0] not in second and "28 warten" in first
    assert first.count("data-row=") == lists.PAGE and second.count("data-row=") == 3
    assert browser.get("/desk/?page=99999").text.count("data-row=") == 3

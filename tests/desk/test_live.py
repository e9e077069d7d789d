"""What happens in a conversation shows on open pages by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from bot.database import utcnow
from bot.desk import sessions
from bot.desk.users import deactivate
from bot.frontdesk.model import Message, User

from .conftest import Browser, Office

Events = Iterator[tuple[str, dict[str, Any]]]


@contextmanager
def stream(base: str, path: str, browser: Browser, **headers: str) -> Iterator[Events]:
    """The events of a stream as (name, data)."""
    cookie = {"Cookie": f"{sessions.COOKIE}={browser.cookies[sessions.COOKIE]}", "Accept": "text/event-stream"}
    with httpx.stream("GET", f"{base}/desk{path}", headers=cookie | headers, timeout=10, trust_env=False) as answer:
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer)


def _events(answer: httpx.Response) -> Events:
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def until(events: Events, name: str, fits: Callable[[dict[str, Any]], bool] = bool) -> dict[str, Any]:
    return next(data for found, data in events if found == name and fits(data))


def test_messages_arrive_in_order_and_escaped(office: Office, serve: Callable[[], str]) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation("eins")
    with stream(serve(), f"/conversations/{conversation}/events?after=0", browser) as events:
        assert [m["seq"] for m in until(events, "messages")["messages"]] == [1]
        office.customer_says(conversation, "<b>zwei</b>")
        arrived = until(events, "messages")["messages"]
        assert [(m["seq"], m["author"]) for m in arrived] == [(2, "customer")]
        assert "&lt;b&gt;zwei&lt;/b&gt;" in arrived[0]["html"]


def test_a_broken_connection_goes_on_where_it_broke(office: Office, serve: Callable[[], str]) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation("eins")
    office.customer_says(conversation, "zwei")
    path = f"/conversations/{conversation}/events?after=0"
    with stream(serve(), path, browser, **{"Last-Event-ID": "1"}) as events:
        assert [m["seq"] for m in until(events, "messages")["messages"]] == [2]


def test_buttons_follow_who_holds_the_conversation(office: Office, serve: Callable[[], str]) -> None:
    alex, mira = office.client(office.user("Alex")), office.client(office.user("Mira"))
    conversation = office.conversation()
    with stream(serve(), f"/conversations/{conversation}/events?after=1", alex) as events:
        first = until(events, "state")
        assert first["may"] == {
            "claim": True, "mine": False, "wait": False, "move": True, "note": True, "grant": False,
        }  # fmt: skip
        assert office.case_number(conversation) in first["case"]
        mira.act(conversation, "claim")
        then = until(events, "state")
        assert then["may"]["claim"] is False and then["may"]["mine"] is False and "Bei Mira" in then["standing"]
        assert "Übernommen" in then["briefing"]
        assert "case" not in then  # nothing of the case changed: what is open or marked there stays
        mira.act(conversation, "resolve", agreed="gut")
        assert "Erledigt" in until(events, "state", lambda data: "case" in data)["case"]


def test_an_edited_message_is_shown_again(office: Office, serve: Callable[[], str]) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation("falsch")
    with stream(serve(), f"/conversations/{conversation}/events?after=1", browser) as events:
        until(events, "state")
        with office.database.begin() as session:
            message = session.query(Message).filter_by(conversation_id=conversation, seq=1).one()
            message.text, message.edited_at = "richtig", utcnow()
        arrived = until(events, "messages")["messages"]
        assert arrived[0]["seq"] == 1 and "richtig" in arrived[0]["html"]


def test_the_queue_shows_who_comes_and_goes(office: Office, serve: Callable[[], str]) -> None:
    alex, mira = office.client(office.user("Alex")), office.client(office.user("Mira"))
    first = office.conversation()
    with stream(serve(), "/events", alex) as events:
        assert until(events, "queue")["waiting"] == [first]
        second = office.conversation("Es brennt", flags=["safety"])
        assert until(events, "queue")["waiting"] == [second, first]
        mira.act(second, "claim")
        assert until(events, "queue")["waiting"] == [first]
        alex.act(first, "claim")
        assert until(events, "queue", lambda data: not data["waiting"])["html"].count("data-row") == 1
        alex.act(first, "say", text="Hallo")
        until(events, "queue", lambda data: not data["due"])
        office.customer_says(first, "Danke")
        assert until(events, "queue", lambda data: bool(data["due"]))["due"] == [first]


def test_streams_end_with_the_session_and_with_the_right_to_see(office: Office, serve: Callable[[], str]) -> None:
    alex, mira = office.user("Alex"), office.user("Mira Sommer", confidential=True)
    conversation = office.conversation("Man war frech", category="staff_conduct", confidential=True)
    base, hers = serve(), office.client(mira)
    with stream(base, "/events", office.client(alex)) as events:
        until(events, "queue")
        with office.database.begin() as session:
            deactivate(session, session.get(User, alex.id), by="Ada")
        assert until(events, "gone", lambda _data: True) == {}
    with stream(base, f"/conversations/{conversation}/events?after=1", hers) as events:
        until(events, "state")
        office.customer_says(conversation, "Es war Frau Sommer")
        assert next(name for name, _data in events) == "gone"


def test_a_stream_needs_a_sensible_start(office: Office) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation()
    for after in ("-1", "x", "99999999999"):
        assert browser.get(f"/desk/conversations/{conversation}/events?after={after}").status_code == 400


def test_who_else_is_looking_shows_while_they_look(office: Office, serve: Callable[[], str]) -> None:
    alex, mira = office.client(office.user("Alex")), office.client(office.user("Mira"))
    conversation, base = office.conversation(), serve()
    path = f"/conversations/{conversation}/events?after=1"
    with stream(base, path, alex) as events:
        assert until(events, "state")["others"] == ""
        with stream(base, path, mira) as hers:
            assert until(hers, "state")["others"] == "Auch hier: Alex"
            assert until(events, "state", lambda data: bool(data["others"]))["others"] == "Auch hier: Mira"
        assert until(events, "state", lambda data: not data["others"])["others"] == ""


def test_typing_shows_both_ways_and_to_colleagues(office: Office, serve: Callable[[], str]) -> None:
    alex, mira = office.client(office.user("Alex")), office.client(office.user("Mira"))
    conversation, base = office.conversation(), serve()
    alex.act(conversation, "claim")
    headers = {"Accept": "application/json", "X-CSRF-Token": alex.csrf}
    path = f"/conversations/{conversation}/events?after=1"
    with stream(base, path, alex) as own, stream(base, path, mira) as hers:
        until(own, "state")
        cookie = {"Cookie": f"{sessions.COOKIE}={alex.cookies[sessions.COOKIE]}"}
        told = httpx.post(f"{base}/desk/conversations/{conversation}/typing", headers=headers | cookie, trust_env=False)
        assert told.status_code == 200
        assert until(hers, "state", lambda data: bool(data["typing"]))["typing"] == "Alex schreibt …"
        assert office.desk.hub.typing[conversation] == "staff", "the customer's page shows it"
        alex.act(conversation, "say", text="So.")
        assert until(hers, "state", lambda data: not data["typing"])["typing"] == ""

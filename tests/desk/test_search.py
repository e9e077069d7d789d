"""Search over cases and messages, filters, and views saved under a name."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import text

from bot.cases import store
from bot.cases.model import Case, Promise
from bot.database import utcnow
from bot.desk.model import SavedView
from bot.frontdesk import handoff, messages
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Message
from bot.search import index
from bot.search.stems import marked

from .conftest import Browser, Office


def found(browser: Browser, query: str) -> set[str]:
    """The cases and the conversations without a case on the page for a query."""
    return set(re.findall(r'data-row="([^"]+)"', browser.get(f"/desk/cases?{query}").text))


@pytest.mark.parametrize(
    ("said", "asked", "hit"),
    [
        ("Meine Waschmaschine ist kaputt", "Waschmaschinen", True),
        ("Zwei Waschmaschinen sind kaputt", "waschmaschine", True),
        ("Meine Waschmaschine ist kaputt", "Waschm", True),  # the beginning
        ("Meine Waschmaschine ist kaputt", "Maschinen", True),  # the end of a compound
        ("Der Waschmaschinenschlauch leckt", "Maschine", False),  # in the middle of a compound: not found
        ("Herr Müller war da", "Mueller", True),
        ("Die Straße ist gesperrt", "strasse", True),
        ("It was delivered too late", "delivering", True),
        ("The delivery was late", "delivered", True),  # the shorter stem is the beginning of the longer one ...
        ("It was delivered late", "delivery", False),  # ... and not the other way round
        ("Es wurde spät geliefert", "Lieferung", False),  # stemmers know endings, not meaning
        ("Die Lieferungen kamen spät", "Lieferung", True),
        ("The batteries are empty", "battery", True),
        ("Bestellung LH-104711 fehlt", "LH-104711", True),
        ("Bestellung LH-104711 fehlt", "104711", True),
        ("Der Toaster raucht", "toaster rauchen", True),
        ("Der Toaster raucht", "toaster tropft", False),
        ("Тостер дымится", "тостер", True),
        ("Der Toaster raucht", '"OR" * NEAR(', False),
        ("Der Toaster raucht", "%", False),
    ],
)
def test_words_are_found_in_other_forms(office: Office, said: str, asked: str, hit: bool) -> None:
    number = office.case_number(office.conversation(said, queued=False))
    browser = office.client(office.user("Alex"))
    page = browser.get("/desk/cases", params={"q": asked})
    assert page.status_code == 200
    assert (number in page.text) is hit


def test_what_was_said_later_and_notes_are_found_and_shown_around_the_word(office: Office) -> None:
    conversation = office.conversation("Der Toaster raucht")
    number = office.case_number(conversation)
    office.customer_says(conversation, "Übrigens wohne ich im <b>Hinterhaus</b> links.")
    alex = office.client(office.user("Alex"))
    alex.act(conversation, "claim")
    alex.act(conversation, "note", text="Kundin züchtet Alpakas")
    page = alex.get("/desk/cases?q=hinterhaus").text
    assert number in page and "&lt;b&gt;<mark>Hinterhaus</mark>&lt;/b&gt;" in page
    assert found(alex, "q=alpaka") == {number}
    assert found(alex, "q=alpaka+toaster") == {number}, "words may stand in different messages"
    assert found(alex, "q=Kaffee") == set()


def test_what_the_bot_says_to_everybody_finds_nobody(office: Office) -> None:
    conversation = office.conversation("Der Toaster raucht")
    with office.database.begin() as session:
        messages.append(session, messages.locked(session, conversation), Reply("bot", "Möchten Sie einen Gutschein?"))
    assert found(office.client(office.user("Alex")), "q=Gutschein") == set()


def test_a_conversation_without_a_case_is_found_by_words(office: Office) -> None:
    conversation = office.conversation("Wann haben Sie geöffnet?", category=None, queued=False)
    alex = office.client(office.user("Alex"))
    assert found(alex, "q=geöffnet") == {conversation}
    assert found(alex, "q=geöffnet&state=new") == set()


def test_a_changed_message_is_found_by_its_new_words_only(office: Office) -> None:
    conversation = office.conversation("Der Toaster raucht", category=None)
    with office.database.begin() as session:
        session.query(Message).filter_by(conversation_id=conversation, seq=1).one().text = "Die Lampe flackert"
    alex = office.client(office.user("Alex"))
    assert found(alex, "q=Lampen") == {conversation}
    assert found(alex, "q=Toaster") == set()


def test_what_is_confidential_is_found_only_by_who_may_see_it(office: Office) -> None:
    about = "Frau Keller hat mich Zimtzicke genannt"
    with_case = office.case_number(office.conversation(about, category="staff_conduct", confidential=True))
    without = office.conversation(about, category=None, confidential=True)
    robin, mira = office.client(office.user("Robin")), office.client(office.user("Mira Sommer", confidential=True))
    sandra = office.client(office.user("Sandra Keller", "admin", confidential=True))
    assert found(mira, "q=Zimtzicken") == {with_case, without}
    for stranger in (robin, sandra):
        page = stranger.get("/desk/cases?q=Zimtzicken").text
        assert found(stranger, "q=Zimtzicken") == set() and "mich" not in page, "no excerpt either"


def test_each_filter_shows_what_it_says(office: Office) -> None:
    alex = office.user("Alex")
    browser = office.client(alex)
    held = office.conversation("Der Toaster brennt", flags=["safety"])
    browser.act(held, "claim")
    english = office.conversation("The invoice is wrong", category="billing", language="en", queued=False)
    with office.database.begin() as session:
        late = store.latest(session, english)
        assert late is not None
        store.promise(session, late, "callback", utcnow() - dt.timedelta(hours=1))
        late.received_at = dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.timezone.utc)  # 2 March in Berlin
    first, second = office.case_number(held), office.case_number(english)
    for query, expected in (
        ("flag=safety", {first}), ("severity=4", {first}), ("severity=1", {first, second}), ("with=me", {first}),
        ("with=staff", {first}), ("with=bot", {second}), ("with=me_ever", {first}), ("promise=late", {second}),
        ("promise=open", {second}), ("language=en", {second}), ("channel=telegram", set()),
        ("state=open", {first, second}),
        ("since=2026-03-02&until=2026-03-02", {second}), ("since=2026-03-03", {first}), ("until=2026-03-01", set()),
        ("since=yesterday", {first, second}), ("severity=9", {first, second}), ("language=en&q=toaster", set()),
    ):  # fmt: skip
        assert found(browser, query) == expected, query
    browser.act(held, "resolve", agreed="Fertig.")
    assert found(browser, "with=me") == set() and found(browser, "with=me_ever") == {first}
    assert found(browser, "state=open") == {second}


def test_a_view_is_kept_under_a_name_for_its_owner_only(office: Office) -> None:
    alex, mira = office.client(office.user("Alex")), office.client(office.user("Mira"))
    fields = {"name": "Rechnungen  auf Englisch", "filters": "category=billing&language=en&evil=1", "csrf": alex.csrf}
    answer = alex.post("/desk/views", data=fields)
    assert answer.headers["location"] == "/desk/cases?category=billing&language=en"
    page = alex.get(answer.headers["location"]).text
    assert re.search(r'aria-current="page">Rechnungen auf Englisch<', page)
    assert "Rechnungen auf Englisch" not in mira.get("/desk/cases").text
    alex.post("/desk/views", data={**fields, "filters": "state=new"})
    with office.database.begin() as session:
        view = session.query(SavedView).one()
        assert (view.name, view.filters) == ("Rechnungen auf Englisch", {"state": "new"}), "the same name replaces it"
    assert mira.post(f"/desk/views/{view.id}/remove", data={"csrf": mira.csrf}).status_code == 404
    assert alex.post(f"/desk/views/{view.id}/remove", data={"csrf": alex.csrf}).status_code == 303
    assert "Rechnungen auf Englisch" not in alex.get("/desk/cases").text


@pytest.mark.parametrize(
    ("name", "filters", "status"), [("", "state=new", 400), ("x" * 61, "state=new", 400), ("leer", "nonsense=1", 400)]
)
def test_a_view_needs_a_name_and_a_filter(office: Office, name: str, filters: str, status: int) -> None:
    alex = office.client(office.user("Alex"))
    assert alex.post("/desk/views", data={"name": name, "filters": filters, "csrf": alex.csrf}).status_code == status


def test_the_index_can_be_made_anew(office: Office) -> None:
    conversation = office.conversation("Der Toaster raucht")
    number = office.case_number(conversation)
    alex = office.client(office.user("Alex"))
    with office.database.begin() as session:
        session.execute(text("DELETE FROM search_texts"))
        assert index.is_empty(session)
    assert found(alex, "q=raucht") == set()
    with office.database.begin() as session:
        assert index.rebuild(session) == 2  # the message and the case
    assert found(alex, "q=raucht") == {number}


def test_a_case_that_moves_to_another_conversation_is_found_there(office: Office) -> None:
    first, second = office.conversation("Der Toaster raucht"), office.conversation("Noch immer Ärger damit")
    with office.database.begin() as session:
        earlier, again = store.latest(session, first), store.latest(session, second)
        assert earlier is not None and again is not None
        store.join(session, again, earlier)
    assert office.case_number(second) in found(office.client(office.user("Alex")), "q=Toaster")


def test_an_excerpt_is_short_and_marks_every_word_found() -> None:
    long = "Anfang " * 60 + "die Waschmaschine und noch einmal: Waschmaschinen " + "Ende " * 90
    pieces = marked(long, "waschmaschine")
    assert [piece for piece, hit in pieces if hit] == ["Waschmaschine", "Waschmaschinen"]
    assert len("".join(piece for piece, _hit in pieces)) < 400
    assert pieces[0][0].startswith("… ") and pieces[-1][0].endswith(" …")
    assert marked("", "x") == []


def test_handing_over_and_settling_keeps_the_index_true(office: Office) -> None:
    conversation = office.conversation("Der Toaster raucht")
    alex = office.user("Alex")
    with office.database.begin() as session:
        waiting = handoff.active(session, conversation)
        assert waiting is not None
        handoff.claim(session, waiting.id, alex)
        handoff.resolve(session, waiting.id, alex, "Ein Wasserkocher als Ersatz")
    assert found(office.client(alex), "q=Wasserkocher") == {office.case_number(conversation)}
    with office.database.begin() as session:
        assert session.query(Promise).count() == 0 and session.query(Case).count() == 1

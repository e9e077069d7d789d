"""Whoever takes a conversation over reads one package and asks nothing again."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import event
from sqlalchemy.exc import NoResultFound

from bot.cases import offers, store
from bot.cases.model import Case, Order
from bot.database import Database
from bot.frontdesk import handoff, messages
from bot.frontdesk.context_package import TURNS, ContextPackage, context_package
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Message
from bot.frontdesk.mood import Words, mood
from bot.goodwill.policy import Policy
from tests.frontdesk.conftest import MONDAY, Desk


def package(desk: Desk, conversation: str, now: dt.datetime = MONDAY) -> ContextPackage:
    with desk.database.begin() as session:
        return context_package(session, conversation, now=now)


def queued(desk: Desk, conversation: str, number: str | None = None, severity: int = 2) -> str:
    with desk.database.begin() as session:
        talk = messages.locked(session, conversation)
        passed = handoff.hand_over(session, talk, reason="asked_for_person", severity=severity, case_number=number)
        return str(passed.id)


def test_what_happened_what_was_understood_and_what_is_proven(desk: Desk) -> None:
    conversation = desk.talk()
    number = desk.case(
        conversation,
        flags=["repeat_contact"],
        remedies=["repair"],
        entities=[{"entity": "date", "value": "gestern", "resolved": "2026-11-22"}],
    )
    with desk.database.begin() as session:
        order = Order(
            order_number="LH-1", item="Kaffeevollautomat", price_cents=49900, delivered_on=dt.date(2026, 3, 25)
        )
        session.add(order)
        store.attach_order(session, session.get(Case, number), order, "postcode")
    queued(desk, conversation, number)
    found = package(desk, conversation)
    assert (found.case_number, found.category, found.flags) == (number, "product_defect", ("repeat_contact",))
    assert "Die Kaffeemaschine ist kaputt" in found.happened
    assert found.remedies == ("repair",)
    assert found.proven is not None and found.proven.item == "Kaffeevollautomat" and found.proven.how == "postcode"
    assert [(fact.name, fact.value, fact.resolved) for fact in found.facts] == [("date", "gestern", "2026-11-22")]
    assert (found.handoff_state, found.reason, found.severity) == ("queued", "asked_for_person", 2)


def test_rights_and_offers_come_with_their_reasons(desk: Desk, policy: Policy) -> None:
    conversation = desk.talk()
    number = desk.case(conversation)
    with desk.database.begin() as session:
        order = Order(
            order_number="LH-1", item="Kaffeevollautomat", price_cents=49900, delivered_on=dt.date(2026, 3, 25)
        )
        session.add(order)
        case = session.get(Case, number)
        store.attach_order(session, case, order, "email")
        offers.decide_case(session, case, policy, now=MONDAY)
    found = package(desk, conversation)
    [right] = found.rights
    assert "437" in right.paragraph and right.told and right.text["de"] and right.text["en"]
    [offer] = found.offers
    assert (offer.form, offer.state) == ("repair_or_replacement", "open")
    assert "greift" in offer.because[0]["de"] and "applies" in offer.because[0]["en"]
    assert found.decided is not None and found.decided.outcome == "right"


def test_a_colleagues_favour_keeps_the_reason_they_gave(desk: Desk) -> None:
    conversation = desk.talk()
    number = desk.case(conversation)
    desk.offer(number, by="Mira", reason="dritter Besuch")
    [offer] = package(desk, conversation).offers
    assert (offer.by, offer.because) == ("Mira", ({"de": "dritter Besuch", "en": "dritter Besuch"},))


def test_promises_say_when_they_are_due_and_whether_they_are_late(desk: Desk) -> None:
    conversation = desk.talk()
    number = desk.case(conversation)
    desk.promise(number, MONDAY + dt.timedelta(hours=1))
    desk.promise(number, MONDAY + dt.timedelta(hours=5), what="callback")
    found = package(desk, conversation, now=MONDAY + dt.timedelta(hours=2))
    assert [(made.what, made.late) for made in found.promises] == [("first_answer", True), ("callback", False)]


def test_the_last_thirty_turns_in_order_and_notes_apart(desk: Desk) -> None:
    conversation = desk.talk()
    with desk.database.begin() as session:
        talk = messages.locked(session, conversation)
        for n in range(40):
            messages.append(session, talk, Reply("bot" if n % 2 else "customer", f"Nachricht {n}"))
            messages.append(session, talk, Reply("staff", f"Notiz {n}", author_name="Mira"), internal=True)
    found = package(desk, conversation)
    assert [turn.text for turn in found.turns] == [f"Nachricht {n}" for n in range(10, 40)]
    assert len(found.turns) == TURNS
    assert found.notes[-1].text == "Notiz 39" and found.notes[-1].by == "Mira"


def test_what_was_agreed_before_is_there_the_next_time(desk: Desk) -> None:
    conversation, mira = desk.talk(), desk.user()
    first = queued(desk, conversation)
    with desk.database.begin() as session:
        handoff.claim(session, first, mira)
        handoff.give_back(session, first, mira, "Ein neuer Schalter geht morgen raus.")
    queued(desk, conversation)
    found = package(desk, conversation)
    assert [(note.by, note.text) for note in found.agreed] == [("Mira", "Ein neuer Schalter geht morgen raus.")]
    assert [past.what for past in found.history] == ["queued"]
    assert found.holder is None and found.waiting_since is not None


def test_without_a_case_the_customers_words_are_what_happened(desk: Desk) -> None:
    found = package(desk, desk.talk("Ich will einen Menschen"))
    assert (found.case_number, found.happened, found.handoff) == (None, "Ich will einen Menschen", None)


def test_a_conversation_that_does_not_exist_has_no_package(desk: Desk) -> None:
    with pytest.raises(NoResultFound):
        package(desk, "nobody")


def test_a_confidential_case_says_so(desk: Desk) -> None:
    conversation = desk.talk("Frau Keller war unverschämt")
    desk.case(conversation, category="staff_conduct")
    assert package(desk, conversation).confidential


def test_long_conversations_take_no_more_queries_than_short_ones(desk: Desk) -> None:
    def queries(conversation: str) -> int:
        count = []
        listen = lambda *_args: count.append(1)  # noqa: E731 - SQLAlchemy needs the same object to stop listening
        event.listen(desk.database.engine, "before_cursor_execute", listen)
        package(desk, conversation)
        event.remove(desk.database.engine, "before_cursor_execute", listen)
        return len(count)

    conversation, mira = desk.talk(), desk.user()
    number = desk.case(conversation)
    first = queued(desk, conversation, number)
    with desk.database.begin() as session:
        handoff.claim(session, first, mira)
    before = queries(conversation)
    with desk.database.begin() as session:
        talk = messages.locked(session, conversation)
        for n in range(100):
            messages.append(session, talk, Reply("customer", f"Nachricht {n}"))
            handoff.note(session, first, mira, f"Notiz {n}")
    for n in range(20):
        desk.promise(number, MONDAY + dt.timedelta(hours=n), what=f"kind {n}")
        desk.offer(number)
    assert queries(conversation) == before <= 14


@pytest.mark.parametrize(
    ("said", "name", "signs"),
    [
        ([Words("Guten Tag", "greet")], "calm", ()),
        ([Words("ich kann nicht mehr", "complain", ("crisis",)), Words("Hallo?", "greet")], "desperate", ("crisis",)),
        ([Words("Mein Anwalt meldet sich", "complain", ("legal",))], "angry", ("legal",)),
        ([Words("UNVERSCHÄMTHEIT SOWAS HIER", "complain")], "angry", ("shouting",)),
        ([Words("Wann kommt es endlich!!!", "ask_status")], "angry", ("shouting",)),
        ([Words("OK", "affirm")], "calm", ()),
        ([Words("Schon zum dritten Mal", "complain", ("repeat_contact",))], "disappointed", ("repeat_contact",)),
        ([Words("Danke", "thank")], "friendly", ("thank",)),
        ([Words("Danke", "thank"), Words("Und wann?", "ask_status")], "calm", ()),
        ([Words("ihr Idioten", "insult")] + [Words("gut", "affirm")] * 6, "calm", ()),
        ([], "calm", ()),
    ],
)
def test_the_mood_names_what_it_was_read_from(said: list[Words], name: str, signs: tuple[str, ...]) -> None:
    assert (mood(said).name, mood(said).signs) == (name, signs)


def test_the_mood_comes_from_what_was_understood(desk: Desk) -> None:
    conversation = desk.talk("Ihr Saftladen")
    with desk.database.begin() as session:
        message = session.query(Message).filter_by(conversation_id=conversation).one()
        message.understood = {"intent": {"name": "insult", "confidence": 0.9}, "flags": ["publicity"]}
    found = package(desk, conversation)
    assert (found.mood.name, found.mood.signs, found.intent) == ("angry", ("publicity", "insult"), "insult")


def test_both_databases_give_the_package(both: Database) -> None:
    desk = Desk(both)
    conversation = desk.talk(language="en")
    queued(desk, conversation, desk.case(conversation))
    found = package(desk, conversation)
    assert found.language == "en" and found.turns[0].author == "customer"
    with both.begin() as session:
        assert session.get(Conversation, conversation).holder == "queue"

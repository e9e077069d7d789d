"""How was it? Asked once, when it is settled and nobody is talking; never after danger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.cases import store
from bot.cases.feedback import ASKED
from bot.database import Database, utcnow
from bot.frontdesk import feedback, handoff, messages
from bot.frontdesk.messages import Reply, StaleButton
from bot.frontdesk.model import Conversation
from tests.frontdesk.conftest import Desk


def ask(desk: Desk, later: dt.timedelta = dt.timedelta(minutes=1)) -> list[str]:
    with desk.database.begin() as session:
        return feedback.ask_settled(session, utcnow() + later)


def settled(desk: Desk, language: str = "de", **about: object) -> str:
    """A conversation whose case staff have resolved."""
    talk = desk.talk(language=language)
    desk.move(desk.case(talk, **about), "resolved")
    with desk.database.begin() as session:
        session.get(Conversation, talk).holder = "nobody"
    return talk


@pytest.mark.parametrize(("language", "words"), [("de", "Wie zufrieden"), ("en", "How satisfied")])
def test_a_settled_case_is_asked_about_once(desk: Desk, language: str, words: str) -> None:
    talk = settled(desk, language)
    assert ask(desk) == [talk]
    question = desk.said(talk)[-1]
    assert words in question.text
    assert [button["title"] for button in question.buttons] == ["1", "2", "3", "4", "5"]
    assert question.buttons[3]["payload"] == '/inform{"csat": "4"}'
    assert ask(desk) == []


def test_when_a_person_settles_it_the_question_follows(desk: Desk) -> None:
    talk, mira = desk.talk(), desk.user()
    number = desk.case(talk)
    with desk.database.begin() as session:
        waiting = handoff.hand_over(
            session, messages.locked(session, talk), reason="severity", severity=1, case_number=number
        )
        handoff.claim(session, waiting.id, mira)
    desk.move(number, "resolved")
    assert ask(desk) == []  # Mira is still there
    with desk.database.begin() as session:
        handoff.resolve(session, waiting.id, mira, "Die neue Maschine kommt morgen.")
    assert ask(desk, dt.timedelta(seconds=5)) == []  # not into the last words
    assert ask(desk) == [talk]


@pytest.mark.parametrize("state", ["accepted", "fulfilled"])
def test_an_offer_that_was_carried_out_settles_it(desk: Desk, state: str) -> None:
    talk = desk.talk()
    number = desk.case(talk)
    desk.move(number, "offer_made")
    desk.move(number, "accepted")
    desk.offer(number, form="partial_refund", state=state)
    assert ask(desk) == ([talk] if state == "fulfilled" else [])  # accepted only: the money has not been paid


def test_a_complaint_taken_back_is_asked_about(desk: Desk) -> None:
    talk = desk.talk()
    desk.move(desk.case(talk), "withdrawn", who="customer")
    assert ask(desk) == [talk]


def test_nobody_is_asked_after_danger_or_a_crisis(desk: Desk) -> None:
    settled(desk, flags=["crisis"])
    again = settled(desk)
    desk.case(again, flags=["injury"])
    desk.move(desk.case(again), "resolved")
    talk = settled(desk)  # the case is harmless, the hand-over was not
    with desk.database.begin() as session:
        conversation = messages.locked(session, talk)
        grave = handoff.hand_over(session, conversation, reason="severity", severity=4, case_number=None)
        grave.state, conversation.holder = "resolved", "nobody"
    assert ask(desk) == []


def test_nobody_is_asked_about_erased_data_or_while_another_case_is_open(desk: Desk) -> None:
    settled(desk, category="privacy")
    busy = settled(desk)
    desk.case(busy)
    assert ask(desk) == []


def test_nobody_is_asked_days_later(desk: Desk) -> None:
    settled(desk)
    assert ask(desk, dt.timedelta(days=3)) == []


def test_many_front_desks_ask_once(both: Database, desk_on: Callable[[Database], Desk]) -> None:
    desk = desk_on(both)
    talks = [settled(desk) for _ in range(3)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _n: ask(desk), range(6)))
    for talk in talks:
        assert sum("Wie zufrieden" in message.text for message in desk.said(talk)) == 1
    asked = [line for talk in talks for line in desk.loaded(case_of(desk, talk)).audit if line.what == ASKED]
    assert len(asked) == 3


@pytest.mark.parametrize("typed", ["4", " 4 ", "4.", "4/5", "4 von 5", "4 out of 5", "4 Sterne", "4 stars!"])
def test_a_typed_score_counts_like_its_button(desk: Desk, typed: str) -> None:
    talk = settled(desk)
    ask(desk)
    with desk.database.begin() as session:
        message, _new = messages.receive(session, talk, text=typed)
        assert message.payload == '/inform{"csat": "4"}'
        assert message.text == typed.strip()
    with desk.database.begin() as session, pytest.raises(StaleButton):
        messages.receive(session, talk, payload='/inform{"csat": "5"}')


@pytest.mark.parametrize("typed", ["6", "4 Wochen warte ich schon", "Am 4. kam nichts", "0"])
def test_what_is_no_score_stays_what_was_said(desk: Desk, typed: str) -> None:
    talk = settled(desk)
    ask(desk)
    with desk.database.begin() as session:
        assert messages.receive(session, talk, text=typed)[0].payload is None


def test_a_digit_counts_only_right_after_the_question(desk: Desk) -> None:
    talk = settled(desk)
    ask(desk)
    with desk.database.begin() as session:
        messages.receive(session, talk, text="Moment bitte")
        assert messages.receive(session, talk, text="4")[0].payload is None


def test_typing_to_a_person_presses_nothing(desk: Desk) -> None:
    talk = settled(desk)
    ask(desk)
    with desk.database.begin() as session:
        session.get(Conversation, talk).holder = "staff"
        messages.append(session, messages.locked(session, talk), Reply("staff", "Wie viele fehlen?"))
        assert messages.receive(session, talk, text="4")[0].payload is None


def case_of(desk: Desk, talk: str) -> str:
    with desk.database.begin() as session:
        case = store.latest(session, talk, open_only=False)
        assert case is not None
        return str(case.number)

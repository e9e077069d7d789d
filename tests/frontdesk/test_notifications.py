"""Whoever should know is told, once, together with what happened."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from bot.database import utcnow
from bot.frontdesk import absence, handing_on, handoff, messages, promises
from bot.frontdesk.model import Conversation, Handoff, User
from bot.frontdesk.notifications import notify
from bot.frontdesk.notifications.events import AWAY
from bot.frontdesk.notifications.model import Notice, NoticeDelivery, NoticeSettings
from bot.goodwill.policy import Policy
from tests.frontdesk.conftest import MONDAY, Desk


def told(desk: Desk) -> list[tuple[str, str]]:
    """Who was told what, in order."""
    with desk.database.begin() as session:
        rows = session.execute(select(User.name, Notice.kind).join(Notice, Notice.user_id == User.id))
        return [(str(name), str(kind)) for name, kind in rows]


def waits(desk: Desk, **about: Any) -> tuple[str, str]:
    """A conversation in the queue: its id and its handoff's."""
    conversation = desk.talk()
    given = {"reason": "asked_for_person", "severity": 1, "case_number": None, **about}
    with desk.database.begin() as session:
        handed = handoff.hand_over(session, messages.locked(session, conversation), **given)
        return conversation, str(handed.id)


def claim(desk: Desk, handoff_id: str, user: User) -> None:
    with desk.database.begin() as session:
        handoff.claim(session, handoff_id, session.get(User, user.id))


def test_everybody_who_may_take_a_new_conversation_hears_of_it_once(desk: Desk) -> None:
    for name, role in {"Alex": "staff", "Mira": "lead", "Toni": "trainer", "Ada": "auditor"}.items():
        desk.user(name, role)
    with desk.database.begin() as session:
        session.add(User(name="Gone", role="staff", password_hash="x", active=False))
    conversation, _handoff = waits(desk)
    with desk.database.begin() as session:  # asked once more while waiting
        again = {"reason": "not_understood", "severity": 2, "case_number": None}
        handoff.hand_over(session, messages.locked(session, conversation), **again)
    assert told(desk) == [("Alex", "new"), ("Mira", "new")]


def test_when_it_becomes_dangerous_they_hear_again(desk: Desk) -> None:
    desk.user("Alex")
    conversation, _handoff = waits(desk)
    with desk.database.begin() as session:
        worse = {"reason": "safety", "severity": 4, "case_number": None}
        handoff.hand_over(session, messages.locked(session, conversation), **worse)
    assert told(desk) == [("Alex", "new"), ("Alex", "danger")]


def test_a_confidential_conversation_is_told_to_chosen_people_only(desk: Desk) -> None:
    desk.user("Alex")
    with desk.database.begin() as session:
        session.add(User(name="Mira", role="lead", password_hash="x", confidential=True))
    waits(desk, confidential=True)
    assert told(desk) == [("Mira", "new")]


def test_what_comes_back_to_the_queue_is_told_to_the_others(desk: Desk) -> None:
    alex, _mira = desk.user("Alex"), desk.user("Mira")
    _conversation, handed = waits(desk)
    claim(desk, handed, alex)
    with desk.database.begin() as session:
        handoff.release(session, handed, session.get(User, alex.id))
    assert told(desk) == [("Alex", "new"), ("Mira", "new"), ("Mira", "new")]


def test_what_goes_to_a_team_or_up_to_a_lead_is_told_to_them_only(desk: Desk) -> None:
    alex = desk.user("Alex")
    desk.user("Mira", "lead")
    with desk.database.begin() as session:
        session.add(User(name="Toni", role="staff", password_hash="x", team="workshop"))
    _conversation, handed = waits(desk)
    claim(desk, handed, alex)
    with desk.database.begin() as session:
        handing_on.transfer(session, handed, session.get(User, alex.id), "workshop")
    assert told(desk)[3:] == [("Toni", "new")]
    with desk.database.begin() as session:
        handing_on.escalate(session, handed, session.get(User, alex.id), "too big for me")
    assert told(desk)[4:] == [("Mira", "new")]


def test_what_was_put_aside_is_told_when_its_time_has_come(desk: Desk) -> None:
    alex = desk.user("Alex")
    _conversation, handed = waits(desk)
    claim(desk, handed, alex)
    until = utcnow() + dt.timedelta(hours=1)
    with desk.database.begin() as session:
        handoff.snooze(session, handed, session.get(User, alex.id), until)
    limits = absence.Limits(dt.timedelta(days=9), dt.timedelta(days=9))
    absence.look(desk.database, until - dt.timedelta(minutes=1), limits)
    assert told(desk) == [("Alex", "new")]
    absence.look(desk.database, until, limits)
    assert told(desk) == [("Alex", "new"), ("Alex", "woken")]


def test_the_holder_hears_of_an_answer_once_until_they_answer(desk: Desk) -> None:
    alex = desk.user("Alex")
    conversation, handed = waits(desk)
    claim(desk, handed, alex)

    def customer_says(text: str) -> None:
        with desk.database.begin() as session:
            messages.receive(session, conversation, text=text)

    customer_says("Hallo?")
    customer_says("Sind Sie noch da?")
    assert told(desk) == [("Alex", "new"), ("Alex", "reply")]
    with desk.database.begin() as session:
        handoff.say(session, handed, session.get(User, alex.id), "Ich bin da.")
    customer_says("Gut.")
    assert told(desk) == [("Alex", "new"), ("Alex", "reply"), ("Alex", "reply")]


def test_promises_are_told_to_whoever_holds_the_conversation_else_to_everybody(desk: Desk, policy: Policy) -> None:
    alex, _mira = desk.user("Alex"), desk.user("Mira")
    conversation, handed = waits(desk)
    number = desk.case(conversation)
    desk.promise(number, MONDAY + dt.timedelta(minutes=30))
    claim(desk, handed, alex)
    promises.look(desk.database, MONDAY, policy)
    assert told(desk)[2:] == [("Alex", "promise_due")]
    with desk.database.begin() as session:
        handoff.give_back(session, handed, session.get(User, alex.id))
    promises.look(desk.database, MONDAY + dt.timedelta(hours=1), policy)
    assert told(desk)[3:] == [("Alex", "promise_broken"), ("Mira", "promise_broken")]


def test_each_way_is_used_as_chosen_and_only_where_somebody_can_be_reached(desk: Desk) -> None:
    alex = desk.user("Alex")
    conversation = desk.talk()
    chosen = {"browser": ["mention"], "email": ["mention", "reply"]}
    with desk.database.begin() as session:
        session.add(NoticeSettings(user_id=alex.id, email="alex@shop.example", choices=chosen))
    with desk.database.begin() as session:
        user = session.get(User, alex.id)
        notify(session, user, "mention", conversation, by="Mira", now=MONDAY)
        notify(session, user, "reply", conversation, now=MONDAY)
        notify(session, user, "assigned", conversation, now=MONDAY)
    with desk.database.begin() as session:
        rows = session.query(NoticeDelivery).order_by(NoticeDelivery.id).all()
        assert [(row.channel, row.next_at) for row in rows] == [
            ("browser", MONDAY), ("email", MONDAY), ("email", MONDAY + AWAY),
        ]  # fmt: skip


def test_the_same_thing_is_not_told_twice_and_a_strange_kind_is_a_clear_error(desk: Desk) -> None:
    alex, conversation = desk.user("Alex"), desk.talk()
    with desk.database.begin() as session:
        user = session.get(User, alex.id)
        assert notify(session, user, "mention", conversation, key="note:1") is not None
        assert notify(session, user, "mention", conversation, key="note:1") is None
        with pytest.raises(ValueError, match="there is no notification"):
            notify(session, user, "gossip", conversation)


def test_what_did_not_happen_is_not_told(desk: Desk) -> None:
    desk.user("Alex")
    conversation = desk.talk()
    with pytest.raises(RuntimeError), desk.database.begin() as session:
        about = {"reason": "asked_for_person", "severity": 1, "case_number": None}
        handoff.hand_over(session, messages.locked(session, conversation), **about)
        raise RuntimeError("the process dies")
    assert told(desk) == []
    with desk.database.begin() as session:
        assert session.get(Conversation, conversation).holder == "bot"
        assert session.query(Handoff).count() == 0

"""Several processes do the same at the same moment, on SQLite and on PostgreSQL: once is enough."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar
from zoneinfo import ZoneInfo

import pyotp
from sqlalchemy import func, select

from bot.database import Database, utcnow
from bot.desk import guard, second_factor, sessions, users
from bot.desk.notices import due
from bot.desk.users import BadUser
from bot.frontdesk import handoff, messages
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Handoff, User
from bot.frontdesk.notifications import notify
from bot.frontdesk.notifications.model import NoticeSettings
from tests.cases.conftest import database as both  # noqa: F401

T = TypeVar("T")


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """`work(n)` in so many threads that all start together."""
    start = Barrier(count)

    def wait_and_work(number: int) -> T:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_work, range(count)))


def person(database: Database, name: str, role: str = "staff") -> int:
    with database.begin() as session:
        user = User(name=name, role=role, password_hash="x")
        session.add(user)
        session.flush()
        session.add(NoticeSettings(user_id=user.id, email=f"{name}@shop.example", choices={}))
        return int(user.id)


def conversation(database: Database, *, queued: bool) -> str:
    with database.begin() as session:
        talk = messages.open_conversation(session, "web", "de")
        messages.append(session, talk, Reply("customer", "Hallo"), state="held")
        if queued:
            handoff.hand_over(session, talk, reason="asked_for_person", severity=1, case_number=None)
        return str(talk.id)


def test_every_letter_is_taken_by_one_courier(both: Database) -> None:  # noqa: F811
    people, talk = [person(both, f"p{n}") for n in range(6)], conversation(both, queued=False)
    with both.begin() as session:
        for user_id in people:
            notify(session, session.get(User, user_id), "mention", talk, by="Mira")
    now = utcnow()

    def take(_number: int) -> list[int]:
        with both.begin() as session:
            letters = due.take(session, "email", now, ZoneInfo("Europe/Berlin"))
            return [number for letter in letters for number in letter.deliveries]

    taken = Counter(number for found in at_once(4, take) for number in found)
    assert len(taken) == len(people) and set(taken.values()) == {1}


def test_a_code_opens_one_door(both: Database) -> None:  # noqa: F811
    user_id, now = person(both, "Alex"), dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.timezone.utc)
    with both.begin() as session:
        totp = pyotp.TOTP(second_factor.begin(session, session.get(User, user_id)))
    code = totp.at(now)

    def check(_number: int) -> str:
        with both.begin() as session:
            return second_factor.check(session, session.get(User, user_id), code, now)

    assert Counter(at_once(4, check)) == {"right": 1, "wrong": 3}


def test_two_admins_cannot_lock_each_other_out(both: Database) -> None:  # noqa: F811
    admins = [person(both, name, "admin") for name in ("Ada", "Eva")]

    def lock_the_other(number: int) -> bool:
        try:
            with both.begin() as session:
                users.deactivate(session, session.get(User, admins[1 - number]), by="x")
        except BadUser:
            return False
        return True

    assert sorted(at_once(2, lock_the_other)) == [False, True]
    with both.begin() as session:
        left = select(func.count()).select_from(User).where(User.role == "admin", User.active.is_(True))
        assert session.execute(left).scalar_one() == 1


def test_who_is_locked_out_holds_nothing_afterwards(both: Database) -> None:  # noqa: F811
    for attempt in range(5):
        user_id, talk = person(both, f"Alex {attempt}"), conversation(both, queued=True)
        with both.begin() as session:
            token = sessions.hash_token(sessions.start(session, session.get(User, user_id)))
            waiting = session.scalars(select(Handoff.id).where(Handoff.conversation_id == talk)).one()

        def lock_or_claim(number: int, user_id: int = user_id, token: str = token, waiting: str = waiting) -> None:
            with both.begin() as session:
                user = session.get(User, user_id)
                if number == 0:
                    users.deactivate(session, user, by="Ada")
                    return
                try:
                    guard.while_let_in(session, token, handoff.claim, (waiting, user))
                except (guard.Refused, handoff.HandoffError):
                    return

        person(both, f"Ada {attempt}", "admin")
        at_once(2, lock_or_claim)
        with both.begin() as session:
            assert session.get(Conversation, talk).holder == "queue"
            assert session.get(Handoff, waiting).claimed_by is None

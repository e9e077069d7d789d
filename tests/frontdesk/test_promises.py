"""What was promised is kept, or the customer hears from us first that it was not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from sqlalchemy import text

from bot.cases import store
from bot.cases.promises import overview
from bot.config import ROOT, Settings
from bot.database import Database
from bot.frontdesk import handoff, messages, promises
from bot.frontdesk.hub import Hub
from bot.frontdesk.watch import Watch
from bot.goodwill.hours import promise_due, say_when
from bot.goodwill.policy import Policy, load_policy
from tests.frontdesk.conftest import MONDAY, Desk
from tests.services.processes import FORKED

HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
DUE = MONDAY + 5 * HOUR  # 16:00 in Berlin: four working hours after 11:00


def test_the_desk_is_reminded_once_before_a_promise_is_due(desk: Desk, policy: Policy) -> None:
    talk = desk.talk()
    number = desk.case(talk)
    desk.promise(number, DUE)
    assert promises.look(desk.database, DUE - HOUR - MINUTE, policy) == []
    assert promises.look(desk.database, DUE - HOUR, policy) == [talk]
    assert promises.look(desk.database, DUE - 30 * MINUTE, policy) == []
    notes = [message for message in desk.said(talk, internal=True) if message.internal]
    assert len(notes) == 1
    assert number in notes[0].text and "16:00 Uhr" in notes[0].text and "wer zuerst Zeit hat" in notes[0].text
    assert [message.author for message in desk.said(talk)] == ["customer"]  # the customer reads nothing of it
    assert desk.loaded(number).promises[0].reminded_at == DUE - HOUR


def test_the_reminder_names_who_holds_the_conversation(desk: Desk, policy: Policy) -> None:
    talk, mira = desk.talk(language="en"), desk.user("Mira")
    number = desk.case(talk)
    desk.promise(number, DUE)
    with desk.database.begin() as session:
        waiting = handoff.hand_over(
            session, messages.locked(session, talk), reason="asked_for_person", severity=1, case_number=number
        )
        handoff.claim(session, waiting.id, mira)
    promises.look(desk.database, DUE - HOUR, policy)
    assert "Owner: Mira." in desk.said(talk, internal=True)[-1].text


def test_a_promise_for_monday_morning_is_reminded_of_while_people_are_still_there(desk: Desk, policy: Policy) -> None:
    number = desk.case(desk.talk())
    saturday_noon = dt.datetime(2026, 11, 28, 11, 30, tzinfo=dt.timezone.utc)  # 12:30, closing at 13:00
    desk.promise(number, dt.datetime(2026, 11, 30, 7, 30, tzinfo=dt.timezone.utc))  # Monday, 8:30
    assert promises.look(desk.database, saturday_noon - MINUTE, policy) == []
    assert len(promises.look(desk.database, saturday_noon, policy)) == 1


@pytest.mark.parametrize(
    ("language", "sorry"), [("de", "Das tut uns leid."), ("en", "We are sorry.")], ids=["German", "English"]
)
def test_of_a_broken_promise_the_customer_hears_from_us_first(
    desk: Desk, policy: Policy, language: str, sorry: str
) -> None:
    talk = desk.talk(language=language)
    number = desk.case(talk)
    desk.promise(number, DUE)
    assert promises.look(desk.database, DUE, policy) == [talk]  # on the minute: only the reminder
    late = DUE + MINUTE
    assert promises.look(desk.database, late, policy) == [talk]
    told, case = desk.said(talk)[-1], desk.loaded(number)
    new_time = promise_due("first_answer", late, policy)
    assert told.author == "system"
    for part in (sorry, number, say_when(DUE, language, policy.hours), say_when(new_time, language, policy.hours)):
        assert part in told.text
    assert case.severity == 2  # was 1
    assert "broken_promise" in case.flags
    assert case.state == "in_review"
    assert [(made.state, made.due_at) for made in case.promises] == [("broken", DUE), ("open", new_time)]
    (queued,) = desk.handoffs(talk)
    assert (queued.state, queued.reason, queued.severity, queued.case_number) == ("queued", "promise_late", 2, number)
    assert promises.look(desk.database, late + MINUTE, policy) == []


def test_a_broken_promise_never_makes_an_emergency_and_never_ends_one(desk: Desk, policy: Policy) -> None:
    for flags, expected in ((["legal"], 3), (["safety"], 4), (["repeat_contact"], 3)):
        number = desk.case(desk.talk(), flags=flags)
        desk.promise(number, DUE)
        promises.look(desk.database, DUE + MINUTE, policy)
        assert desk.loaded(number).severity == expected


def test_several_broken_promises_of_a_case_are_one_apology(desk: Desk, policy: Policy) -> None:
    talk = desk.talk()
    number = desk.case(talk)
    desk.promise(number, DUE)
    desk.promise(number, DUE + HOUR, what="decision")
    promises.look(desk.database, DUE + 2 * HOUR, policy)
    apologies = [message for message in desk.said(talk) if message.author == "system"]
    assert len(apologies) == 1
    assert apologies[0].text.count("bis") >= 3  # the broken one, and both new times
    assert desk.loaded(number).severity == 2  # raised once


def test_after_the_third_time_no_time_is_named_that_we_may_not_keep(desk: Desk, policy: Policy) -> None:
    talk = desk.talk()
    number = desk.case(talk)
    desk.promise(number, DUE)
    for _round in range(5):
        for made in desk.loaded(number).promises:
            promises.look(desk.database, made.due_at + MINUTE, policy)
    apologies = [message.text for message in desk.said(talk) if message.author == "system"]
    assert len(apologies) == 3
    assert policy.company.phone in apologies[-1]
    assert all(made.state == "broken" for made in desk.loaded(number).promises)


def test_the_conversation_stays_with_the_person_who_has_it(desk: Desk, policy: Policy) -> None:
    talk, mira = desk.talk(), desk.user()
    number = desk.case(talk)
    desk.promise(number, DUE)
    with desk.database.begin() as session:
        conversation = messages.locked(session, talk)
        waiting = handoff.hand_over(session, conversation, reason="severity", severity=1, case_number=number)
        handoff.claim(session, waiting.id, mira)
    promises.look(desk.database, DUE + MINUTE, policy)
    (held,) = desk.handoffs(talk)
    assert (held.state, held.claimed_by, held.severity) == ("claimed", mira.id, 2)


def test_what_is_about_staff_goes_into_the_confidential_queue(desk: Desk, policy: Policy) -> None:
    talk = desk.talk()
    number = desk.case(talk, category="staff_conduct")
    desk.promise(number, DUE)
    promises.look(desk.database, DUE + MINUTE, policy)
    assert desk.handoffs(talk)[0].queue == "confidential"


def test_the_first_words_of_a_person_keep_the_promise_of_an_answer(desk: Desk) -> None:
    talk, mira = desk.talk(), desk.user()
    number = desk.case(talk)
    soon = dt.datetime.now(dt.timezone.utc) + HOUR
    desk.promise(number, soon)
    desk.promise(number, soon, what="decision")
    with desk.database.begin() as session:
        conversation = messages.locked(session, talk)
        waiting = handoff.hand_over(session, conversation, reason="severity", severity=1, case_number=number)
        handoff.claim(session, waiting.id, mira)
        handoff.say(session, waiting.id, mira, "Ich sehe mir das gerade an.")
    states = {made.what: made.state for made in desk.loaded(number).promises}
    assert states == {"first_answer": "kept", "decision": "open"}  # saying something is no decision


def test_a_settled_case_owes_nothing(desk: Desk, policy: Policy) -> None:
    talk = desk.talk()
    number = desk.case(talk)
    desk.promise(number, dt.datetime.now(dt.timezone.utc) + HOUR)
    desk.move(number, "resolved")
    assert promises.look(desk.database, dt.datetime.now(dt.timezone.utc) + 2 * HOUR, policy) == []
    assert desk.loaded(number).promises[0].state == "kept"


def test_after_days_of_standstill_everybody_is_told_once(desk: Desk, policy: Policy) -> None:
    talks = [desk.talk() for _ in range(3)]
    for talk in talks:
        desk.promise(desk.case(talk), DUE)
    desk.database.dispose()
    restarted = Database(desk.database.url)
    fortnight = MONDAY + dt.timedelta(days=14)
    assert sorted(promises.look(restarted, fortnight, policy)) == sorted(talks)
    assert promises.look(restarted, MONDAY, policy) == []  # a clock set back tells nobody again
    assert all(len(desk.said(talk)) == 2 for talk in talks)
    restarted.dispose()


def test_many_front_desks_tell_it_once(both: Database, desk_on: Callable[[Database], Desk], policy: Policy) -> None:
    desk = desk_on(both)
    talks = [desk.talk() for _ in range(4)]
    numbers = [desk.case(talk) for talk in talks]
    for number in numbers:
        desk.promise(number, DUE)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _n: promises.look(both, DUE - MINUTE, policy), range(8)))
        list(pool.map(lambda _n: promises.look(both, DUE + MINUTE, policy), range(8)))
    for talk, number in zip(talks, numbers):
        assert [m.author for m in desk.said(talk, internal=True)] == ["customer", "system", "system"]
        assert len(desk.handoffs(talk)) == 1
        assert [made.state for made in desk.loaded(number).promises] == ["broken", "open"]


def look_in_process(url: str, now: dt.datetime) -> int:
    """A front desk that was just started: one look at what is due."""
    database = Database(url)
    told = promises.look(database, now, load_policy(ROOT / "policy"))
    database.dispose()
    return len(told)


def test_processes_that_start_after_it_was_promised_remind_and_tell_once(
    both: Database, desk_on: Callable[[Database], Desk]
) -> None:
    desk = desk_on(both)
    talks = [desk.talk() for _ in range(6)]
    for talk in talks:
        desk.promise(desk.case(talk), DUE)
    with ProcessPoolExecutor(2, mp_context=FORKED) as pool:
        for moment in (DUE - MINUTE, DUE + MINUTE):
            looks = [pool.submit(look_in_process, both.url, moment) for _ in range(2)]
            assert sum(each.result() for each in looks) == len(talks)
    for talk in talks:
        assert [m.author for m in desk.said(talk, internal=True)] == ["customer", "system", "system"]
        assert len(desk.handoffs(talk)) == 1


def test_a_promise_that_was_taken_out_of_the_policy_is_still_told(desk: Desk, policy: Policy) -> None:
    talk = desk.talk()
    number = desk.case(talk)
    desk.promise(number, DUE, what="flowers")
    assert promises.look(desk.database, DUE + MINUTE, policy) == [talk]
    assert [made.what for made in desk.loaded(number).promises if made.state == "open"] == ["first_answer"]


def test_a_case_from_the_shell_is_only_noted(desk: Desk, policy: Policy) -> None:
    with desk.database.begin() as session:
        case = store.open_case(
            session, conversation="default", channel="shell", language="de", category="billing", text="x", now=MONDAY
        )
        store.promise(session, case, "first_answer", DUE, now=MONDAY)
    assert promises.look(desk.database, DUE + MINUTE, policy) == []
    assert [made.state for made in desk.loaded(case.number).promises] == ["broken", "open"]


def test_the_kept_rate_counts_what_has_ended(desk: Desk, policy: Policy) -> None:
    now = dt.datetime.now(dt.timezone.utc)
    kept, late, waiting = (desk.case(desk.talk()) for _ in range(3))
    for number, due in ((kept, now + HOUR), (late, now - HOUR), (waiting, now + 2 * HOUR)):
        desk.promise(number, due)
    desk.move(kept, "resolved")
    desk.move(late, "resolved")
    with desk.database.begin() as session:
        record = overview(session, now + MINUTE)
    assert (record.kept, record.broken, record.kept_rate) == (1, 1, 0.5)
    assert [made.case_number for made in record.open] == [waiting]
    with desk.database.begin() as session:
        assert overview(session, now + dt.timedelta(days=60)).kept_rate is None


async def test_the_watch_does_everything_and_one_failure_keeps_nothing_waiting(
    desk: Desk, tmp_path: object, caplog: pytest.LogCaptureFixture
) -> None:
    talk = desk.talk()
    now = dt.datetime.now(dt.timezone.utc)
    desk.promise(desk.case(talk, now=now), now - MINUTE, made=now - HOUR)
    with desk.database.begin() as session:
        session.execute(text("DROP TABLE corrections"))  # tidying will fail
        session.execute(text("ALTER TABLE outbox RENAME TO elsewhere"))
    hub = Hub()
    watch = Watch(desk.database, hub, Settings(var=tmp_path))
    await watch.look(now)
    assert len(desk.handoffs(talk)) == 1
    assert "watch.failed" in caplog.text

"""Opening hours and due times: breaks, holidays, clock changes."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.goodwill.hours import (
    Hours,
    NeverOpen,
    PromiseRule,
    Slot,
    UnknownPromise,
    due,
    is_open,
    next_opening,
    promise_due,
    say_when,
)
from bot.goodwill.policy import Policy

BERLIN = ZoneInfo("Europe/Berlin")
DAY = (Slot(0, 1440),)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def always(policy: Policy) -> Hours:
    return replace(policy.hours, week=(DAY,) * 7, closed_on=frozenset())


@pytest.mark.parametrize(
    ("moment", "is_it"),
    [
        ("2026-11-23T07:59", False),
        ("2026-11-23T08:00", True),
        ("2026-11-23T12:00", False),  # the break begins
        ("2026-11-23T13:00", True),
        ("2026-11-23T18:00", False),
        ("2026-11-28T12:59", True),  # Saturday
        ("2026-11-29T10:00", False),  # Sunday
        ("2026-12-24T10:00", False),  # our own closed day
        ("2026-12-25T10:00", False),
        ("2026-06-04T10:00", False),  # Corpus Christi, a holiday in Bavaria
    ],
)
def test_open_or_closed(policy: Policy, moment: str, is_it: bool) -> None:
    assert is_open(at(moment), policy.hours) is is_it


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23T09:15", "2026-11-23T09:15"),  # open: now
        ("2026-11-23T12:30", "2026-11-23T13:00"),
        ("2026-11-22T22:40", "2026-11-23T08:00"),  # Sunday night
        ("2026-12-23T18:00", "2026-12-28T08:00"),  # over Christmas
        ("2026-04-02T18:00", "2026-04-04T09:00"),  # Good Friday is closed, Saturday is not
    ],
)
def test_the_next_opening(policy: Policy, moment: str, opens: str) -> None:
    assert next_opening(at(moment), policy.hours) == at(opens)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23T08:00", 4, "2026-11-23T12:00"),
        ("2026-11-23T10:00", 4, "2026-11-23T15:00"),  # over the break
        ("2026-11-23T16:00", 4, "2026-11-24T10:00"),
        ("2026-11-27T17:00", 4, "2026-11-28T12:00"),  # Friday evening into Saturday
        ("2026-11-28T12:00", 4, "2026-11-30T11:00"),  # Saturday into Monday
        ("2026-11-22T22:40", 4, "2026-11-23T12:00"),
        ("2026-12-23T17:00", 4, "2026-12-28T11:00"),  # over Christmas
        ("2026-11-23T08:00", 9, "2026-11-23T18:00"),  # ends exactly at closing time
    ],
)
def test_working_time_counts_only_while_open(policy: Policy, start: str, hours: int, end: str) -> None:
    assert due(at(start), working=dt.timedelta(hours=hours), hours=policy.hours) == at(end)


def test_no_working_time_means_as_soon_as_somebody_is_there(policy: Policy) -> None:
    assert due(at("2026-11-22T22:40"), working=None, hours=policy.hours) == at("2026-11-23T08:00")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-28T22:00", 4, "2026-03-29T03:00"),  # clocks go forward: the hour from two to three is missing
        ("2026-10-24T22:00", 4, "2026-10-25T02:00"),  # clocks go back: the first two o'clock
        ("2026-10-24T22:00", 6, "2026-10-25T03:00"),
    ],
)
def test_the_night_of_a_clock_change_neither_loses_nor_gains_an_hour(
    policy: Policy, start: str, hours: int, end: str
) -> None:
    found = due(at(start), working=dt.timedelta(hours=hours), hours=always(policy))
    passed = found.astimezone(dt.timezone.utc) - at(start).astimezone(dt.timezone.utc)
    assert passed == dt.timedelta(hours=hours)
    assert found.replace(tzinfo=None) == dt.datetime.fromisoformat(end)


def test_a_promise_over_the_clock_change_is_due_at_the_wall_clock_hour(policy: Policy) -> None:
    found = promise_due("callback", at("2026-10-24T12:30"), policy)  # Saturday before the clocks go back
    assert found.isoformat() == "2026-10-26T12:00:00+01:00"


@pytest.mark.parametrize(
    ("what", "start", "end"),
    [
        ("first_answer", "2026-11-23T09:07", "2026-11-23T14:15"),  # 14:07, told as the next quarter
        ("first_answer", "2026-11-23T08:00", "2026-11-23T12:00"),
        ("callback", "2026-11-24T15:00", "2026-11-25T12:00"),
        ("callback", "2026-11-27T15:00", "2026-11-28T12:00"),  # Saturday is open at noon
        ("callback", "2026-11-22T22:40", "2026-11-23T12:00"),
        ("manager_call", "2026-11-27T15:00", "2026-11-30T17:00"),  # Saturday has closed by five
        ("decision", "2026-11-23T09:00", "2026-11-25T18:00"),
        ("decision", "2026-12-23T09:00", "2026-12-29T18:00"),
    ],
)
def test_promises_are_due_when_the_policy_says(policy: Policy, what: str, start: str, end: str) -> None:
    assert promise_due(what, at(start), policy) == at(end)


def test_the_start_may_be_in_any_zone(policy: Policy) -> None:
    start = dt.datetime(2026, 11, 24, 23, 30, tzinfo=dt.timezone.utc)  # already Wednesday in Munich
    assert promise_due("callback", start, policy) == at("2026-11-26T12:00")


def test_rounding_never_passes_closing_time(policy: Policy) -> None:
    odd = replace(
        policy.hours, week=((Slot(480, 725),),) * 7, promises={"soon": PromiseRule(working=dt.timedelta(hours=4))}
    )
    found = promise_due("soon", at("2026-11-23T08:03"), replace(policy, hours=odd))
    assert found == at("2026-11-23T12:05")


def test_an_unknown_promise_is_named_with_a_guess(policy: Policy) -> None:
    with pytest.raises(UnknownPromise, match="did you mean 'callback'"):
        promise_due("call_back", at("2026-11-23T09:00"), policy)


def test_a_moment_without_a_zone_is_refused(policy: Policy) -> None:
    with pytest.raises(ValueError, match="time zone"):
        is_open(dt.datetime(2026, 11, 23, 9), policy.hours)


def test_hours_that_never_open_end_in_an_error_and_not_in_a_loop(policy: Policy) -> None:
    with pytest.raises(NeverOpen):
        next_opening(at("2026-11-23T09:00"), replace(policy.hours, week=((),) * 7))


def test_moments_are_told_in_both_languages_and_in_our_zone(policy: Policy) -> None:
    moment = dt.datetime(2026, 11, 25, 11, 0, tzinfo=dt.timezone.utc)
    assert say_when(moment, "de", policy.hours) == "Mittwoch, 25. November, 12:00 Uhr"
    assert say_when(moment, "en", policy.hours) == "Wednesday 25 November, 12:00"


def test_every_promise_can_be_told(policy: Policy) -> None:
    for what in policy.hours.promises:
        when = say_when(promise_due(what, at("2026-11-23T09:00"), policy), "de", policy.hours)
        assert "{when}" in policy.company.promises[what]["de"] and when

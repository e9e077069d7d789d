"""When the service is open, and by when something promised is due: working hours, breaks, holidays, clock changes.

Every moment is timezone-aware; results are in the company's time zone. Sums run on UTC, so that the night of a
clock change neither loses nor gains an hour. The clock is never read here: the start is passed in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from bot.goodwill.periods import Region, public_holidays
from bot.goodwill.wording import LOCALES

if TYPE_CHECKING:
    from bot.goodwill.policy import Policy

ROUND_TO = dt.timedelta(minutes=15)
"""A promise is told by the quarter of an hour, always the later one."""

SEARCH_DAYS = 400
"""How far ahead an opening is looked for; the policy check makes sure that every week has one."""

_WHEN = {"de": "EEEE, d. MMMM, HH:mm 'Uhr'", "en": "EEEE d MMMM, HH:mm"}


class UnknownPromise(KeyError):
    """A promise that hours.yml does not have."""

    def __init__(self, what: str, known: Mapping[str, object]) -> None:
        guess = get_close_matches(what, list(known), n=1)
        hint = f"did you mean {guess[0]!r}?" if guess else f"known: {', '.join(sorted(known))}"
        super().__init__(f"policy/hours.yml has no promise {what!r}; {hint}")


class NeverOpen(ValueError):
    """No opening within more than a year: correct `weekdays` or `closed_on` in hours.yml."""


@dataclass(frozen=True)
class Slot:
    """One stretch of opening on a day, in minutes after midnight; 1440 is the end of the day."""

    start: int
    end: int


@dataclass(frozen=True)
class PromiseRule:
    """How the due time of a promise is found: after so much working time, or on the n-th working day at an hour.

    Without ``at`` (minutes after midnight) a promise by days is due when that day closes.
    """

    working: dt.timedelta | None = None
    working_days: int = 0
    at: int | None = None


@dataclass(frozen=True)
class Hours:
    """hours.yml: time zone, region of the holidays, opening from Monday to Sunday, own closed days, promises."""

    zone: ZoneInfo
    region: Region
    week: tuple[tuple[Slot, ...], ...]
    closed_on: frozenset[dt.date]
    promises: Mapping[str, PromiseRule]

    def slots(self, day: dt.date) -> tuple[Slot, ...]:
        """The opening of a day; empty on holidays and closed days."""
        if day in self.closed_on or day in public_holidays(self.region, day.year):
            return ()
        return self.week[day.weekday()]

    def moment(self, day: dt.date, minute: int) -> dt.datetime:
        """A wall-clock time of a day as a moment in UTC."""
        wall = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minute)
        return wall.replace(tzinfo=self.zone).astimezone(dt.timezone.utc)


def is_open(at: dt.datetime, hours: Hours) -> bool:
    """Whether somebody is there at this moment."""
    return any(start <= at < end for start, end in _stretches(_aware(at), hours, days=1))


def next_opening(at: dt.datetime, hours: Hours) -> dt.datetime:
    """The next moment somebody is there: `at` itself while it is open."""
    for start, end in _stretches(_aware(at), hours):
        if at < end:
            return max(start, at).astimezone(hours.zone)
    raise NeverOpen("hours.yml: no opening within a year")


def due(start: dt.datetime, *, working: dt.timedelta | None, hours: Hours) -> dt.datetime:
    """The moment when this much working time has passed since `start`; ``None``: as soon as somebody is there."""
    if not working:
        return next_opening(start, hours)
    left = working
    for opens, closes in _stretches(_aware(start), hours):
        begin = max(opens, start)
        if begin >= closes:
            continue
        if closes - begin >= left:
            return (begin + left).astimezone(hours.zone)
        left -= closes - begin
    raise NeverOpen(f"hours.yml: not {working} of working time within a year")


def promise_due(what: str, start: dt.datetime, policy: Policy) -> dt.datetime:
    """By when a promise made at `start` is due; `what`: its key in hours.yml, or :class:`UnknownPromise`."""
    hours = policy.hours
    rule = hours.promises.get(what)
    if rule is None:
        raise UnknownPromise(what, hours.promises)
    if rule.working is not None:
        return _round_up(due(start, working=rule.working, hours=hours), hours)
    return _on_working_day(_aware(start), rule, hours)


def say_when(moment: dt.datetime, lang: str, hours: Hours) -> str:
    """ "Mittwoch, 25. November, 12:00 Uhr", "Wednesday 25 November, 12:00", in the company's time zone."""
    return format_datetime(_aware(moment).astimezone(hours.zone), _WHEN[lang], locale=LOCALES[lang])


def _aware(moment: dt.datetime) -> dt.datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone, e.g. datetime.now(timezone.utc)")
    return moment


def _stretches(start: dt.datetime, hours: Hours, days: int = SEARCH_DAYS) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The openings from the day of `start` on, in order, as moments in UTC."""
    first = start.astimezone(hours.zone).date()
    for offset in range(days):
        day = first + dt.timedelta(days=offset)
        for slot in hours.slots(day):
            yield hours.moment(day, slot.start), hours.moment(day, slot.end)


def _on_working_day(start: dt.datetime, rule: PromiseRule, hours: Hours) -> dt.datetime:
    first = start.astimezone(hours.zone).date()
    passed = 0
    for offset in range(1, SEARCH_DAYS):
        day = first + dt.timedelta(days=offset)
        slots = hours.slots(day)
        passed += bool(slots)
        if not slots or passed < rule.working_days:
            continue
        if rule.at is None:
            return hours.moment(day, slots[-1].end).astimezone(hours.zone)
        # A short day may have closed by the hour promised: then it is the next day that is open at that hour.
        if any(slot.start <= rule.at <= slot.end for slot in slots):
            return hours.moment(day, rule.at).astimezone(hours.zone)
    raise NeverOpen("hours.yml: no working day for this promise within a year")


def _round_up(moment: dt.datetime, hours: Hours) -> dt.datetime:
    """The next full quarter of an hour, but never past the closing time that the moment still lies before."""
    utc = moment.astimezone(dt.timezone.utc)
    over = (utc - dt.datetime(2000, 1, 1, tzinfo=dt.timezone.utc)) % ROUND_TO
    rounded = utc + (ROUND_TO - over) if over else utc
    closing = next(end for start, end in _stretches(moment, hours) if utc <= end)
    return min(rounded, closing).astimezone(hours.zone)

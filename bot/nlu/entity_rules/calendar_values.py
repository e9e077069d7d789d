"""From "last Tuesday" to a day: calendar arithmetic for the date rules. Days are "YYYY-MM-DD", spans {"from", "to"}."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Literal

from dateutil.easter import easter

Value = str | dict[str, str] | None
Unit = Literal["day", "week", "month", "year"]

# A customer writes about what has happened: a day without a year is the last one, unless it lies this near ahead.
_AHEAD = dt.timedelta(days=31)


def day(value: dt.date) -> str:
    return value.isoformat()


def span(first: dt.date, last: dt.date) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat()}


def day_month(today: dt.date, day_: int, month_: int, year: int | None, ahead: bool) -> str | None:
    """None for a day that does not exist ("31 February")."""
    if year is not None:
        return _date(year + 2000 if year < 100 else year, month_, day_)
    candidates = [_date(y, month_, day_) for y in (today.year + 1, today.year, today.year - 1, today.year - 4)]
    real = [dt.date.fromisoformat(c) for c in candidates if c]
    limit = today + (dt.timedelta(days=366) if ahead else _AHEAD)
    fitting = [d for d in real if d <= limit and (d >= today or not ahead)]
    chosen = (min(fitting) if ahead else max(fitting)) if fitting else (max(real) if real else None)
    return chosen.isoformat() if chosen else None


def day_of_month(today: dt.date, number: int, ahead: bool) -> str | None:
    """The "15th" of this month, or of the one before when it is still to come."""
    first = today.replace(day=1)
    if number > today.day and not ahead:
        first = (first - dt.timedelta(days=1)).replace(day=1)
    if number < today.day and ahead:
        first = (first + dt.timedelta(days=32)).replace(day=1)
    return _date(first.year, first.month, number)


def month(
    today: dt.date, number: int, year: int | None = None, which: int | None = None, ahead: bool = False
) -> dict[str, str]:
    """A whole month; `which` -1, 0, 1 for last, this, next, otherwise the last one or, with `ahead`, the coming one."""
    if year is None:
        year = today.year
        if which is None:
            if ahead:
                year += number < today.month
            elif dt.date(year, number, 1) > today + _AHEAD:
                year -= 1
            elif dt.date(year + 1, number, 1) <= today + _AHEAD:
                year += 1
        elif which < 0 and number >= today.month:
            year -= 1
        elif which > 0 and number <= today.month:
            year += 1
    return span(dt.date(year, number, 1), dt.date(year, number, calendar.monthrange(year, number)[1]))


def part_of_month(whole: dict[str, str], part: str) -> dict[str, str]:
    """`part`: begin, middle or end; ten days each."""
    first, last = dt.date.fromisoformat(whole["from"]), dt.date.fromisoformat(whole["to"])
    if part == "begin":
        return span(first, first.replace(day=10))
    if part == "middle":
        return span(first.replace(day=11), first.replace(day=20))
    return span(first.replace(day=21), last)


def weekday(today: dt.date, number: int, which: int | None, ahead: bool) -> str:
    """Monday is 0. Without `which` the last one (today counts), or the coming one when the words before say so."""
    if which == 0:
        return day(today - dt.timedelta(days=today.weekday() - number))
    if (which or 0) > 0 or (which is None and ahead):
        return day(today + dt.timedelta(days=(number - today.weekday() - 1) % 7 + 1))
    back = (today.weekday() - number) % 7
    if which is not None and back == 0:
        back = 7
    return day(today - dt.timedelta(days=back + 7 * (-(which or -1) - 1)))


def unit(today: dt.date, name: str, which: int) -> dict[str, str] | str:
    """The `which`-th week, month, year or weekend from now: -1 last, 0 this, 1 next."""
    if name == "week":
        first = today - dt.timedelta(days=today.weekday()) + dt.timedelta(weeks=which)
        return span(first, first + dt.timedelta(days=6))
    if name == "weekend":
        first = today - dt.timedelta(days=today.weekday() - 5) + dt.timedelta(weeks=which)
        return span(first, first + dt.timedelta(days=1))
    if name == "month":
        first = _months(today.replace(day=1), which)
        return span(first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))
    if name == "year":
        return span(dt.date(today.year + which, 1, 1), dt.date(today.year + which, 12, 31))
    return day(today + dt.timedelta(days=which))


def back(today: dt.date, count: float, name: str) -> str:
    """`count` days, weeks, months or years before today."""
    if name == "day":
        return day(today - dt.timedelta(days=count))
    if name == "week":
        return day(today - dt.timedelta(days=round(7 * count)))
    if name == "month":
        return day(_months(today, -int(count)) - dt.timedelta(days=15 if count % 1 else 0))
    return day(_months(today, -round(12 * count)))


SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}


def season(today: dt.date, name: str, which: int | None, year: int | None = None) -> dict[str, str]:
    """Three months from March, June, September or December; the last one that has begun unless told otherwise."""
    start = SEASONS[name]
    if year is None:
        year = today.year if dt.date(today.year, start, 1) <= today else today.year - 1
        running = _months(dt.date(year, start, 1), 3) > today
        if which == -1 and running:
            year -= 1
        elif (which == 1) or (which == 0 and not running):
            year += 1
    first = dt.date(year, start, 1)
    return span(first, _months(first, 3) - dt.timedelta(days=1))


# Fixed days, or days from Easter Sunday.
_FIXED = {
    **{"newyear": (1, 1), "epiphany": (1, 6), "valentine": (2, 14), "patrick": (3, 17), "labour": (5, 1)},
    **{"july4": (7, 4), "assumption": (8, 15), "germanunity": (10, 3), "halloween": (10, 31), "allsaints": (11, 1)},
    **{
        "nicholas": (12, 6),
        "christmaseve": (12, 24),
        "christmas": (12, 25),
        "boxing": (12, 26),
        "newyearseve": (12, 31),
    },
}
_FROM_EASTER = {
    **{"carnival": -48, "shrove": -47, "ash": -46, "maundy": -3, "goodfriday": -2, "easter": 0, "eastermonday": 1},
    **{"ascension": 39, "pentecost": 49, "whitmonday": 50, "corpus": 60},
}


def feast(today: dt.date, name: str, which: int | None, ahead: bool) -> str | None:
    """The last one, or the coming one when it is near or the words say so; None for moon-bound feasts."""
    days = sorted(d for y in range(today.year - 2, today.year + 3) if (d := _feast_in(y, name)))
    if not days:
        return None
    coming = [d for d in days if d >= today]
    past = [d for d in days if d < today] if which == -1 or not ahead else []
    if which == 1 or ahead or not past:
        return day(coming[0])
    if which is None and coming[0] - today <= dt.timedelta(days=60) < today - past[-1]:
        return day(coming[0])
    return day(past[-1])


def _feast_in(year: int, name: str) -> dt.date | None:
    if name in _FIXED:
        return dt.date(year, *_FIXED[name])
    if name in _FROM_EASTER:
        return easter(year) + dt.timedelta(days=_FROM_EASTER[name])
    if name in ("blackfriday", "cybermonday", "thanksgiving"):
        first = dt.date(year, 11, 1)
        thanksgiving = first + dt.timedelta(days=(3 - first.weekday()) % 7 + 21)
        return thanksgiving + dt.timedelta(days={"thanksgiving": 0, "blackfriday": 1, "cybermonday": 4}[name])
    if name == "advent":
        christmas = dt.date(year, 12, 25)
        return christmas - dt.timedelta(days=christmas.weekday() + 22)
    if name == "mothers":
        first = dt.date(year, 5, 1)
        return first + dt.timedelta(days=(6 - first.weekday()) % 7 + 7)
    return None


def _date(year: int, month_: int, day_: int) -> str | None:
    if not (1900 <= year <= 2100 and 1 <= month_ <= 12 and 1 <= day_ <= calendar.monthrange(year, month_)[1]):
        return None
    return dt.date(year, month_, day_).isoformat()


def _months(start: dt.date, count: int) -> dt.date:
    index = start.year * 12 + start.month - 1 + count
    year, month_ = divmod(index, 12)
    return dt.date(year, month_ + 1, min(start.day, calendar.monthrange(year, month_ + 1)[1]))

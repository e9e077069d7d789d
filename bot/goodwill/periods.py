"""Legal periods: counted from the day after an event, ending with the last day named (§§ 187, 188, 193 BGB)."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from holidays import country_holidays

from bot.goodwill.facts import Facts

BASES = ("today", "ordered_on", "promised_on", "delivered_on", "service_on", "guarantee_until")
"""The events a period may start from: fields of the facts."""


@dataclass(frozen=True)
class Region:
    """Whose public holidays count: a country code and, where it has any, the code of a state, e.g. DE and BY."""

    country: str
    state: str = ""


@lru_cache(maxsize=256)
def public_holidays(region: Region, year: int) -> frozenset[dt.date]:
    """The public holidays of one year."""
    return frozenset(country_holidays(region.country, subdiv=region.state or None, years=year, expand=False))


def next_working_day(day: dt.date, region: Region) -> dt.date:
    """The day itself, or the first one after it that is no Saturday, Sunday or public holiday (§ 193 BGB)."""
    while day.weekday() >= 5 or day in public_holidays(region, day.year):
        day += dt.timedelta(days=1)
    return day


def add_months(day: dt.date, months: int) -> dt.date:
    """The day of the same number `months` later; the month's last day where that number is missing (§ 188 (3) BGB)."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Period:
    """So many days and months after an event; with ``working_day`` its end moves off weekends and holidays."""

    after: str
    days: int = 0
    months: int = 0
    working_day: bool = False

    def last_day(self, facts: Facts, region: Region) -> dt.date | None:
        """The last day that is still inside; ``None`` where the event's day is not known."""
        start = facts.today if self.after == "today" else getattr(facts.order, self.after, None)
        if start is None:
            return None
        # The day of the event itself does not count (§ 187 (1)), so plain addition gives the last day (§ 188).
        end = add_months(start, self.months) + dt.timedelta(days=self.days)
        return next_working_day(end, region) if self.working_day else end

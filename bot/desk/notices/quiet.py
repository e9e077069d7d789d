"""Quiet hours: when somebody does not want to hear of anything but danger."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

BREAKS_THROUGH = 4
"""The severity that is told at any hour."""

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def is_time(written: str) -> bool:
    """Whether this is a time of the day, as `<input type="time">` writes it."""
    return _TIME.fullmatch(written) is not None


def quiet_until(begin: str | None, end: str | None, now: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """When the quiet hours that hold `now` are over (UTC); None outside of them. They may go over midnight.

    `begin` and `end` are "22:00"; without either, or where both are the same, there are none.
    """
    if not begin or not end or begin == end:
        return None
    local = now.astimezone(zone)
    clock = f"{local:%H:%M}"
    inside = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not inside:
        return None
    day = local.date() + dt.timedelta(days=1 if clock >= end else 0)
    return dt.datetime.combine(day, dt.time.fromisoformat(end), zone).astimezone(dt.timezone.utc)

"""hours.yml, checked: becomes :class:`bot.goodwill.hours.Hours`."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from holidays import list_supported_countries

from bot.goodwill.hours import Hours, PromiseRule, Slot
from bot.goodwill.periods import Region
from bot.goodwill.reading import Node

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
END_OF_DAY = 24 * 60

_SLOT = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


def read_hours(node: Node) -> Hours:
    """The opening hours and the table of promises."""
    zone = _zone(node)
    region = _region(node)
    days = node.section("weekdays")
    week = tuple(_slots(days, name) for name in WEEKDAYS)
    if not any(week) and not days.mute:
        days.error(None, "the service is never open", 'Give at least one day hours like "08:00-12:00"')
    return Hours(
        zone=zone,
        region=region,
        week=week,
        closed_on=frozenset(node.days("closed_on")),
        promises=_promises(node, week),
    )


def _zone(node: Node) -> ZoneInfo:
    name = node.choice("time_zone", available_timezones())
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")  # the unknown name has been reported


def _region(node: Node) -> Region:
    countries = list_supported_countries()
    country = node.choice("country", countries)
    states = countries.get(country, [])
    state = node.choice("state", states, default="")
    return Region(country, state) if country in countries and state in ("", *states) else Region("DE")


def _slots(days: Node, name: str) -> tuple[Slot, ...]:
    found: list[Slot] = []
    for text, line in days.texts(name):
        match = _SLOT.fullmatch(text.strip())
        if match is None:
            days.error(name, f"`{text}` is no opening time", 'Write it like "08:00-12:00"', line=line)
            continue
        hour, minute, to_hour, to_minute = map(int, match.groups())
        slot = Slot(hour * 60 + minute, to_hour * 60 + to_minute)
        if minute > 59 or to_minute > 59 or slot.end > END_OF_DAY:
            days.error(name, f"`{text}` is no time of day", "Hours go from 00:00 to 24:00", line=line)
        elif slot.start >= slot.end:
            remedy = 'Over midnight, write two: "22:00-24:00" and, on the next day, "00:00-06:00"'
            days.error(name, f"`{text}` ends before it begins", remedy, line=line)
        elif found and slot.start < found[-1].end:
            days.error(name, f"`{text}` overlaps what stands before it", "Write the times in order", line=line)
        else:
            found.append(slot)
    return tuple(found)


def _promises(node: Node, week: tuple[tuple[Slot, ...], ...]) -> dict[str, PromiseRule]:
    table = node.section("promises")
    found = {}
    for name in table.given():
        rule = table.section(name)
        if rule.has("working_hours") and rule.has("working_days"):
            rule.error("working_days", "both working hours and working days", "Keep one of the two")
        if rule.has("working_hours"):
            found[name] = PromiseRule(working=dt.timedelta(hours=rule.integer("working_hours", least=1, most=200)))
            continue
        days = rule.integer("working_days", least=1, most=60)
        found[name] = PromiseRule(working_days=days, at=_clock(rule, week) if rule.has("at") else None)
    if not found and not table.mute:
        table.error(None, "there are no promises", "Add at least `first_answer`, `callback` and `decision`")
    return found


def _clock(rule: Node, week: tuple[tuple[Slot, ...], ...]) -> int | None:
    text = rule.text("at")
    match = _CLOCK.fullmatch(text)
    if match is None:
        if text:
            rule.error("at", f"`{text}` is no time of day", 'Write it like "12:00"')
        return None
    minute = int(match.group(1)) * 60 + int(match.group(2))
    if int(match.group(2)) > 59 or not any(slot.start <= minute <= slot.end for day in week for slot in day):
        rule.error("at", f"nobody is there at {text} on any day", "Choose a time within the opening hours")
        return None
    return minute

"""English dates without a preposition: "Easter", "last Tuesday", "nine days ago", "this week", "3rd of November".

Durations alone ("two weeks long"), hours ("an hour ago"), clock times and plural weekdays ("on Sundays") are no dates;
nor is "the end of the month".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

from bot.nlu.entity_rules import calendar_values as values
from bot.nlu.entity_rules import number_words
from bot.nlu.entity_rules.span import Span

_MONTHS = {
    **{"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8},
    **{"september": 9, "october": 10, "november": 11, "december": 12, "jan": 1, "feb": 2, "mar": 3, "apr": 4},
    **{"jun": 6, "jul": 7, "aug": 8, "sept": 9, "sep": 9, "oct": 10, "nov": 11, "dec": 12},
}
_LONG = "january|february|march|april|may|june|july|august|september|october|november|december"
_ANY = f"{_LONG}|sept|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = (
    r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|wensday|wednsday|thurday|saterday|tusday|munday)"
)
_SHORT = r"(?:tues|weds|thurs|thur)"
_CAPITAL = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_PART = r"(?:morning|afternoon|evening|night|nite)"
_WHICH = r"(?:last|this|next|this\s+coming|this\s+past|previous)"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_UNIT = r"(?:week|month|year|weekend|wk|quarter)"
_AGO_UNIT = r"(?:days?|weeks?|wks?|months?|years?|yrs?|fortnights?)"
_FEASTS = {
    r"christmas eve|xmas eve": "christmaseve",
    r"christmas(?: day)?|xmas": "christmas",
    r"boxing day|st\.? stephen'?s day": "boxing",
    r"new year'?s eve|hogmanay|nye": "newyearseve",
    r"new year'?s(?: day)?|new year": "newyear",
    r"easter monday": "eastermonday",
    r"easter(?: sunday)?": "easter",
    r"good friday": "goodfriday",
    r"maundy thursday": "maundy",
    r"shrove tuesday|pancake (?:day|tuesday)": "shrove",
    r"ash wednesday": "ash",
    r"whit(?:sun| sunday)|pentecost": "pentecost",
    r"whit monday": "whitmonday",
    r"hallowe'?en": "halloween",
    r"thanksgiving": "thanksgiving",
    r"black friday": "blackfriday",
    r"cyber monday": "cybermonday",
    r"valentine'?s(?: day)?": "valentine",
    r"mother'?s day|mothering sunday": "mothers",
    r"(?:st\.? |saint )?(?:patrick'?s|paddy'?s) day": "patrick",
    r"(?:4th|fourth) of july|independence day": "july4",
    r"father'?s day|memorial day|labou?r day|anzac day|australia day|canada day|burns night|bonfire night": "other",
    r"(?:may |august |spring )?bank holiday(?: monday| weekend)?": "other",
    r"diwali|deepavali|eid|ramadan|holi|hanukkah|passover|chinese new year|dussehra|pongal|onam|lent": "moon",
}
_FEAST = "|".join(_FEASTS)
_FEAST_NAMES = [(re.compile(pattern, re.IGNORECASE), name) for pattern, name in _FEASTS.items()]
_NUMBER = rf"(?:\d{{1,3}}(?:\.5)?|{number_words.ENGLISH}|a couple of|couple of|a few|several|some|half a)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:,?\s+(?P<y>(?:19|20)\d\d)(?!\d))?"
_DAYNAME = rf"(?:(?:{_WEEKDAY}|{_CAPITAL}),?\s+(?:the\s+)?)?"

Resolve = Callable[["re.Match[str]", dt.date, bool], values.Value]


def _p(pattern: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){pattern}(?![\w]|-\w)", flags)


def _which(text: str) -> int | None:
    low = text.lower()
    if re.search(r"\b(?:last|past|previous)\b", low):
        return -1
    if re.search(r"\b(?:next|coming)\b", low):
        return 1
    return 0 if re.search(r"\bthis\b", low) else None


def _weekday(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    # Misspelt days keep their first letters, except for "wensday" and "munday".
    name = match.group("day").lower().replace("wens", "wed").replace("mun", "mon").replace("tus", "tue")
    number = _DAYS.index(name[:3])
    back = match.group("back")
    if back:
        weeks = number_words.value(back.split()[0], "en") or 1
        return values.weekday(today, number, -1 - weeks, False)
    return values.weekday(today, number, _which(match.group()), ahead)


def _with_month(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    year = int(match.group("y")) if match.group("y") else None
    month = _MONTHS[match.group("m").lower()]
    first = values.day_month(today, int(match.group("d")), month, year, ahead)
    if match.groupdict().get("d2") and first:
        last = values.day_month(today, int(match.group("d2")), month, int(first[:4]), ahead)
        return {"from": first, "to": last} if last else first
    return first


def _numeric(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    day, month, year = int(match.group("d")), int(match.group("m")), match.group("y")
    if month > 12 >= day:
        day, month = month, day
    return values.day_month(today, day, month, int(year) if year else None, ahead)


def _ordinal(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    return values.day_of_month(today, int(match.group("d")), ahead)


def _unit(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    name = match.group("u").lower().replace("wk", "week")
    if name == "quarter":
        return None
    which = _which(match.group())
    return values.unit(today, name, (1 if ahead else -1) if which is None else which)


def _ago(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    low = match.group("u").lower()
    name = {"d": "day", "w": "week", "f": "week", "m": "month", "y": "year"}[low[0]]
    words = (match.group("n") or "").lower()
    if not words or words in ("several", "some", "a few"):
        return None
    number: float | None = 0.5 if words == "half a" else 2.0 if "couple" in words else number_words.value(words, "en")
    if number is None:
        return None
    return values.back(today, number * (2 if low[0] == "f" else 1), name)


_SHIFTS = {
    "day before yesterday": -2,
    "day after tomorrow": 2,
    "yesterday": -1,
    "today": 0,
    "tonight": 0,
    "tomorrow": 1,
}
_SPELLINGS = {
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "tomorow": "tomorrow",
    "tommorow": "tomorrow",
    "tommorrow": "tomorrow",
}
_SPELLINGS |= {"2moro": "tomorrow", "2day": "today", "2nite": "tonight", "tonite": "tonight", "yest": "yesterday"}
_SPELLINGS |= {"yday": "yesterday", "yesturday": "yesterday", "yesterdy": "yesterday", "tomoz": "tomorrow"}


def _today(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    low = match.group("t").lower()
    word = _SPELLINGS.get(low, low)
    return values.day(today + dt.timedelta(days=_SHIFTS[re.sub(r"^the\s+", "", word)]))


def _this_part(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    return values.day(today - dt.timedelta(days=1 if "last" in match.group().lower() else 0))


def _feast(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    name = next(n for pattern, n in _FEAST_NAMES if pattern.fullmatch(match.group("f")))
    return values.feast(today, name, _which(match.group()), ahead)


def _month(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    year = int(match.group("y")) if match.group("y") else None
    return values.month(today, _MONTHS[match.group("m").lower()], year, _which(match.group("w") or ""), ahead)


def _season(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    name = match.group("s").lower().replace("fall", "autumn")
    return values.season(today, name, _which(match.group()))


def _year(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    return {"from": f"{match.group('y')}-01-01", "to": f"{match.group('y')}-12-31"}


# "the 2nd time", "the 3rd engineer": what an ordinal counts when it is no day.
_COUNTED = (
    r"(?!\s+(?:time|times|floor|attempt|e-?mail|mail|call|letter|one|day|week|month|year|visit|order|person|engineer|man|"
    r"street|st\b|avenue|ave|century|birthday|anniversary|party|try|message|replacement|parcel|hour|delivery|technician|"
    r"chat|gear|class|class|refund|complaint|car|phone|item|box|set|pair|party|hand|bill|invoice|payment|place|largest|edition))"
)
_BEFORE_DAY = (
    r"(?:(?:on|since|by|from|of|till|until|between|for|before|after|and|around|then|is|was|it's)\s+(?:the\s+)?|the\s+)"
)
_BEFORE_MONTH = "|".join(
    rf"(?<=\b{word} )"
    for word in "in since of from until till by early late mid for before after my the to is dated during was around end".split()
)
_BEFORE_SHORT = "|".join(rf"(?<=\b{word} )" for word in "on by since until till from for".split())
_NAMED_MONTHS = "|".join(m.capitalize() for m in _LONG.split("|") if m not in ("march", "may"))
_SAFE_MONTHS = "|".join(m for m in _LONG.split("|") if m not in ("march", "may", "august"))
_RULES: list[tuple[re.Pattern[str], Resolve]] = [
    # 3 November, 3rd of November 2025, Monday the 4th of May, 4-18 October
    (
        _p(
            rf"{_DAYNAME}(?P<d>{_DAY})(?:st|nd|rd|th)?(?:\s?(?:-|–|to|and|or)\s?(?P<d2>{_DAY})(?:st|nd|rd|th)?)?"
            rf"\s+(?:of\s+)?(?P<m>{_ANY})\b{_YEAR}"
        ),
        _with_month,
    ),
    (_p(rf"{_DAYNAME}(?P<m>{_ANY})\s+(?:the\s+)?(?P<d>{_DAY})(?:st|nd|rd|th)?(?![.,:]?\d){_YEAR}"), _with_month),
    (_p(r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>(?:20)?\d\d)"), _numeric),
    (_p(r"(?P<y>20\d\d)-(?P<m>0[1-9]|1[0-2])-(?P<d>\d\d)"), _numeric),
    # on the 9th
    (_p(rf"{_BEFORE_DAY}(?P<d>{_DAY})(?:st|nd|rd|th){_COUNTED}"), _ordinal),
    # last Tuesday, Tuesday night, Monday last week
    (
        _p(
            rf"(?:{_WHICH}\s+)?(?P<day>{_WEEKDAY}|{_SHORT})(?:\s+{_PART})?"
            rf"(?:\s+(?P<back>{_NUMBER}\s+weeks?\s+ago)|\s+(?:last|this|next)\s+(?:week|month))?"
        ),
        _weekday,
    ),
    (_p(rf"(?:{_BEFORE_SHORT}|(?:(?:last|next|this)\s+))(?P<day>{_CAPITAL})(?P<back>)", 0), _weekday),
    (_p(rf"(?:{_WHICH})\s+(?P<u>{_UNIT})(?!['’]s)"), _unit),
    # nine days ago
    (
        _p(
            rf"(?:(?P<n>{_NUMBER})\s+)?"
            rf"(?P<u>{_AGO_UNIT})\s+ago"
        ),
        _ago,
    ),
    (_p(rf"(?<!the )(?P<n>{_NUMBER})\s+(?P<u>{_AGO_UNIT})\s+back"), _ago),
    (_p(rf"before\s+(?P<n>{_NUMBER})\s+(?P<u>{_AGO_UNIT})"), _ago),
    (
        _p(
            r"(?P<t>(?:the\s+)?day before yesterday|(?:the\s+)?day after tomorrow|yesterday|today|tonight|tomorrow|"
            rf"{'|'.join(_SPELLINGS)})(?!['’]s)(?:\s+{_PART})?"
        ),
        _today,
    ),
    (_p(r"(?:this\s+(?:very\s+)?(?:morning|afternoon|arvo|evening)|last\s+(?:night|evening|nite))"), _this_part),
    (
        _p(rf"(?:{_WHICH}\s+)?(?P<f>{_FEAST})(?!\s+(?:trees?|songs?|party|eggs?|cards?|presents?|lights|dinner|do\b))"),
        _feast,
    ),
    # last October, March 2025, "in May", "my April bill"
    (_p(rf"(?P<w>{_WHICH})\s+(?P<m>(?-i:{_NAMED_MONTHS}|March|May)|{_SAFE_MONTHS}){_YEAR}"), _month),
    (_p(rf"(?P<w>)(?P<m>(?-i:{_NAMED_MONTHS}|Sept)|{_SAFE_MONTHS}){_YEAR}"), _month),
    (_p(rf"(?:{_BEFORE_MONTH}|(?<='s )|(?<=\bmid-))(?P<w>)(?P<m>(?-i:March|May)){_YEAR}"), _month),
    (_p(r"(?P<w>)(?P<m>March|May)\s+(?P<y>(?:19|20)\d\d)", 0), _month),
    (_p(r"(?P<w>)(?P<m>March|May)(?P<y>)(?=\s+(?:bill|invoice|statement|payment|order))", 0), _month),
    (_p(rf"(?:(?<=\bin )|(?<=\bsince )|(?<=\bof )|(?<=\bby ))(?P<w>)(?P<m>march|may|august){_YEAR}"), _month),
    (_p(rf"(?:last|this|next)\s+(?P<s>{_SEASON})"), _season),
    (_p(r"(?:(?<=\bin )|(?<=\bin the )|(?<=\bsince )|(?<=\bfor ))(?P<s>spring|summer|autumn|winter)"), _season),
    (_p(r"(?<=\bsince )(?P<y>(?:19|20)\d\d)"), _year),
]
# "may I", "Merry Christmas", "a year ago" inside "half a year ago" is settled by length.
_NO_DATE = re.compile(r"^may\s+(?:i|we|be|not|have|you)\b", re.IGNORECASE)
_WISH = re.compile(r"\b(?:merry|happy|great|lovely|nice|good)\s+$", re.IGNORECASE)


def find(text: str, today: dt.date, ahead: Callable[[int], bool]) -> Iterator[Span]:
    """Candidates, overlapping; `ahead(start)` says whether the words before a place speak of the future."""
    for pattern, resolve in _RULES:
        for match in pattern.finditer(text):
            start = match.start("d") if resolve is _ordinal else match.start()
            if _NO_DATE.match(text[start : match.end() + 6]) or _WISH.search(text[max(0, start - 12) : start]):
                continue
            if match.group() == "lent":
                continue
            yield Span(start, match.end(), "date", resolve(match, today, ahead(start)))

"""Dates of a message in its language, and the unmistakable ones of the other: people switch."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

from bot.nlu.entity_rules import dates_de, dates_en
from bot.nlu.entity_rules.span import Span, without_overlaps

_FUTURE = re.compile(
    r"\b(?:bis|spätestens|bis zum|zum|für|fuer|ab|kommt|kommen|soll|sollen|will|wird|werden|kann|könn\w+|möchte|bitte|"
    r"before|by|until|till|will|due|for|coming|book(?:ed)?|can|please|or|open|offen|geöffnet|frei|want|need)"
    r"(?:\W+\w+){0,3}\W*$",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:seit|vom|since|from|was|war|hatte|hat|habe|wurde|had|dated|were)(?:\W+\w+){0,2}\W*$", re.IGNORECASE
)

# Words that mean the same in nobody's language but their own.
_ENGLISH_IN_GERMAN = re.compile(
    r"^(?:(?:last|next|this)\s|yesterday|tomorrow|today|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"christmas|easter|\d+ \w+ ago|january|february|march \d|june|july|october|december|\d+(?:st|nd|rd|th))",
    re.IGNORECASE,
)
_GERMAN_IN_ENGLISH = re.compile(
    r"^(?:(?:am|seit|vom|im|letzte\w*|nächste\w*|diese\w*|vorige\w*)\s|gestern|heute|vorgestern|übermorgen|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|weihnachten|ostern|vor \w+ (?:tag|woche|monat|jahr))",
    re.IGNORECASE,
)


def find_dates(text: str, language: Literal["de", "en"], now: dt.datetime) -> list[Span]:
    """Spans resolved against `now`: "YYYY-MM-DD", {"from", "to"} for more than a day, None when the day is open."""
    today = now.date()

    def ahead(start: int) -> bool:
        before = text[max(0, start - 40) : start]
        return _FUTURE.search(before) is not None and _PAST.search(before) is None

    own, other = (dates_de, dates_en) if language == "de" else (dates_en, dates_de)
    foreign = _ENGLISH_IN_GERMAN if language == "de" else _GERMAN_IN_ENGLISH
    found = list(own.find(text, today, ahead))
    found += [s for s in other.find(text, today, ahead) if foreign.match(text[s.start : s.end])]
    # "am Dienstag, 4. März" is read as a whole before "Dienstag" is.
    found.sort(key=lambda s: (s.start - s.end, s.start))
    return _joined(text, without_overlaps(found))


def _joined(text: str, spans: list[Span]) -> list[Span]:
    """ "seit" before a date of the other language belongs to it in German: "seit friday"."""
    joined = []
    for span in spans:
        before = re.search(r"(?<!\w)(?:seit|sit)\s+$", text[: span.start], re.IGNORECASE)
        joined.append(span._replace(start=before.start()) if before else span)
    return joined

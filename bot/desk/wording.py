"""What the desk says, in German and English: texts, names, times, money."""

from __future__ import annotations

import datetime as dt
import decimal
import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from ruamel.yaml import YAML

LANGUAGES = ("de", "en")
ZONE = ZoneInfo("Europe/Berlin")
_LOCALES = {"de": "de_DE", "en": "en_GB"}
_NOT_IN_KEYS = re.compile(r"[^a-z0-9]")
_FILE = Path(__file__).parent / "texts.yml"


@lru_cache(maxsize=1)
def table() -> dict[str, dict[str, str]]:
    """All texts: key -> language -> text."""
    with open(_FILE, encoding="utf-8") as file:
        return dict(YAML(typ="safe").load(file))


class Words:
    """Texts, names and numbers in one language. Called with a key of texts.yml it gives that text."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._locale = _LOCALES[self.language]

    @classmethod
    def preferred(cls, accept_language: str) -> Words:
        """The language a browser asks for first."""
        return cls(accept_language.strip()[:2].lower())

    def __call__(self, key: str, **values: object) -> str:
        return table()[key][self.language].format(**values)

    def name(self, group: str, value: object) -> str:
        """The name of a category, flag, state, reason, ...; an unknown one as readable as possible."""
        value = str(value)
        found = table().get(f"{group}_{_NOT_IN_KEYS.sub('_', value)}")
        return found[self.language] if found else value.replace("_", " ").replace(":", ": ")

    def pick(self, value: Any) -> str:
        """A text given in both languages ({de, en}) in this one; any other value as text."""
        if isinstance(value, dict) and set(value) & set(LANGUAGES):
            return str(value.get(self.language) or next(iter(value.values())))
        return "" if value is None else str(value)

    def when(self, moment: dt.datetime) -> str:
        """A moment in Berlin: `Mi., 25. Nov., 12:00` / `Wed 25 Nov, 12:00`; with the year where it is not this one."""
        local = moment.astimezone(ZONE)
        year = "" if local.year == dt.datetime.now(ZONE).year else " y"
        pattern = f"EEE, d. MMM{year}, HH:mm" if self.language == "de" else f"EEE d MMM{year}, HH:mm"
        return str(format_datetime(moment, pattern, tzinfo=ZONE, locale=self._locale))

    def day(self, day: dt.date) -> str:
        """A day: `25. November 2026` / `25 November 2026`."""
        return str(format_date(day, "long", locale=self._locale))

    def money(self, cents: int, currency: str) -> str:
        """An amount of integer cents: `49,90 €` / `€49.90`."""
        return str(format_currency(decimal.Decimal(cents) / 100, currency, locale=self._locale))

    def waited(self, seconds: float) -> str:
        """How long somebody has been waiting, in the two biggest units at most."""
        minutes = max(0, int(seconds // 60))
        if minutes < 60:
            return self("waited_minutes", minutes=minutes)
        hours = minutes // 60
        if hours < 24:
            return self("waited_hours", hours=hours, minutes=minutes % 60)
        return self("waited_days", days=hours // 24, hours=hours % 24)

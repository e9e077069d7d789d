"""Days and amounts in the words of each language, and templates filled with them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_currency

LANGUAGES = ("de", "en")
LOCALES = {"de": "de_DE", "en": "en_GB"}
PLACEHOLDER = re.compile(r"\{(\w+)\}")

_DAY = {"de": "d. MMMM y", "en": "d MMMM y"}

Words = Mapping[str, str]
"""One text in every language: language code to text."""


@lru_cache(maxsize=4096)
def day(value: dt.date, language: str) -> str:
    """ "27. November 2026", "27 November 2026"."""
    return format_date(value, _DAY[language], locale=LOCALES[language])


@lru_cache(maxsize=4096)
def money(cents: int, currency: str, language: str) -> str:
    """ "10,00 €", "€10.00", from integer cents."""
    return format_currency(Decimal(cents) / 100, currency, locale=LOCALES[language])


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every ``{placeholder}`` replaced. Values are never searched for placeholders."""
    return PLACEHOLDER.sub(lambda match: values[match.group(1)], template)

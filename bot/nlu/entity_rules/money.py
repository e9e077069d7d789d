"""Sums of money: "49,90 €", "1.299 Euro", "forty quid", "fuffzig Euro", "zwanzig Tacken", "a fiver".

Both languages are read in every message: people switch. Percentages are none, nor is "keinen Cent".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from bot.nlu.entity_rules import number_words
from bot.nlu.entity_rules.span import Span, without_overlaps

_AMOUNT = r"\d{1,3}(?:[.,' ’]\d{3})+(?:[.,]\d{2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
_TAIL = r"(?:,-{1,2}|,–|\.-)?"
_SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY", "₹": "INR"}
_CURRENCIES = {
    **{"euro": "EUR", "euros": "EUR", "eur": "EUR", "teuro": "EUR", "tacken": "EUR", "öcken": "EUR", "kröten": "EUR"},
    **{"mäuse": "EUR", "ocken": "EUR", "flocken": "EUR", "eier": "EUR", "eurolein": "EUR", "oiro": "EUR"},
    **{"chf": "CHF", "franken": "CHF", "fränkli": "CHF", "frankn": "CHF", "fr.": "CHF", "sfr": "CHF", "stutz": "CHF"},
    **{"quid": "GBP", "pound": "GBP", "pounds": "GBP", "gbp": "GBP", "sterling": "GBP", "nicker": "GBP"},
    **{"dollar": "USD", "dollars": "USD", "bucks": "USD", "usd": "USD", "rupees": "INR", "rs": "INR", "inr": "INR"},
}
_MINOR = {
    **{"cent": "EUR", "cents": "EUR", "ct": "EUR", "pence": "GBP", "p": "GBP", "pfennig": "EUR", "rappen": "CHF"},
}
# Slang for money that also means things: only after a number in words or digits, and never "eier" (eggs).
_UNITS = "|".join(sorted((re.escape(u) for u in _CURRENCIES if u != "eier"), key=len, reverse=True))

_SYMBOL_FIRST = re.compile(rf"(?:US|A|C)?[€£$¥₹] ?(?:{_AMOUNT})(?: ?k\b)?{_TAIL}", re.IGNORECASE)
_WORD_FIRST = re.compile(rf"\b(?:EUR|CHF|GBP|USD|INR|Rs\.?|euro|Fr\.)[ ]?(?:{_AMOUNT}){_TAIL}", re.IGNORECASE)
_SYMBOL_LAST = re.compile(rf"(?<![\w.,])(?:{_AMOUNT}){_TAIL} ?[€£$]", re.IGNORECASE)
_WORD_LAST = re.compile(rf"(?<![\w.,/-])(?:{_AMOUNT}){_TAIL}[ -]?(?:{_UNITS})(?!\w)", re.IGNORECASE)
_MINOR_LAST = re.compile(r"(?<![\w.,/-])\d{1,2}(?: (?:cents?|ct|pence|pfennig|rappen)|p)\b", re.IGNORECASE)
_WORDS_DE = re.compile(rf"\b{number_words.GERMAN} ?(?:{_UNITS}|cent|pfennig|rappen)(?!\w)", re.IGNORECASE)
_WORDS_EN = re.compile(rf"\b{number_words.ENGLISH}[ -](?:{_UNITS}|cents?|pence|p)(?![\w-])", re.IGNORECASE)
_GRAND = re.compile(
    rf"\b(?:{'|'.join('two three four five six seven eight nine ten twelve fifteen twenty thirty'.split())}|\d{{1,3}}) grand\b",
    re.IGNORECASE,
)
_NOTES = re.compile(r"(?:\ban? )?\b(?:fiver|tenner)\b", re.IGNORECASE)
_NOTE_CENTS = {"fiver": 500, "tenner": 1000}
# "9,99" alone is a price where the words before speak of paying; with a comma it hardly ever is anything else.
_NO_UNIT = r"(?![\w%:/-]|[.,]\d| ?(?:€|%|kg|km|m\b|cm|mm|ml|l\b|liter|uhr|gb|tb|mbit|grad|°|dioptrien|prozent|per|kwh))"
_BARE_COMMA = re.compile(rf"(?<![\w.,:/+-])(?<!minus )(?<!plus )\d{{1,5}},\d{{2}}{_NO_UNIT}", re.IGNORECASE)
_BARE_POINT = re.compile(rf"(?<![\w.,:/-])\d{{1,5}}\.\d{{2}}{_NO_UNIT}", re.IGNORECASE)
_PAYING = re.compile(
    r"(?:price\w*|paid|pay|cost\w*|charged?|refund\w*|billed|total|amount|deposit|fee|bill|want|owe\w*)\W+"
    r"(?:\w+\W+){0,3}$",
    re.IGNORECASE,
)
_ARTICLES = frozenset(("a", "an", "und", "and", "few", "a few", "ein", "eine", "einen", "am", "em"))


def find_money(text: str, language: Literal["de", "en"]) -> list[Span]:
    """Spans with `{"amount_cents": int, "currency": ISO 4217}`; the currency of slang is the usual one."""
    return without_overlaps(list(_candidates(text, language)))


def _candidates(text: str, language: Literal["de", "en"]) -> Iterator[Span]:
    if any(c.isdigit() for c in text):
        for pattern in (_SYMBOL_FIRST, _WORD_LAST, _SYMBOL_LAST, _WORD_FIRST, _MINOR_LAST):
            for match in pattern.finditer(text):
                yield _span(match, _from_digits(match.group()))
    for match in _GRAND.finditer(text):
        number = number_words.value(match.group().split()[0], "en") or 0
        yield _span(match, {"amount_cents": number * 100_000, "currency": "GBP"})
    for match in _NOTES.finditer(text):
        yield _span(match, {"amount_cents": _NOTE_CENTS[match.group().lower().split()[-1]], "currency": "GBP"})
    for pattern, of in ((_WORDS_DE, "de"), (_WORDS_EN, "en")):
        for match in pattern.finditer(text):
            resolved = _from_words(match.group(), "de" if of == "de" else "en")
            if resolved is not None:
                yield _span(match, resolved)
    currency = "EUR" if language == "de" else "GBP"
    for match in _BARE_COMMA.finditer(text):
        yield _span(match, {"amount_cents": _cents(match.group()), "currency": currency})
    if language == "en":
        for match in _BARE_POINT.finditer(text):
            if _PAYING.search(text[max(0, match.start() - 40) : match.start()]):
                yield _span(match, {"amount_cents": _cents(match.group()), "currency": currency})


def _span(match: re.Match[str], resolved: dict[str, Any]) -> Span:
    return Span(match.start(), match.end(), "money", resolved)


def _from_digits(raw: str) -> dict[str, Any]:
    low = raw.lower()
    symbol = next((c for c in low if c in _SYMBOLS), None)
    word = re.sub(r"[^a-zäöüß.]", "", re.sub(r"[.,](?=[-–\d])|\d[\d.,' ’]*", "", low)).strip("-–")
    cents = _cents(re.sub(r"^\D+", "", low))
    if symbol is None and word in _MINOR:
        return {"amount_cents": cents // 100, "currency": _MINOR[word]}
    if low.endswith("k"):
        cents *= 1000
    currency = _SYMBOLS[symbol] if symbol else _CURRENCIES.get(word, _CURRENCIES.get(word.strip("."), "EUR"))
    return {"amount_cents": cents, "currency": currency}


def _cents(raw: str) -> int:
    """ "1.299,00", "1,299.00", "1'299", "49,9", "14.200": a mark before exactly three digits groups thousands."""
    number = re.match(r"[\d.,' ’]*\d", raw)
    digits = re.sub(r"[' ’]", "", number.group()) if number else "0"
    parts = re.split(r"[.,]", digits)
    if len(parts) > 1 and len(parts[-1]) != 3:
        whole, fraction = "".join(parts[:-1]), parts[-1]
        return int(whole or 0) * 100 + int(fraction.ljust(2, "0")[:2])
    return int("".join(parts)) * 100


def _from_words(raw: str, language: Literal["de", "en"]) -> dict[str, Any] | None:
    unit = re.search(rf"(?:{_UNITS}|cents?|pence|p|pfennig|rappen)$", raw, re.IGNORECASE)
    if unit is None:
        return None
    words, name = raw[: unit.start()].strip(" -"), unit.group().lower()
    number = number_words.value(words, language)
    # "keinen Cent", "sound as a pound": with an article alone it is a phrase, not a sum.
    if not number or words.lower() in _ARTICLES:
        return None
    if name in _MINOR:
        return {"amount_cents": number, "currency": _MINOR[name]}
    return {"amount_cents": number * 100, "currency": _CURRENCIES[name]}

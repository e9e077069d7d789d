"""Reading the shop's order list from a CSV file: every good line as values, every broken one with its remedy.

The header is :data:`COLUMNS`, in any order, and any of :data:`OPTIONAL`; fields may be empty except order number and
item.
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

COLUMNS = (
    "order_number",
    "item",
    "price_eur",
    "ordered_on",
    "promised_on",
    "delivered_on",
    "service_on",
    "email",
    "postcode",
    "licence_plate",
    "customer_since",
    "prior_grants_12m",
)

OPTIONAL = ("guarantee_until", "distance_sale")
"""Columns that a list may have besides."""

MAX_PRICE_CENTS = 100_000_000
"""Above 1,000,000 EUR a price is taken for a slip of the keyboard."""


@dataclass(frozen=True)
class LineError:
    """One thing wrong in the file. `line` counts from 1 with the header; `column` is empty where none is meant."""

    line: int
    column: str
    what: str
    remedy: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{where}: {self.what} - {self.remedy}"


@dataclass(frozen=True)
class OrderFile:
    """What a CSV holds: `rows` are the good lines as values of :class:`Order`, `errors` name each broken line."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)


def read_orders(source: str | bytes) -> OrderFile:
    """Read the CSV: UTF-8 (with or without BOM), UTF-16 with BOM or Latin-1; comma, semicolon or tab between fields.

    Dates are ISO (2026-11-03) or German (3.11.2026); prices `49.90`, `49,90`, `1.299,00`, with or without a euro sign.
    """
    text = source if isinstance(source, str) else _decode(source)
    lines = _records(text.lstrip("\ufeff"))
    number, header = next(lines, (1, []))
    problems = _header_errors(number, header)
    if problems:
        return OrderFile(errors=problems)
    names = [_column_name(name) for name in header]
    rows: list[dict[str, Any]] = []
    errors: list[LineError] = []
    first_seen: dict[str, int] = {}
    for number, fields in lines:
        row, wrong = _row(number, names, fields)
        key = row.get("order_number") or ""
        if key and key in first_seen:
            there = f"{key} is already in line {first_seen[key]}"
            wrong.append(LineError(number, "order_number", there, "keep one line per order number"))
        elif key:
            first_seen[key] = number
        errors.extend(wrong)
        if not wrong:
            rows.append(row)
    return OrderFile(rows, errors)


def canonical_number(text: str) -> str:
    """An order number as it is stored: upper case, no spaces, plain hyphens, no leading #."""
    return re.sub(r"[\u2010-\u2015\u2212]", "-", re.sub(r"\s+", "", text)).lstrip("#").upper()


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp1252"):  # Windows' Latin-1 has the euro sign
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The records that hold something, each with the number of the line it begins in.

    A quoted field may go over several lines. A quotation mark that is never closed spoils its own line only.
    """
    lines = re.split(r"\r\n|\n|\r", text.replace("\0", ""))
    first = next((line for line in lines if line.strip() and not line.startswith("sep=")), "")
    separator = max(",;\t", key=first.count)
    width = len(_split(first, separator))
    at = 0
    while at < len(lines):
        fields, end = _split(lines[at], separator), at + 1
        if lines[at].count('"') % 2:
            for stop in range(at + 2, min(at + _FIELD_LINES, len(lines)) + 1):
                longer = _split("\n".join(lines[at:stop]), separator)
                if lines[stop - 1].count('"') % 2 and len(longer) == width:
                    fields, end = longer, stop
                    break
        if any(text.strip() for text in fields) and not lines[at].startswith("sep="):
            yield at + 1, fields
        at = end


def _split(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=separator), [])
    except csv.Error:  # a field beyond all measure: too few fields is what the reader is told
        return [line[:20]]


def _column_name(text: str) -> str:
    return text.strip().strip("\ufeff").lower()


def _header_errors(line: int, header: list[str]) -> list[LineError]:
    """What is wrong with the first line; nothing can be read until it is right."""
    names = [_column_name(name) for name in header]
    expected = "the first line must be: " + ",".join(COLUMNS)
    if not names:
        return [LineError(line, "", "the file is empty", expected)]
    errors = []
    for name in dict.fromkeys(names):
        if name in (*COLUMNS, *OPTIONAL):
            if names.count(name) > 1:
                errors.append(LineError(line, name, "this column is there more than once", "remove all but one"))
            continue
        close = difflib.get_close_matches(name, [c for c in (*COLUMNS, *OPTIONAL) if c not in names], n=1)
        remedy = f"did you mean {close[0]}?" if close else "remove this column"
        errors.append(LineError(line, name, "no such column", remedy))
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        errors.append(LineError(line, "", f"columns missing: {', '.join(missing)}", expected))
    return errors


def _row(line: int, names: list[str], fields: list[str]) -> tuple[dict[str, Any], list[LineError]]:
    if len(fields) != len(names):
        what = f"{len(fields)} fields instead of {len(names)}"
        remedy = 'put a field that holds a separator in quotes, as in "49,90", and close every quotation mark'
        return {}, [LineError(line, "", what, remedy)]
    row: dict[str, Any] = {"currency": "EUR"}
    errors: list[LineError] = []
    for name, text in zip(names, fields):
        attribute, read = _READERS[name]
        try:
            row[attribute] = read(text.strip())
        except _Wrong as wrong:
            errors.append(LineError(line, name, wrong.what, wrong.remedy))
    ordered, delivered = row.get("ordered_on"), row.get("delivered_on")
    if ordered and delivered and delivered < ordered:
        what = f"delivered on {delivered}, before it was ordered on {ordered}"
        errors.append(LineError(line, "delivered_on", what, "correct one of the two dates"))
    return row, errors


class _Wrong(Exception):
    """A field that cannot be read: what is wrong and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


def _cents(text: str) -> int | None:
    """Cents of a price in euros. A single mark before three digits separates thousands: prices have two decimals."""
    if not text:
        return None
    plain = re.sub(r"€|EUR|[\s'\u2019]", "", text, flags=re.IGNORECASE)
    if plain.startswith(("-", "\u2212")):
        raise _Wrong(f"the price {text} is negative", "give the price paid, 0 or more")
    whole = re.fullmatch(r"([1-9]\d{0,2}(?:[.,]\d{3})+|\d+)(?:([.,])(\d{1,2}))?", plain, flags=re.ASCII)
    if whole is None or (whole[2] and whole[2] in whole[1]) or len(set(whole[1]) & {".", ","}) > 1:
        raise _Wrong(f"{text} is no price", "write it like 49.90 or 1.299,00")
    cents = int(re.sub(r"\D", "", whole[1])) * 100 + int((whole[3] or "").ljust(2, "0"))
    if cents > MAX_PRICE_CENTS:
        raise _Wrong(f"the price {text} is above 1,000,000 EUR", "check the decimal mark")
    return cents


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})|(\d{1,2})\.(\d{1,2})\.(\d{4})", text, flags=re.ASCII)
    if found is None:
        raise _Wrong(f"{text} is no date", "write it like 2026-11-03 or 03.11.2026")
    year, month, day = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    try:
        date = dt.date(int(year), int(month), int(day))
    except ValueError:
        raise _Wrong(f"{text} is not in the calendar", "correct the day or the month") from None
    if not 1950 <= date.year <= 2100:
        raise _Wrong(f"the year of {text} cannot be right", "correct the year")
    return date


def _yes_or_no(text: str) -> bool | None:
    if not text:
        return None
    if text.lower() not in _YES_NO:
        raise _Wrong(f"{text} is neither yes nor no", "write yes or no, or leave it empty")
    return _YES_NO[text.lower()]


def _grants(text: str) -> int:
    if not text:
        return 0
    if not re.fullmatch(r"\d{1,3}", text, flags=re.ASCII):
        raise _Wrong(f"{text} is no number of grants", "give a whole number, 0 or more")
    return int(text)


def _email(text: str) -> str | None:
    if text and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        raise _Wrong(f"{text} is no e-mail address", "write it like name@example.org or leave it empty")
    return _text(200)(text)


def _number(text: str) -> str:
    number = canonical_number(text)
    if not number:
        raise _Wrong("the order number is missing", "give every order its number")
    return _text(64)(number) or ""


def _item(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise _Wrong("the item is missing", "say what was bought or serviced")
    return _text(200)(text) or ""


def _text(longest: int) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        if len(text) > longest:
            raise _Wrong(f"longer than {longest} characters", "shorten it")
        return text or None

    return read


_YES_NO = {"yes": True, "ja": True, "true": True, "1": True, "no": False, "nein": False, "false": False, "0": False}

_FIELD_LINES = 5
"""A field with more lines than this is a forgotten quotation mark."""

_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "order_number": ("order_number", _number),
    "item": ("item", _item),
    "price_eur": ("price_cents", _cents),
    "ordered_on": ("ordered_on", _date),
    "promised_on": ("promised_on", _date),
    "delivered_on": ("delivered_on", _date),
    "service_on": ("service_on", _date),
    "email": ("email", _email),
    "postcode": ("postcode", _text(16)),
    "licence_plate": ("licence_plate", _text(16)),
    "customer_since": ("customer_since", _date),
    "prior_grants_12m": ("prior_grants_12m", _grants),
    "guarantee_until": ("guarantee_until", _date),
    "distance_sale": ("distance_sale", _yes_or_no),
}

"""Reading the shop's order list from a CSV file: every good line as values, every broken one with its remedy.

The header is :data:`bot.cases.order_fields.COLUMNS`, in any order, and any of its :data:`OPTIONAL`; fields may be empty
except order number and item.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.cases.order_fields import COLUMNS, OPTIONAL, READERS, Unreadable, column_name


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
    names = [column_name(name) for name in header]
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


_FIELD_LINES = 5
"""A field with more lines than this is a forgotten quotation mark."""


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


def _header_errors(line: int, header: list[str]) -> list[LineError]:
    """What is wrong with the first line; nothing can be read until it is right."""
    names = [column_name(name) for name in header]
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
        attribute, read = READERS[name]
        try:
            row[attribute] = read(text.strip())
        except Unreadable as wrong:
            errors.append(LineError(line, name, wrong.what, wrong.remedy))
    ordered, delivered = row.get("ordered_on"), row.get("delivered_on")
    if ordered and delivered and delivered < ordered:
        what = f"delivered on {delivered}, before it was ordered on {ordered}"
        errors.append(LineError(line, "delivered_on", what, "correct one of the two dates"))
    return row, errors

"""The shop's orders: importing its list, and finding one. That it is the customer's own is proven in proofs.py."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.model import Order
from bot.cases.order_fields import canonical_number
from bot.cases.order_file import LineError, OrderFile, read_orders

__all__ = [
    "ImportReport",
    "LineError",
    "OrderFile",
    "find_order",
    "import_orders",
    "product_names",
    "read_orders",
    "spellings",
]


@dataclass(frozen=True)
class ImportReport:
    """How an import went: orders that are new, orders that were there already, lines left out."""

    imported: int
    updated: int
    errors: list[LineError]


def import_orders(session: Session, source: Path | bytes, *, all_or_nothing: bool = False) -> ImportReport:
    """Store the orders of a CSV in the caller's transaction; an order number that exists gets every value of its line.

    Broken lines are left out and named; with `all_or_nothing` a single broken line leaves everything as it was.
    Raises OSError when the file cannot be read.
    """
    found = read_orders(source.read_bytes() if isinstance(source, Path) else source)
    if all_or_nothing and found.errors:
        return ImportReport(0, 0, found.errors)
    known = _known(session, [row["order_number"] for row in found.rows])
    new = [row for row in found.rows if row["order_number"] not in known]
    # In the order in which decisions lock them, so that neither waits for the other.
    old = sorted((row for row in found.rows if row["order_number"] in known), key=lambda row: str(row["order_number"]))
    session.bulk_insert_mappings(Order, new)
    session.bulk_update_mappings(Order, old)
    session.expire_all()
    return ImportReport(len(new), len(old), found.errors)


def product_names(session: Session) -> list[str]:
    """What was ever ordered, each name once: what the dialogue is to recognise (:mod:`bot.catalogue`)."""
    return [name for name in session.scalars(select(Order.item).distinct()) if name]


def find_order(session: Session, order_number: str) -> Order | None:
    """The order with this number as people type it: any case, spaces, a leading #, hyphen left out or put in.

    Only orders of the list; what a customer proved against the shop's API is in it, too.
    """
    typed = spellings(order_number)
    found = {o.order_number: o for o in session.scalars(select(Order).where(Order.order_number.in_(typed)))}
    return next((found[each] for each in typed if each in found), None)


def spellings(order_number: str) -> list[str]:
    """The stored forms that a typed number may mean, the likeliest first: always primary-key look-ups."""
    number = canonical_number(order_number)
    bare = re.sub(r"[-./_]", "", number)
    hyphen = re.sub(r"^([A-Z]+)(\d)", r"\1-\2", bare)
    return list(dict.fromkeys([number, bare, hyphen]))


def _known(session: Session, numbers: list[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(numbers), 500):  # databases limit the number of values in one statement
        part = numbers[start : start + 500]
        known.update(session.scalars(select(Order.order_number).where(Order.order_number.in_(part))))
    return known

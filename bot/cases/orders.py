"""The shop's orders: importing its list, finding one, and proving that it is the customer's own."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import shop as shops
from bot.cases.model import Order, Verification
from bot.cases.order_fields import canonical_number
from bot.cases.order_file import LineError, OrderFile, read_orders

__all__ = [
    "Checked",
    "ImportReport",
    "LineError",
    "OrderFile",
    "find_order",
    "import_orders",
    "product_names",
    "read_orders",
    "verify",
]

MAX_TRIES = 3
"""Wrong proofs in one conversation after which no further one is looked at."""


@dataclass(frozen=True)
class ImportReport:
    """How an import went: orders that are new, orders that were there already, lines left out."""

    imported: int
    updated: int
    errors: list[LineError]


@dataclass(frozen=True)
class Checked:
    """The answer to a proof. `wrong` is the same for a wrong proof and for an order that does not exist.

    `unavailable`: the shop's API did not answer; it does not count as a try.
    """

    outcome: Literal["ok", "wrong", "ended", "unavailable"]
    order: Order | None = None


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
    old = [row for row in found.rows if row["order_number"] in known]
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
    spellings = _spellings(order_number)
    found = {o.order_number: o for o in session.scalars(select(Order).where(Order.order_number.in_(spellings)))}
    return next((found[s] for s in spellings if s in found), None)


def verify(
    session: Session,
    conversation: str,
    order_number: str,
    *,
    postcode: str | None = None,
    email: str | None = None,
    shop: shops.Shop | None = None,
) -> Checked:
    """Whether the order is this customer's: its number together with its postcode or its e-mail address.

    Three wrong tries end it for the conversation, whatever comes afterwards. The answer does not tell whether the
    order exists. A try without postcode and e-mail is a wrong one. `shop`: whose API is asked, else that of the
    settings; an order from there is stored only once it is proven.
    """
    record = session.get(Verification, conversation, with_for_update=True)
    if record is None:
        record = Verification(conversation=conversation, failures=0)
        session.add(record)
    if record.failures >= MAX_TRIES:
        return Checked("ended")
    try:
        order = _current(session, conversation, order_number, shop or shops.current_shop())
    except shops.ShopUnavailable:
        return Checked("unavailable")
    how = _proof(order, postcode, email)
    if order is not None and how is not None:
        order = session.merge(order)
        record.order_number, record.how = order.order_number, how
        session.flush()
        return Checked("ok", order)
    record.failures += 1
    session.flush()
    return Checked("ended" if record.failures >= MAX_TRIES else "wrong")


def _current(session: Session, conversation: str, order_number: str, shop: shops.Shop | None) -> Order | None:
    """The order as the shop has it now, or from the imported list where there is no API."""
    if shop is None:
        return find_order(session, order_number)
    # Every spelling is asked, also after one was found: an answer takes the same time whether the order exists or not.
    asked = [spelling for spelling in _spellings(order_number) if 0 < len(spelling) <= 64]
    found = [shop.order(spelling, conversation=conversation) for spelling in asked]
    return next((Order(**values) for values in found if values is not None), None)


def _spellings(order_number: str) -> list[str]:
    """The stored forms that a typed number may mean, the likeliest first: always primary-key look-ups."""
    number = canonical_number(order_number)
    bare = re.sub(r"[-./_]", "", number)
    hyphen = re.sub(r"^([A-Z]+)(\d)", r"\1-\2", bare)
    return list(dict.fromkeys([number, bare, hyphen]))


def _proof(order: Order | None, postcode: str | None, email: str | None) -> Literal["postcode", "email"] | None:
    # Both comparisons run for unknown orders too, so that an answer takes the same time either way.
    by_postcode = _same(_plain_postcode(postcode), _plain_postcode(order.postcode if order else None))
    by_email = _same(_plain_email(email), _plain_email(order.email if order else None))
    return "postcode" if by_postcode else "email" if by_email else None


def _same(given: str, stored: str) -> bool:
    return hmac.compare_digest(given.encode(), stored.encode()) and bool(given)


def _plain_postcode(text: str | None) -> str:
    return re.sub(r"^(D|DE|A|AT|CH)-?(?=\d)", "", re.sub(r"\s+", "", text or "").upper())


def _plain_email(text: str | None) -> str:
    return re.sub(r"\s+", "", text or "").casefold()


def _known(session: Session, numbers: list[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(numbers), 500):  # databases limit the number of values in one statement
        part = numbers[start : start + 500]
        known.update(session.scalars(select(Order.order_number).where(Order.order_number.in_(part))))
    return known

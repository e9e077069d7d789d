"""Proving that an order is the customer's own: its number with its postcode or e-mail address, three tries, no more.

No answer tells whether an order exists: neither its words nor the time that it takes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.cases import shop as shops
from bot.cases.model import Order, OrderTries, Verification
from bot.cases.orders import find_order, spellings

MAX_TRIES = 3
"""Wrong proofs after which no further one is looked at: in one conversation, and for one order whoever asks."""

FORGOTTEN_AFTER = dt.timedelta(days=1)
"""So long after the first wrong one an order may be proven again: a stranger cannot lock it for its owner forever."""


@dataclass(frozen=True)
class Asked:
    """What the shop's API said about an order. `source`: `list` where there is no API and the imported list counts,
    `unavailable` where it did not answer. `found`: the values of the order it has."""

    source: Literal["list", "api", "unavailable"]
    found: dict[str, Any] | None = None


FROM_LIST = Asked("list")


@dataclass(frozen=True)
class Checked:
    """The answer to a proof. `wrong` is the same for a wrong proof and for an order that does not exist.

    `unavailable`: the shop's API did not answer; it does not count as a try.
    """

    outcome: Literal["ok", "wrong", "ended", "unavailable"]
    order: Order | None = None


def ask_shop(conversation: str, order_number: str, shop: shops.Shop | None = None) -> Asked:
    """What the shop knows of this order. It may take seconds: no transaction may be open meanwhile.

    `shop`: whose API is asked, else that of the settings.
    """
    shop = shop or shops.current_shop()
    if shop is None:
        return FROM_LIST
    # Every spelling is asked, also after one was found: an answer takes the same time whether the order exists or not.
    typed = [spelling for spelling in spellings(order_number) if 0 < len(spelling) <= 64]
    try:
        found = [shop.order(spelling, conversation=conversation) for spelling in typed]
    except shops.ShopUnavailable:
        return Asked("unavailable")
    return Asked("api", next((values for values in found if values is not None), None))


def ended(session: Session, conversation: str) -> bool:
    """Whether this conversation has used up its tries."""
    record = session.get(Verification, conversation)
    return record is not None and record.failures >= MAX_TRIES


def verify(
    session: Session,
    conversation: str,
    order_number: str,
    *,
    now: dt.datetime,
    postcode: str | None = None,
    email: str | None = None,
    asked: Asked = FROM_LIST,
) -> Checked:
    """Whether the order is this customer's: its number together with its postcode or its e-mail address.

    Three wrong tries end it, for the conversation and, within a day, for the order in any conversation, whatever comes
    afterwards. A try without postcode and e-mail is a wrong one. `asked`: the answer of :func:`ask_shop`; an order from
    there is stored only once it is proven.
    """
    record = session.get(Verification, conversation, with_for_update=True)
    if record is None:
        record = Verification(conversation=conversation, failures=0)
        session.add(record)
    if record.failures >= MAX_TRIES:
        return Checked("ended")
    if asked.source == "unavailable":
        return Checked("unavailable")
    tries = _tries(session, order_number, now)
    if tries.failures >= MAX_TRIES:
        record.failures = MAX_TRIES  # a person goes on, as after three tries in this conversation
        return Checked("ended")
    order = find_order(session, order_number) if asked.source == "list" else _of_shop(asked)
    how = _proof(order, postcode, email)
    if order is not None and how is not None:
        order = session.merge(order)
        record.order_number, record.how = order.order_number, how
        session.flush()
        return Checked("ok", order)
    record.failures += 1
    tries.failures += 1
    session.flush()
    return Checked("ended" if record.failures >= MAX_TRIES else "wrong")


def forget_tries(session: Session, now: dt.datetime) -> None:
    """Drop what was counted for orders so long ago that it does not count any more."""
    old = delete(OrderTries).where(OrderTries.since <= now - FORGOTTEN_AFTER)
    session.execute(old.execution_options(synchronize_session=False))


def _tries(session: Session, order_number: str, now: dt.datetime) -> OrderTries:
    """What was tried for this number, whether there is such an order or not; nobody else's to change until the
    transaction ends, so that tries in many conversations at once are counted one after the other."""
    plain = re.sub(r"[\W_]", "", order_number).upper()
    key = hashlib.sha256(plain.encode()).hexdigest()
    mine = select(OrderTries).where(OrderTries.order_key == key).with_for_update()
    found = session.scalars(mine.execution_options(populate_existing=True)).first()
    if found is None:
        try:
            with session.begin_nested():
                session.execute(insert(OrderTries).values(order_key=key, failures=0, since=now))
        except IntegrityError:
            pass  # somebody else tried it a moment ago
        found = session.scalars(mine).one()
    if found.since <= now - FORGOTTEN_AFTER:
        found.failures, found.since = 0, now
    return found  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def _of_shop(asked: Asked) -> Order | None:
    return Order(**asked.found) if asked.found is not None else None


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

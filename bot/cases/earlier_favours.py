"""What a customer, an order, a device or a payment already brought: favours are not given twice for one thing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from bot.cases.model import Case, Offer, Order
from bot.cases.store import LOCK


def locked_order(session: Session, number: str) -> Order | None:
    """The order with this number. It is locked, and with it every order of the same device or payment: cases about one
    thing are decided one after the other. All lock in the same order, so that nobody waits in a ring."""
    order: Order | None = session.get(Order, number)
    if order is None:
        return None
    related = [Order.order_number == order.order_number, *_same_thing(order)]
    statement = select(Order).where(or_(*related)).order_by(Order.order_number).with_for_update(**LOCK)
    session.scalars(statement.execution_options(populate_existing=True)).all()
    return order


def grants_in_a_year(session: Session, order: Order, now: dt.datetime) -> int:
    """Favours in the last 12 months: what the shop's list says and what was accepted here."""
    since = now - dt.timedelta(days=365)
    here = session.execute(
        select(func.count(Offer.id))
        .join(Case, Case.number == Offer.case_number)
        .join(Order, Order.order_number == Case.order_number)
        .where(
            Offer.kind == "goodwill",
            Offer.state.in_(("accepted", "fulfilled")),
            Offer.made_at >= since,
            Case.verified.is_(True),
            func.lower(Order.email) == order.email.lower() if order.email else Order.order_number == order.order_number,
        )
    ).scalar_one()
    return int(order.prior_grants_12m or 0) + int(here)


def compensated_by(session: Session, case: Case, order: Order) -> str:
    """What already brought a favour, or has one on the table in another case: the `order`, its `device` or `payment`
    under another order number, or nothing (empty)."""
    found = _favours(session, case, order)
    if any(row.order_number == order.order_number for row in found):
        return "order"
    if any(order.device and row.device == order.device for row in found):
        return "device"
    return "payment" if found else ""


def compensated_in(session: Session, case: Case) -> list[tuple[str, str]]:
    """The other cases in which the order, device or payment of this one brought a favour: number and conversation."""
    order = session.get(Order, case.order_number) if case.verified and case.order_number else None
    found = _favours(session, case, order) if order is not None else []
    return sorted({(row.number, row.conversation) for row in found if row.number != case.number})


def _favours(session: Session, case: Case, order: Order) -> list[Any]:
    """Favours that were given for the order, its device or its payment, or are open in another case."""
    given = Offer.state.in_(("accepted", "fulfilled"))
    elsewhere = and_(Offer.state == "open", Case.number != case.number)
    rows = session.execute(
        select(Case.number, Case.conversation, Order.order_number, Order.device)
        .select_from(Order)
        .join(Case, Case.order_number == Order.order_number)
        .join(Offer, Offer.case_number == Case.number)
        .where(
            or_(Order.order_number == order.order_number, *_same_thing(order)),
            Case.verified.is_(True),
            Offer.kind == "goodwill",
            or_(given, elsewhere),
        )
    )
    return list(rows)


def _same_thing(order: Order) -> list[Any]:
    """What orders of the same device, and of the same payment, have in common with this one."""
    shared = (Order.device, order.device), (Order.payment, order.payment)
    return [column == value for column, value in shared if value]

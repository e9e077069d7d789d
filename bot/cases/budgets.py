"""Goodwill money: what is left of a month, taking some of it, giving it back. Never overspent, whoever asks at once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.cases.model import Budget, Offer
from bot.goodwill.policy import Policy

EVERYBODY = "all"
"""The budget scope of the whole house."""

_MONTH, _SCOPE, _RESERVED = Budget.month, Budget.scope, Budget.reserved_cents


class BudgetExhausted(Exception):
    """There is not as much left of this month's money."""


def month_of(policy: Policy, now: dt.datetime) -> str:
    """YYYY-MM of a moment, on the company's own calendar."""
    return f"{now.astimezone(policy.hours.zone):%Y-%m}"


def trust_scope(user_name: str) -> str:
    """The budget scope of one person; no name can be mistaken for :data:`EVERYBODY`."""
    return f"@{user_name}"[:80]


def budget_left(session: Session, policy: Policy, now: dt.datetime, *, locked: bool = False) -> int:
    """Cents of this month's goodwill budget that nobody has reserved yet; `locked` until the transaction ends."""
    reserved = _reserved(session, month_of(policy, now), EVERYBODY, locked=locked)
    return max(0, policy.goodwill.month_cents - reserved)


def trust_left(session: Session, policy: Policy, user_name: str, role: str, now: dt.datetime) -> int | None:
    """Cents that this person may still give beyond the rules this month; None: without limit (`budget.trust`)."""
    trust = policy.goodwill.trust_cents.get(role, 0)
    if trust is None:
        return None
    return max(0, trust - _reserved(session, month_of(policy, now), trust_scope(user_name)))


def reserve(
    session: Session, policy: Policy, cents: int, now: dt.datetime, scope: str = EVERYBODY, limit: int | None = None
) -> None:
    """Take money from a budget of this month, or :class:`BudgetExhausted`: one conditional update."""
    limit = policy.goodwill.month_cents if limit is None else limit
    month = month_of(policy, now)
    if _take(session, month, scope, cents, limit):
        return
    try:
        with session.begin_nested():
            session.execute(insert(Budget).values(month=month, scope=scope, reserved_cents=0))
    except IntegrityError:
        pass  # the month is open already
    if not _take(session, month, scope, cents, limit):
        raise BudgetExhausted


def release(session: Session, offer: Offer) -> None:
    """Give back what an offer had reserved: to its person's trust budget, too, where a person made it."""
    if offer.budget_month is None or not offer.amount_cents:
        return
    for scope in (trust_scope(offer.by), EVERYBODY):  # in the order in which they are taken
        session.execute(
            update(Budget)
            .where(offer.budget_month == _MONTH, scope == _SCOPE, offer.amount_cents <= _RESERVED)
            .values(reserved_cents=_RESERVED - offer.amount_cents)
            .execution_options(synchronize_session=False)
        )


def _reserved(session: Session, month: str, scope: str, *, locked: bool = False) -> int:
    statement = select(_RESERVED).where(month == _MONTH, scope == _SCOPE)
    if locked:
        statement = statement.with_for_update()
    return int(session.execute(statement).scalar() or 0)


def _take(session: Session, month: str, scope: str, cents: int, limit: int) -> bool:
    taken = session.execute(
        update(Budget)
        .where(month == _MONTH, scope == _SCOPE, _RESERVED + cents <= limit)
        .values(reserved_cents=_RESERVED + cents)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount)

"""Decisions and offers of a case: the rule engine's answer, stored with everything behind it, money reserved.

The engine itself (bot.goodwill) knows nothing of tables; here its facts are gathered and its answer is kept.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.cases.model import Budget, Case, Decision, Offer, Order, PolicyVersion
from bot.cases.store import move, new_id, record
from bot.goodwill import decision as goodwill
from bot.goodwill.engine import decide
from bot.goodwill.facts import Facts, OrderFacts
from bot.goodwill.policy import Policy

EVERYBODY = "all"
"""The budget scope of the whole house."""

PRESSURE_FLAGS = frozenset({"threat"})

Outcome = Literal["ok", "already_accepted", "already_declined", "expired", "not_yours"]


@dataclass(frozen=True)
class Decided:
    """A stored decision: what the engine said and the offers that came of it, rights first."""

    answer: goodwill.Decision
    decision: Decision
    offers: list[Offer]


class BudgetExhausted(Exception):
    """Somebody else reserved the last of the month's money between deciding and reserving: decide again."""


def decide_case(session: Session, case: Case, policy: Policy, *, intent: str = "complain", now: dt.datetime) -> Decided:
    """Let the engine decide about a case and keep the answer; money is reserved in the same transaction.

    The same case under the same rules gets the same offer, not a second one.
    """
    for _attempt in range(3):
        facts = facts_of(session, case, policy, intent=intent, now=now)
        answer = decide(facts, policy)
        try:
            with session.begin_nested():
                return _keep(session, case, policy, facts, answer, now)
        except BudgetExhausted:
            continue  # the budget is smaller now: the engine finds what is still possible
    raise BudgetExhausted


def facts_of(session: Session, case: Case, policy: Policy, *, intent: str, now: dt.datetime) -> Facts:
    """The facts of a case as the engine wants them; the order counts only when it was verified."""
    order = session.get(Order, case.order_number) if case.verified and case.order_number else None
    return Facts(
        today=now.astimezone(policy.hours.zone).date(),
        category=case.category,
        severity=case.severity,
        flags=frozenset(case.flags),
        remedies=frozenset(case.remedies),
        verified=order is not None,
        order=order_facts(order, _grants(session, order, now)) if order is not None else None,
        already_compensated=order is not None and _compensated(session, case),
        pressure=bool(PRESSURE_FLAGS & set(case.flags)),
        budget_left_cents=budget_left(session, policy, now),
        authority="bot",
        intent=intent,
    )


def order_facts(order: Order, grants: int) -> OrderFacts:
    """A row of the order list as the engine reads it. Work in the workshop is no distance sale."""
    return OrderFacts(
        item=order.item,
        price_cents=order.price_cents,
        currency=order.currency,
        ordered_on=order.ordered_on,
        promised_on=order.promised_on,
        delivered_on=order.delivered_on,
        service_on=order.service_on,
        customer_since=order.customer_since,
        prior_grants_12m=grants,
    )


def budget_left(session: Session, policy: Policy, now: dt.datetime) -> int:
    """Cents of this month's goodwill budget that nobody has reserved yet."""
    reserved = session.execute(
        select(Budget.reserved_cents).where(Budget.month == _month(policy, now), Budget.scope == EVERYBODY)
    ).scalar()
    return max(0, policy.goodwill.month_cents - int(reserved or 0))


def accept(session: Session, offer_id: str, conversation: str, *, now: dt.datetime, choice: str | None = None) -> tuple[Outcome, Offer | None]:
    """The customer accepts an offer; pressing twice changes nothing."""
    offer, outcome = _answerable(session, offer_id, conversation, now)
    if outcome != "ok" or offer is None:
        return outcome, offer
    offer.state, offer.answered_at = "accepted", now
    if choice in ("repair", "replacement") and offer.form == "repair_or_replacement":
        offer.form = choice
    if offer.form == "voucher":
        offer.code = "-".join(secrets.token_hex(2).upper() for _ in range(3))
    record(session, offer.case, who="customer", what="offer_accepted", after={"offer": offer.id, "form": offer.form})
    if offer.case.state == "offer_made":
        move(session, offer.case, "accepted", who="customer", why=f"offer {offer.id}")
    return "ok", offer


def decline(session: Session, offer_id: str, conversation: str, *, now: dt.datetime) -> tuple[Outcome, Offer | None]:
    """The customer turns an offer down; what was reserved is free again."""
    offer, outcome = _answerable(session, offer_id, conversation, now)
    if outcome != "ok" or offer is None:
        return outcome, offer
    offer.state, offer.answered_at = "declined", now
    _release(session, offer)
    record(session, offer.case, who="customer", what="offer_declined", after={"offer": offer.id})
    if offer.case.state == "offer_made":
        move(session, offer.case, "declined", who="customer", why=f"offer {offer.id}")
    return "ok", offer


def open_offer(session: Session, case: Case | None) -> Offer | None:
    """The newest offer of a case that waits for an answer."""
    if case is None:
        return None
    waiting = [offer for offer in case.offers if offer.state == "open"]
    return waiting[-1] if waiting else None


def expire(session: Session, now: dt.datetime) -> int:
    """Close offers whose time is over and free their money; how many there were."""
    overdue = list(session.scalars(select(Offer).where(Offer.state == "open", Offer.expires_at < now)))
    for offer in overdue:
        _expire(session, offer)
    return len(overdue)


def _keep(
    session: Session, case: Case, policy: Policy, facts: Facts, answer: goodwill.Decision, now: dt.datetime
) -> Decided:
    if session.get(PolicyVersion, policy.version) is None:
        session.add(PolicyVersion(version=policy.version, files=dict(policy.files)))
    result = answer.to_json()
    path = result.pop("path")
    stored = Decision(
        id=new_id(), case_number=case.number, at=now, by="bot", outcome=answer.outcome, inputs=facts.to_json(),
        path=path, result=result, rule_version=policy.version,
    )  # fmt: skip
    case.decisions.append(stored)
    session.flush()
    record(session, case, who="bot", what="decided", why=answer.reason, after={"outcome": answer.outcome})
    case.basis = answer.basis or case.basis
    offers = [_right_as_offer(session, case, stored, right.kind, right.form, now) for right in answer.rights]
    proposal = answer.offer
    if proposal is not None and (proposal.needs_answer or proposal.kind == "surprise"):
        offers.append(_offer(session, case, stored, policy, proposal, now))
    waiting = any(o.state == "open" for o in offers)
    if waiting and case.state in ("new", "acknowledged", "in_review", "declined", "reopened"):
        move(session, case, "offer_made", who="bot", why=answer.reason)
    elif case.state == "new":
        move(session, case, "acknowledged", who="bot")
    return Decided(answer, stored, offers)


def _right_as_offer(session: Session, case: Case, decision: Decision, kind: str, form: str, now: dt.datetime) -> Offer:
    for known in case.offers:
        if known.kind == kind and known.by == "bot" and known.state in ("open", "accepted"):
            return known
    return _add(session, case, decision, kind=kind, form=form, now=now)


def _offer(
    session: Session, case: Case, decision: Decision, policy: Policy, proposal: goodwill.Proposal, now: dt.datetime
) -> Offer:
    for known in case.offers:
        if known.kind == proposal.kind and known.by == "bot" and known.rule_version == policy.version:
            return known
    if proposal.amount_cents:
        reserve(session, policy, proposal.amount_cents, now)
    expires = now + dt.timedelta(days=proposal.valid_days) if proposal.valid_days else None
    offer = _add(
        session, case, decision, kind=proposal.kind, form=proposal.form, now=now,
        amount=proposal.amount_cents, currency=proposal.currency, expires=expires,
    )  # fmt: skip
    offer.budget_month = _month(policy, now) if proposal.amount_cents else None
    return offer


def _add(
    session: Session, case: Case, decision: Decision, *, kind: str, form: str, now: dt.datetime,
    amount: int = 0, currency: str = "EUR", expires: dt.datetime | None = None,
) -> Offer:  # fmt: skip
    offer = Offer(
        id=new_id(), case_number=case.number, decision_id=decision.id, kind=kind, form=form, amount_cents=amount,
        currency=currency, by="bot", state="open", made_at=now, expires_at=expires, rule_version=decision.rule_version,
    )  # fmt: skip
    known = {(o.kind, o.rule_version, o.by) for o in case.offers}
    if (offer.kind, offer.rule_version, offer.by) in known:
        offer.rule_version = f"{offer.rule_version}+{decision.id}"[:64]  # the same right again, after a declined one
    case.offers.append(offer)
    session.flush()
    record(session, case, who="bot", what="offered", after={"offer": offer.id, "kind": kind, "amount_cents": amount})
    return offer


def reserve(session: Session, policy: Policy, cents: int, now: dt.datetime, scope: str = EVERYBODY, limit: int | None = None) -> None:
    """Take money from a budget of this month, or :class:`BudgetExhausted`. Never overspent, whoever asks at once."""
    limit = policy.goodwill.month_cents if limit is None else limit
    month = _month(policy, now)
    try:
        with session.begin_nested():
            session.execute(insert(Budget).values(month=month, scope=scope, reserved_cents=0))
    except IntegrityError:
        pass  # the month is open already
    taken = session.execute(
        update(Budget)
        .where(Budget.month == month, Budget.scope == scope, Budget.reserved_cents + cents <= limit)
        .values(reserved_cents=Budget.reserved_cents + cents)
        .execution_options(synchronize_session=False)
    ).rowcount
    if not taken:
        raise BudgetExhausted


def _release(session: Session, offer: Offer) -> None:
    if offer.budget_month is None:
        return
    session.execute(
        update(Budget)
        .where(Budget.month == offer.budget_month, Budget.scope == EVERYBODY)
        .values(reserved_cents=Budget.reserved_cents - offer.amount_cents)
        .execution_options(synchronize_session=False)
    )


def _answerable(session: Session, offer_id: str, conversation: str, now: dt.datetime) -> tuple[Offer | None, Outcome]:
    offer = session.scalars(select(Offer).where(Offer.id == offer_id).with_for_update()).first()
    if offer is None or offer.case.conversation != conversation:
        return None, "not_yours"
    if offer.state == "open" and offer.expires_at is not None and offer.expires_at < now:
        _expire(session, offer)
    if offer.state in ("accepted", "fulfilled"):
        return offer, "already_accepted"
    if offer.state == "declined":
        return offer, "already_declined"
    return offer, "ok" if offer.state == "open" else "expired"


def _expire(session: Session, offer: Offer) -> None:
    offer.state = "expired"
    _release(session, offer)
    record(session, offer.case, who="bot", what="offer_expired", after={"offer": offer.id})


def _grants(session: Session, order: Order, now: dt.datetime) -> int:
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
            Order.email == order.email if order.email else Order.order_number == order.order_number,
        )
    ).scalar_one()
    return int(order.prior_grants_12m or 0) + int(here)


def _compensated(session: Session, case: Case) -> bool:
    """Whether this order already brought its customer a favour in another case."""
    return (
        session.scalars(
            select(Offer.id)
            .join(Case, Case.number == Offer.case_number)
            .where(
                Case.order_number == case.order_number,
                Case.number != case.number,
                Offer.kind == "goodwill",
                Offer.state.in_(("accepted", "fulfilled")),
            )
        ).first()
        is not None
    )


def _month(policy: Policy, now: dt.datetime) -> str:
    return f"{now.astimezone(policy.hours.zone):%Y-%m}"


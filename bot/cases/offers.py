"""Decisions and offers of a case: the rule engine's answer, stored with everything behind it, money reserved.

The engine itself (bot.goodwill) knows nothing of tables; here its facts are gathered and its answer is kept. What
becomes of an offer is in answers.py, favours by people in grants.py; both are reached from here, too.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot.cases import versions
from bot.cases.answers import CHOICES, Outcome, accept, decline, expire, fulfil, over, revoke
from bot.cases.budgets import BudgetExhausted, budget_left, month_of, release, reserve
from bot.cases.earlier_favours import compensated_by, grants_in_a_year, locked_order
from bot.cases.grants import NotAllowed, grant
from bot.cases.model import Case, Decision, Offer, Order
from bot.cases.store import locked, move, new_id, record
from bot.goodwill import decision as goodwill
from bot.goodwill.engine import decide
from bot.goodwill.facts import Facts, OrderFacts
from bot.goodwill.policy import Policy, PolicyInvalid

__all__ = [
    "BudgetExhausted",
    "Decided",
    "NotAllowed",
    "Outcome",
    "accept",
    "budget_left",
    "decide_case",
    "decline",
    "expire",
    "facts_of",
    "fulfil",
    "grant",
    "open_offer",
    "order_facts",
    "over",
    "revoke",
]

log = logging.getLogger(__name__)

PRESSURE_FLAGS = frozenset({"threat", "publicity", "legal"})
"""A threat never raises an offer: who uses one meets a person."""

BEFORE_AN_OFFER = ("new", "acknowledged", "in_review", "declined", "reopened")
"""States of a case from which an offer may be made."""


@dataclass(frozen=True)
class Decided:
    """A stored decision. `answer`: what may be said now; its offer is missing where it is not on the table.

    `offers`: what stands on the table or was accepted, rights first.
    """

    answer: goodwill.Decision
    decision: Decision
    offers: list[Offer]


def decide_case(session: Session, case: Case, policy: Policy, *, intent: str = "complain", now: dt.datetime) -> Decided:
    """Let the engine decide about a case and keep the answer; money is reserved in the same transaction.

    The same case under the same rules gets the same offer, not a second one; a changed policy waits until an open
    offer has ended. The case and its order are locked until the transaction ends.
    """
    locked(session, case)
    policy = _policy_of_open_offer(session, case) or policy
    for last in (False, True):
        # The second time the month's budget is locked before it is read: then it cannot shrink any more.
        facts = facts_of(session, case, policy, intent=intent, now=now, lock_budget=last)
        answer = decide(facts, policy)
        try:
            with session.begin_nested():
                return _keep(session, case, policy, facts, answer, now)
        except BudgetExhausted:
            continue
    raise BudgetExhausted


def facts_of(
    session: Session, case: Case, policy: Policy, *, intent: str, now: dt.datetime, lock_budget: bool = False
) -> Facts:
    """The facts of a case as the engine wants them; the order counts only when it was verified."""
    order = locked_order(session, case.order_number) if case.verified and case.order_number else None
    return Facts(
        today=now.astimezone(policy.hours.zone).date(),
        category=case.category,
        severity=case.severity,
        flags=frozenset(case.flags),
        remedies=frozenset(case.remedies),
        verified=order is not None,
        order=order_facts(order, grants_in_a_year(session, order, now)) if order is not None else None,
        compensated=compensated_by(session, case, order) if order is not None else "",
        pressure=bool(PRESSURE_FLAGS & set(case.flags)),
        budget_left_cents=budget_left(session, policy, now, locked=lock_budget) + _own(case, policy, now),
        authority="bot",
        jurisdiction=policy.hours.region.country,
        intent=intent,
    )


def order_facts(order: Order, grants: int) -> OrderFacts:
    """A row of the order list as the engine reads it. Unless the list says so, work in the workshop is no distance
    sale and goods are."""
    sent = order.delivered_on is not None or order.service_on is None
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
        distance_sale=sent if order.distance_sale is None else order.distance_sale,
        guarantee_until=order.guarantee_until,
    )


def open_offer(session: Session, case: Case | None) -> Offer | None:
    """The newest offer of a case that waits for an answer; a gift that needs none does not wait."""
    if case is None:
        return None
    gifts = {
        decision.id for decision in case.decisions if not (decision.result.get("offer") or {}).get("needs_answer", True)
    }
    waiting = [
        offer
        for offer in case.offers
        if offer.state == "open" and not (offer.kind == "surprise" and offer.decision_id in gifts)
    ]
    return waiting[-1] if waiting else None


def _policy_of_open_offer(session: Session, case: Case) -> Policy | None:
    """The rules under which the bot's open favour was made: they stay in force for this case until it has ended.

    Where this version of the program cannot read them any more, the rules of today decide.
    """
    for offer in reversed(case.offers):
        if offer.by == "bot" and offer.kind == "goodwill" and offer.state == "open":
            version = offer.rule_version.split("+")[0]
            try:
                return versions.stored(session, version)
            except (versions.UnknownVersion, PolicyInvalid) as error:
                log.warning("offer.old_rules: policy %s: %s", version, error)
    return None


def _keep(
    session: Session, case: Case, policy: Policy, facts: Facts, answer: goodwill.Decision, now: dt.datetime
) -> Decided:
    versions.keep(session, policy)
    result = answer.to_json()
    path = result.pop("path")
    stored = Decision(
        id=new_id(), case_number=case.number, at=now, by="bot", outcome=answer.outcome, inputs=facts.to_json(),
        path=path, result=result, rule_version=policy.version,
    )  # fmt: skip
    session.add(stored)
    session.flush()
    session.expire(case, ["decisions"])  # read again only where somebody wants them
    basis = answer.basis or case.basis
    record(
        session, case, who="bot", what="decided", why=answer.reason,
        before={"basis": case.basis}, after={"outcome": answer.outcome, "basis": basis},
    )  # fmt: skip
    case.basis = basis
    offers = [_right_as_offer(session, case, stored, right.kind, right.form, now) for right in answer.rights]
    proposal = answer.offer
    if proposal is not None and (proposal.needs_answer or proposal.kind == "surprise"):
        offer, told = _offer(session, case, stored, policy, proposal, now)
        offers += [offer] if offer.state in ("open", "accepted") else []
        answer = answer if told else replace(answer, offer=None)
    waiting = any(offer.state == "open" for offer in offers)
    if waiting and case.state in BEFORE_AN_OFFER:
        move(session, case, "offer_made", who="bot", why=answer.reason)
    elif case.state == "new":
        move(session, case, "acknowledged", who="bot")
    return Decided(answer, stored, offers)


def _right_as_offer(session: Session, case: Case, decision: Decision, kind: str, form: str, now: dt.datetime) -> Offer:
    for known in case.offers:
        if (
            known.kind == kind
            and known.form in _forms(form)
            and known.by == "bot"
            and known.state in ("open", "accepted")
        ):
            return known
    return _add(session, case, decision, kind=kind, form=form, now=now)


def _offer(
    session: Session, case: Case, decision: Decision, policy: Policy, proposal: goodwill.Proposal, now: dt.datetime
) -> tuple[Offer, bool]:
    """The offer that stands for this proposal, and whether the proposal's words are true of it.

    What stands is never lowered. Facts that are worth more replace it; what has expired may be made again; what was
    declined or taken back is for a person.
    """
    known = next(
        (
            offer
            for offer in reversed(case.offers)
            if (offer.kind, offer.by, offer.rule_version.split("+")[0]) == (proposal.kind, "bot", policy.version)
        ),
        None,
    )
    if known is not None and known.state == "open" and proposal.amount_cents > known.amount_cents:
        known.state = "revoked"
        release(session, known)
        record(session, case, who="bot", what="offer_revoked", why="a better one", after={"offer": known.id})
    elif known is not None and known.state != "expired":
        same = (known.form, known.amount_cents) == (proposal.form, proposal.amount_cents)
        return known, same and known.state == "open"
    if proposal.amount_cents:
        reserve(session, policy, proposal.amount_cents, now)
    # A gift that needs no answer does not run out while somebody still has to hand it over: bot/cases/surprises.py.
    expires = now + dt.timedelta(days=proposal.valid_days) if proposal.valid_days and proposal.needs_answer else None
    offer = _add(
        session, case, decision, kind=proposal.kind, form=proposal.form, now=now,
        amount=proposal.amount_cents, currency=proposal.currency, expires=expires,
        month=month_of(policy, now) if proposal.amount_cents else None,
    )  # fmt: skip
    return offer, True


def _add(
    session: Session, case: Case, decision: Decision, *, kind: str, form: str, now: dt.datetime,
    amount: int = 0, currency: str = "EUR", expires: dt.datetime | None = None, month: str | None = None,
) -> Offer:  # fmt: skip
    offer = Offer(
        id=new_id(), case_number=case.number, decision_id=decision.id, kind=kind, form=form, amount_cents=amount,
        currency=currency, by="bot", state="open", made_at=now, expires_at=expires, rule_version=decision.rule_version,
        budget_month=month,
    )  # fmt: skip
    known = {(o.kind, o.form, o.rule_version, o.by) for o in case.offers}
    if any((kind, each, offer.rule_version, "bot") in known for each in _forms(form)):
        offer.rule_version = f"{offer.rule_version}+{decision.id}"[:64]  # the same again, after one that has ended
    case.offers.append(offer)
    session.flush()
    record(session, case, who="bot", what="offered", after={"offer": offer.id, "kind": kind, "amount_cents": amount})
    return offer


def _forms(form: str) -> tuple[str, ...]:
    """What an offer of this form may have become: the customer chooses between repair and replacement."""
    return (form, *CHOICES) if form == "repair_or_replacement" else (form,)


def _own(case: Case, policy: Policy, now: dt.datetime) -> int:
    """What this case's own open offer has reserved this month: deciding again must not find it missing."""
    month = month_of(policy, now)
    return sum(
        offer.amount_cents
        for offer in case.offers
        if offer.by == "bot" and offer.kind == "goodwill" and offer.state == "open" and offer.budget_month == month
    )

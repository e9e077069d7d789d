"""Favours by people: within the authority of their role and their own monthly trust budget, always with a reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from bot.cases.answers import revoke
from bot.cases.budgets import month_of, reserve, trust_left, trust_scope
from bot.cases.model import Case, Offer
from bot.cases.store import locked, move, new_id, record
from bot.database import utcnow
from bot.goodwill.policy import Policy
from bot.policies import current_policy

FORMS = ("voucher", "partial_refund", "refund")
"""What a person may give; a full refund is never automatic."""

VALID_DAYS = 30
"""How long a person's offer stands where the policy has no voucher on its ladder."""


class NotAllowed(ValueError):
    """A grant beyond what this person may give; the message says what to do.

    `code` and `values` say the same to a program: the desk has a sentence for each code in its user's language.
    """

    def __init__(self, code: str, message: str, **values: Any) -> None:
        super().__init__(message)
        self.code, self.values = code, values


def grant(
    session: Session,
    case: Case,
    *,
    user_name: str,
    role: str,
    amount_cents: int,
    reason: str,
    form: str = "voucher",
    policy: Policy | None = None,
    now: dt.datetime | None = None,
) -> Offer:
    """A favour by a person. It takes the place of the bot's own open favour; pressing twice gives one.

    Policy keys: `authority_cents`, `budget.trust_month_cents`, `budget.month_cents`. Raises :class:`NotAllowed` with
    what to do instead, or :class:`bot.cases.budgets.BudgetExhausted`.
    """
    policy, now = policy or current_policy(), now or utcnow()
    reason = reason.strip()
    locked(session, case)
    check(case, policy, amount_cents=amount_cents, reason=reason, form=form)
    if role not in policy.goodwill.authority_cents:
        raise NotAllowed("role", f"the role {role} may not grant anything: ask a lead")
    if not within_authority(policy, role, amount_cents):
        limit = policy.goodwill.authority_cents[role] or 0
        message = f"above your authority of {limit / 100:.2f}: ask a lead or manager to approve it"
        raise NotAllowed("authority", message, cents=limit, currency=policy.goodwill.currency)
    for known in case.offers:
        if (known.by, known.form, known.amount_cents, known.reason, known.state) == (
            user_name, form, amount_cents, reason, "open",
        ):  # fmt: skip
            return known
    left = trust_left(session, policy, user_name, role, now)
    if left is not None and amount_cents > left:
        message = f"more than the {left / 100:.2f} left of your trust budget this month: ask a lead to approve it"
        raise NotAllowed("trust", message, cents=left, currency=policy.goodwill.currency)
    _take_the_place(session, case, user_name)
    trust = policy.goodwill.trust_cents.get(role)
    if trust is not None:
        reserve(session, policy, amount_cents, now, scope=trust_scope(user_name), limit=trust)
    reserve(session, policy, amount_cents, now)
    offer = Offer(
        id=new_id(), case_number=case.number, kind="goodwill", form=form, amount_cents=amount_cents,
        currency=policy.goodwill.currency, by=user_name, reason=reason, state="open", made_at=now,
        expires_at=now + dt.timedelta(days=_valid_days(policy)),
        rule_version=f"{policy.version}:{new_id()}", budget_month=month_of(policy, now),
    )  # fmt: skip
    case.offers.append(offer)
    session.flush()
    basis = case.basis or "kulanz"
    record(
        session, case, who=user_name, what="granted", why=reason, before={"basis": case.basis},
        after={"offer": offer.id, "form": form, "amount_cents": amount_cents, "basis": basis},
    )  # fmt: skip
    case.basis = basis
    if case.state in ("new", "acknowledged", "in_review", "declined", "reopened"):
        move(session, case, "offer_made", who=user_name, why=reason)
    return offer


def check(case: Case, policy: Policy, *, amount_cents: int, reason: str, form: str) -> None:
    """What holds for every favour by a person, whoever it is; :class:`NotAllowed`."""
    if form not in FORMS:
        raise NotAllowed("form", f"there is no favour {form}: choose one of {', '.join(FORMS)}")
    if amount_cents <= 0:
        raise NotAllowed("amount", "the amount must be above zero")
    if not reason:
        raise NotAllowed("reason", "write down the reason: it is kept with the case")
    if case.state == "withdrawn":
        raise NotAllowed("withdrawn", f"{case.number} was withdrawn: reopen it first")
    if case.verified and case.currency != policy.goodwill.currency:
        raise NotAllowed("currency", f"paid in {case.currency}, goodwill is in {policy.goodwill.currency}")
    if case.verified and case.price_cents is not None and amount_cents > case.price_cents:
        raise NotAllowed("price", "more than the customer paid")


def within_authority(policy: Policy, role: str, amount_cents: int) -> bool:
    """Whether this role may give so much by itself (`authority_cents`)."""
    if role not in policy.goodwill.authority_cents:
        return False
    limit = policy.goodwill.authority_cents[role]
    return limit is None or amount_cents <= limit


def _take_the_place(session: Session, case: Case, user_name: str) -> None:
    """One favour at a time: what the bot offered is taken back when a person offers something else."""
    for offer in list(case.offers):
        if (offer.kind, offer.by, offer.state) == ("goodwill", "bot", "open"):
            revoke(session, offer.id, who=user_name, why="a person offers something else")


def _valid_days(policy: Policy) -> int:
    days = [step.valid_days for step in policy.goodwill.ladder if step.is_money]
    return max(days, default=VALID_DAYS)

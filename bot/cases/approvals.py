"""More than one's own authority: staff asks, a lead or manager approves or refuses. Two people, both in the audit."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.budgets import trust_left
from bot.cases.grants import NotAllowed, check, grant, within_authority
from bot.cases.model import Approval, Case, Offer
from bot.cases.store import locked, new_id, record
from bot.database import utcnow
from bot.goodwill.policy import Policy
from bot.policies import current_policy

APPROVERS = ("lead", "manager", "admin")
"""Roles that may say yes to somebody else's wish, each within its own authority."""


class AlreadyAnswered(ValueError):
    """Somebody else answered this request before; the message says who and how."""

    def __init__(self, approval: Approval) -> None:
        super().__init__(f"{approval.answered_by} has {approval.state} this already")
        self.by, self.state = approval.answered_by or "?", approval.state


def request(
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
) -> Approval:
    """Ask for a favour above one's authority (`authority_cents`) or what is left of one's trust budget. The same wish
    again is the same request.

    Raises :class:`bot.cases.grants.NotAllowed` where nobody could approve it, or where nobody needs to.
    """
    policy, now, reason = policy or current_policy(), now or utcnow(), reason.strip()
    locked(session, case)
    check(case, policy, amount_cents=amount_cents, reason=reason, form=form)
    trust = trust_left(session, policy, user_name, role, now)
    if within_authority(policy, role, amount_cents) and (trust is None or amount_cents <= trust):
        raise NotAllowed("own_authority", "within your own authority: grant it yourself")
    if not any(within_authority(policy, each, amount_cents) for each in APPROVERS):
        raise NotAllowed("nobody", "above everybody's authority: see authority_cents in policy/goodwill.yml")
    for known in of_case(session, case):
        if (known.asked_by, known.form, known.amount_cents, known.state) == (user_name, form, amount_cents, "open"):
            return known
    approval = Approval(
        id=new_id(), case_number=case.number, form=form, amount_cents=amount_cents,
        currency=policy.goodwill.currency, asked_by=user_name, asked_at=now, reason=reason, state="open",
    )  # fmt: skip
    session.add(approval)
    session.flush()
    record(
        session, case, who=user_name, what="approval_asked", why=reason,
        after={"approval": approval.id, "form": form, "amount_cents": amount_cents},
    )  # fmt: skip
    return approval


def approve(
    session: Session,
    approval_id: str,
    *,
    user_name: str,
    role: str,
    answer: str = "",
    policy: Policy | None = None,
    now: dt.datetime | None = None,
) -> Offer:
    """Say yes: the favour is granted by the one who approves, from the approver's authority and trust budget.

    Yes twice gives one offer. Raises :class:`AlreadyAnswered` after a no, :class:`bot.cases.grants.NotAllowed` for
    one's own request or beyond one's authority, :class:`bot.cases.budgets.BudgetExhausted`; then it stays open.
    """
    policy, now = policy or current_policy(), now or utcnow()
    approval = _locked(session, approval_id)
    if approval.state == "approved" and approval.offer_id is not None:
        given: Offer | None = session.get(Offer, approval.offer_id)
        if given is not None:
            return given
    _may_answer(approval, user_name, role)
    if not within_authority(policy, role, approval.amount_cents):
        raise NotAllowed("still_above", "above your own authority, too: a manager has to approve it")
    reason = f"{approval.reason} (asked by {approval.asked_by})"
    offer = grant(
        session, approval.case, user_name=user_name, role=role, amount_cents=approval.amount_cents, reason=reason,
        form=approval.form, policy=policy, now=now,
    )  # fmt: skip
    approval.offer_id = offer.id
    _answer(session, approval, "approved", user_name, answer, now)
    return offer


def refuse(
    session: Session, approval_id: str, *, user_name: str, role: str, answer: str, now: dt.datetime | None = None
) -> Approval:
    """Say no, with the reason that the one who asked will read. No twice changes nothing."""
    approval = _locked(session, approval_id)
    if approval.state == "refused":
        return approval
    _may_answer(approval, user_name, role)
    if not answer.strip():
        raise NotAllowed("answer", "say why: whoever asked has to explain it to the customer")
    _answer(session, approval, "refused", user_name, answer, now or utcnow())
    return approval


def waiting(session: Session) -> list[Approval]:
    """The requests that nobody answered yet, the oldest first."""
    statement = select(Approval).where(Approval.state == "open").order_by(Approval.asked_at, Approval.id)
    return list(session.scalars(statement))


def of_case(session: Session, case: Case) -> list[Approval]:
    """All requests about a case, the oldest first."""
    statement = select(Approval).where(Approval.case_number == case.number)
    return list(session.scalars(statement.order_by(Approval.asked_at, Approval.id)))


def asked_by(session: Session, user_name: str, limit: int) -> list[Approval]:
    """The latest requests of one person, the newest first, answered or not."""
    statement = select(Approval).where(Approval.asked_by == user_name)
    return list(session.scalars(statement.order_by(Approval.asked_at.desc(), Approval.id).limit(limit)))


def _locked(session: Session, approval_id: str) -> Approval:
    approval: Approval | None = session.get(Approval, approval_id)
    if approval is None:
        raise NotAllowed("unknown", f"there is no request {approval_id}")
    locked(session, approval.case)
    session.refresh(approval)  # it may have been answered while we waited for the lock
    return approval


def _may_answer(approval: Approval, user_name: str, role: str) -> None:
    if approval.state != "open":
        raise AlreadyAnswered(approval)
    if role not in APPROVERS:
        raise NotAllowed("only_leads", "only a lead or manager may answer this")
    if user_name == approval.asked_by:
        raise NotAllowed("own_request", "nobody approves their own request: ask another lead or manager")


def _answer(session: Session, approval: Approval, state: str, user_name: str, answer: str, now: dt.datetime) -> None:
    approval.state, approval.answered_by, approval.answered_at = state, user_name, now
    approval.answer = answer.strip() or None
    session.flush()
    record(
        session, approval.case, who=user_name, what=f"approval_{state}", why=answer.strip(),
        before={"asked_by": approval.asked_by, "reason": approval.reason},
        after={"approval": approval.id, "amount_cents": approval.amount_cents, "offer": approval.offer_id},
    )  # fmt: skip

"""Favours by people at the desk: grant within one's authority, ask for more, and say yes or no to others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.cases import approvals, grants, store
from bot.cases.budgets import BudgetExhausted
from bot.cases.model import FINAL_STATES, Approval, Case
from bot.database import utcnow
from bot.desk.access import may_see
from bot.desk.actions import Step, only_mine, written
from bot.desk.context import PREFIX
from bot.desk.counts import answerable, open_approvals
from bot.desk.guard import Refused, Visit
from bot.desk.lists import case_of
from bot.desk.wording import Words
from bot.frontdesk.model import Handoff, User
from bot.frontdesk.notifications import notify

OWN = 30
"""How many of one's own requests the page shows."""

_EUROS = re.compile(r"(\d{1,6})(?:[.,](\d{1,2}))?\s*(?:€|EUR|Euro)?", re.IGNORECASE)

Answer = Callable[[Session, User, str, str], None]


@dataclass(frozen=True)
class Asked:
    """A request with what one needs to know to answer it."""

    approval: Approval
    case: Case
    answerable: bool  # by the reader


async def page(visit: Visit) -> Response:
    """The requests that wait for an answer, and one's own."""
    waiting, own = await visit.run(_page, visit.user)
    return visit.page("approvals.html", here="approvals", waiting=waiting, own=own, now=utcnow())


async def approve(visit: Visit) -> Response:
    """Say yes (field `answer`, if there is something to add): the favour is granted by the one who approves."""
    return await _answered(visit, _approve)


async def refuse(visit: Visit) -> Response:
    """Say no, with the reason (field `answer`)."""
    return await _answered(visit, _refuse)


@contextmanager
def refusals(user: User) -> Iterator[None]:
    """Every reason why a favour cannot be given, as a sentence at the desk."""
    try:
        yield
    except grants.NotAllowed as refused:
        values = dict(refused.values)
        if "cents" in values:
            values["limit"] = Words(user.language).money(int(values["cents"]), str(values["currency"]))
        raise Refused(409, f"error_grant_{refused.code}", **values) from refused
    except BudgetExhausted as spent:
        raise Refused(409, "error_budget") from spent
    except approvals.AlreadyAnswered as before:
        raise Refused(409, f"error_already_{before.state}", name=before.by) from before


def give(session: Session, user: User, handoff: Handoff, fields: Mapping[str, str]) -> None:
    """Goodwill within one's authority (fields `amount` in euros, `form`, `reason`)."""
    case, cents, form, reason = _wish(session, user, handoff, fields)
    with refusals(user):
        grants.grant(
            session, case, user_name=user.name, role=user.role, amount_cents=cents, reason=reason, form=form
        )  # fmt: skip


def ask_for(session: Session, user: User, handoff: Handoff, fields: Mapping[str, str]) -> None:
    """Ask a lead to approve more than one's authority; the same fields."""
    case, cents, form, reason = _wish(session, user, handoff, fields)
    with refusals(user):
        asked = approvals.request(
            session, case, user_name=user.name, role=user.role, amount_cents=cents, reason=reason, form=form
        )  # fmt: skip

    for lead in session.scalars(select(User).where(User.active.is_(True), User.role.in_(approvals.APPROVERS))):
        if answerable(lead, asked) and may_see(session, lead, case.conversation):
            notify(session, lead, "approval", case.conversation, by=user.name, key=f"approval:{asked.id}")


STEPS: Mapping[str, Step] = {"grant": give, "ask": ask_for}
"""By name; each reads its fields as the desk's form names them."""


def _wish(session: Session, user: User, handoff: Handoff, fields: Mapping[str, str]) -> tuple[Case, int, str, str]:
    only_mine(session, user, handoff, fields)
    cents, reason = _cents(fields.get("amount", "")), written(fields, "reason")
    case = case_of(session, handoff.conversation_id, handoff)
    if case is None or case.state in FINAL_STATES:
        raise Refused(409, "error_no_open_case")
    return case, cents, fields.get("form") or grants.FORMS[0], reason


def _page(session: Session, user: User) -> tuple[list[Asked], list[Asked]]:
    waiting = [Asked(asked, asked.case, answerable(user, asked)) for asked in open_approvals(session, user)]
    own = [Asked(asked, asked.case, False) for asked in approvals.asked_by(session, user.name, OWN)]
    return [asked for asked in waiting if asked.approval.asked_by != user.name], own


async def _answered(visit: Visit, answer: Answer) -> Response:
    conversation_id = await visit.run(
        _on_approval, visit.user, visit.request.path_params["id"], visit.fields.get("answer", ""), answer
    )
    visit.desk.hub.tell(conversation_id)
    return visit.done(f"{PREFIX}/approvals")


def _on_approval(session: Session, user: User, approval_id: str, said: str, answer: Answer) -> str:
    approval = session.get(Approval, approval_id)
    if approval is None or not may_see(session, user, approval.case.conversation):
        raise Refused(404, "error_grant_unknown")
    before = approval.state
    try:
        with refusals(user):
            answer(session, user, approval_id, said.strip()[:2000])
    except store.WrongState as wrong:
        raise Refused(409, "error_state") from wrong
    asker = session.scalars(select(User).where(User.name == approval.asked_by)).first()
    if asker is not None and approval.state != before:
        notify(session, asker, "answered", approval.case.conversation, by=user.name, key=f"answered:{approval.id}")
    return str(approval.case.conversation)


def _approve(session: Session, user: User, approval_id: str, said: str) -> None:
    approvals.approve(session, approval_id, user_name=user.name, role=user.role, answer=said)


def _refuse(session: Session, user: User, approval_id: str, said: str) -> None:
    approvals.refuse(session, approval_id, user_name=user.name, role=user.role, answer=said)


def _cents(amount: str) -> int:
    """`10`, `10,50` or `10.50 €` in cents, without a detour through floating point."""
    found = _EUROS.fullmatch(amount.strip())
    cents = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else 0
    if cents <= 0:
        raise Refused(400, "error_amount")
    return cents

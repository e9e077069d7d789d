"""How many things wait for this user beside the queue: the numbers in the main menu."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.cases import approvals
from bot.cases.model import Approval
from bot.desk.access import may_see
from bot.frontdesk.model import User

Counts = dict[str, int]


def of(session: Session, user: User) -> Counts:
    """Numbers by the name that the menu carries in `data-count`."""
    return {"approvals": sum(answerable(user, asked) for asked in open_approvals(session, user))}


def open_approvals(session: Session, user: User) -> list[Approval]:
    """The requests without an answer that this user may see, the oldest first."""
    return [asked for asked in approvals.waiting(session) if may_see(session, user, asked.case.conversation)]


def answerable(user: User, approval: Approval) -> bool:
    """Whether this user is one of those whose word is waited for."""
    return user.role in approvals.APPROVERS and approval.asked_by != user.name

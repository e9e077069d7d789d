"""How many things wait for this user beside the queue: the numbers in the main menu."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.cases import approvals
from bot.cases.model import Approval
from bot.database import utcnow
from bot.desk.access import may_see
from bot.desk.model import Mention
from bot.frontdesk.model import User

Counts = dict[str, int]


def of(session: Session, user: User) -> Counts:
    """Numbers by the name that the menu carries in `data-count`."""
    mentioned = select(func.count(Mention.id)).where(Mention.user_id == user.id, Mention.seen_at.is_(None))
    return {
        "approvals": sum(answerable(user, asked) for asked in open_approvals(session, user)),
        "mentions": int(session.execute(mentioned).scalar_one()),
    }


def mentions_read(session: Session, user: User, conversation_id: str) -> None:
    """What names this user in a conversation is not new any more."""
    mine = (Mention.user_id == user.id, Mention.conversation_id == conversation_id, Mention.seen_at.is_(None))
    # Asked first: nearly always there is nothing to write.
    if session.execute(select(Mention.id).where(*mine).limit(1)).first() is not None:
        done = update(Mention).where(*mine).values(seen_at=utcnow())
        session.execute(done.execution_options(synchronize_session=False))


def open_approvals(session: Session, user: User) -> list[Approval]:
    """The requests without an answer that this user may see, the oldest first."""
    return [asked for asked in approvals.waiting(session) if may_see(session, user, asked.case.conversation)]


def answerable(user: User, approval: Approval) -> bool:
    """Whether this user is one of those whose word is waited for."""
    return user.role in approvals.APPROVERS and approval.asked_by != user.name

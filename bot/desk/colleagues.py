"""To whom a conversation can be given."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.database import utcnow
from bot.desk.access import may_see
from bot.frontdesk import handing_on
from bot.frontdesk.model import LEADS, WRITERS, User

OPEN = dt.timedelta(minutes=2)
"""Whose desk was seen so recently is there."""


@dataclass(frozen=True)
class Others:
    """To whom this user can give a conversation: colleagues (id, name, whether their desk is open) and teams."""

    colleagues: list[tuple[int, str, bool]]
    teams: list[str]


def others(session: Session, user: User, conversation_id: str) -> Others:
    """Who could take this conversation from `user`: themselves too where a lead takes it from somebody."""
    now = utcnow()
    writers = session.scalars(select(User).where(User.active.is_(True), User.role.in_(WRITERS)).order_by(User.name))
    colleagues = [
        (colleague.id, colleague.name, _at_desk(colleague, now))
        for colleague in writers
        if (colleague.id != user.id or user.role in LEADS) and may_see(session, colleague, conversation_id)
    ]
    return Others(sorted(colleagues, key=lambda each: not each[2]), handing_on.teams(session))


def _at_desk(user: User, now: dt.datetime) -> bool:
    return user.desk_seen_at is not None and now - user.desk_seen_at < OPEN

"""The lists of the desk: who waits, and what is mine. All cases: finding.py.

A list costs the same number of queries however long it is; of the queue only the page that is shown is read in full.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from bot.cases import store
from bot.cases.model import Case
from bot.desk.access import confidential_among, hidden_from
from bot.frontdesk.handing_on import teams
from bot.frontdesk.handoff import lead_there
from bot.frontdesk.handoff_states import HELD
from bot.frontdesk.model import LEADS, Conversation, Handoff, Message, User

PAGE = 25
"""Conversations on one page of the queue."""

_TURN = {"claimed": 0, "waiting": 1, "snoozed": 2}
"""Whose turn it is decides the place among my conversations: mine, the customer's, nobody's yet."""


@dataclass(frozen=True)
class Waiting:
    """A conversation in the queue or in somebody's hands."""

    conversation: str
    state: str
    case_number: str | None
    severity: int
    reason: str
    category: str | None
    subject: str
    language: str
    channel: str
    confidential: bool
    team: str | None
    escalated: bool
    since: dt.datetime  # waiting since, or claimed at
    answer_due: bool  # it is our turn
    snoozed_until: dt.datetime | None
    claimable: bool  # in the queue, and this user may take it


@dataclass(frozen=True)
class Queue:
    """One page of the queue, `total` of all pages of `team` (empty: everybody's). `teams`: name and how many wait."""

    rows: list[Waiting]
    total: int
    page: int
    team: str
    teams: list[tuple[str, int]]

    @property
    def more(self) -> bool:
        """Whether there is a page after this one."""
        return self.page * PAGE < self.total


def waiting(session: Session, user: User, query: Mapping[str, str] | None = None) -> Queue:
    """The queue as this user may see it: the gravest first, then who waits longest. `query`: `page`, `team`."""
    query = query or {}
    page = int(query["page"]) if query.get("page", "").isdecimal() and len(query["page"]) < 6 else 1
    lined_up = session.execute(
        select(Handoff.id, Handoff.conversation_id, Handoff.team)
        .where(Handoff.state == "queued")
        .order_by(Handoff.severity.desc(), Handoff.waiting_since, Handoff.id)
    ).all()
    confidential = confidential_among(session, [talk for _id, talk, _team in lined_up])
    hidden = hidden_from(session, user, confidential)
    seen = [(handoff_id, team) for handoff_id, talk, team in lined_up if talk not in hidden]
    counted = Counter(team for _id, team in seen if team)
    known = sorted({*teams(session), *counted})
    team = query.get("team", "") if query.get("team") in known else ""
    wanted = [handoff_id for handoff_id, its_team in seen if not team or its_team == team]
    page = max(1, min(page, -(-len(wanted) // PAGE)))
    rows = _rows(session, user, wanted[(page - 1) * PAGE : page * PAGE], confidential)
    return Queue(rows, len(wanted), page, team, [(name, counted[name]) for name in known])


def mine(session: Session, user: User) -> list[Waiting]:
    """What this user holds: where the customer waits for an answer first, then the gravest; snoozed ones last."""
    held = session.execute(
        select(Handoff.id, Handoff.conversation_id)
        .where(Handoff.state.in_(HELD), Handoff.claimed_by == user.id)
        .order_by(Handoff.claimed_at, Handoff.id)
    ).all()
    confidential = confidential_among(session, [talk for _id, talk in held])
    hidden = hidden_from(session, user, confidential)
    rows = _rows(session, user, [handoff_id for handoff_id, talk in held if talk not in hidden], confidential)
    return sorted(rows, key=lambda row: (_TURN[row.state], -row.severity))


def case_of(session: Session, conversation_id: str, handoff: Handoff | None, number: str = "") -> Case | None:
    """The case a conversation is about: the one asked for, the handoff's, or the newest of the conversation."""
    return store.about(session, conversation_id, number, (handoff.case_number or "") if handoff is not None else "")


def _rows(session: Session, user: User, handoff_ids: list[str], confidential: set[str]) -> list[Waiting]:
    """These handoffs in this order, with their cases."""
    about = and_(Case.number == Handoff.case_number, Case.conversation == Handoff.conversation_id)
    statement = (
        select(Handoff, Conversation.language, Conversation.channel, *_OF_CASE)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .outerjoin(Case, about)
        .where(Handoff.id.in_(handoff_ids))
    )
    found = {row.Handoff.id: row for row in session.execute(statement)}
    without = [row.Handoff.conversation_id for row in found.values() if row.number is None]
    newest, words = _newest_cases(session, without), {}
    if len(newest) < len(without):
        words = _last_words(session, [talk for talk in without if talk not in newest])
    leads = {secret: lead_there(session, confidential=secret) for secret in (True, False)}
    rows = []
    for row in (found[handoff_id] for handoff_id in handoff_ids if handoff_id in found):
        handoff = row.Handoff
        case = row if row.number is not None else newest.get(handoff.conversation_id)
        rows.append(
            Waiting(
                conversation=handoff.conversation_id,
                state=handoff.state,
                case_number=case.number if case else None,
                severity=handoff.severity,
                reason=handoff.reason,
                category=case.category if case else None,
                subject=(case.subject or case.words if case else words.get(handoff.conversation_id, ""))[:140],
                language=row.language,
                channel=row.channel,
                confidential=handoff.conversation_id in confidential,
                team=handoff.team,
                escalated=handoff.escalated_at is not None,
                since=handoff.claimed_at or handoff.waiting_since,
                answer_due=handoff.state == "claimed" and handoff.unanswered_since is not None,
                snoozed_until=handoff.snoozed_until,
                claimable=handoff.state == "queued"
                and (handoff.escalated_at is None or user.role in LEADS or not leads[handoff.queue == "confidential"]),
            )
        )
    return rows


_OF_CASE = (Case.number, Case.category, Case.subject, func.substr(Case.text, 1, 140).label("words"))
"""What a row shows of a case; the whole text is long."""


def _newest_cases(session: Session, conversations: list[str]) -> dict[str, Any]:
    statement = (
        select(Case.conversation, *_OF_CASE)
        .where(Case.conversation.in_(conversations))
        .order_by(Case.received_at, Case.number)
    )
    return {row.conversation: row for row in session.execute(statement)} if conversations else {}


def _last_words(session: Session, conversations: list[str]) -> dict[str, str]:
    """What the customers of these conversations wrote last."""
    last = (
        select(Message.conversation_id, func.max(Message.seq).label("seq"))
        .where(Message.conversation_id.in_(conversations), Message.author == "customer")
        .group_by(Message.conversation_id)
        .subquery()
    )
    said = select(Message.conversation_id, Message.text).join(
        last, and_(Message.conversation_id == last.c.conversation_id, Message.seq == last.c.seq)
    )
    return dict(session.execute(said).all())

"""Where conversations stand with people, what stands in their topics, and the first thing in which the two differ.

Read as plain columns in one question, whatever is needed to compare: with a thousand conversations waiting this is
done again after every message.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.model import Case
from bot.desk.access import confidential_ids
from bot.desk.context import PREFIX
from bot.desk.topics.package import MARKS
from bot.desk.wording import Words
from bot.frontdesk.model import Conversation, Handoff, HandoffEvent, Topic, User

MAX_TITLE = 128


@dataclass(frozen=True)
class Group:
    """The team's group: its chat id, the language in which all of it is spoken to, the address of the desk."""

    chat: int
    words: Words
    base_url: str

    def link(self, conversation_id: str) -> str:
        """Where the desk shows a conversation."""
        return f"{self.base_url}{PREFIX}/conversations/{conversation_id}"


@dataclass(frozen=True)
class Standing:
    """A conversation's newest handoff, ended or not, and what stands in its topic (None: there is no row yet)."""

    conversation: str
    handoff: str
    state: str
    severity: int
    case_number: str | None
    category: str | None
    reason: str
    holder: str
    note: str
    escalated: bool
    snoozed_until: dt.datetime | None
    ended: bool
    last_seq: int
    confidential: bool
    group: int | None
    thread: int | None
    title: str | None
    status: str | None
    is_open: bool
    unwanted: bool
    packaged: str | None  # the handoff whose package was posted
    mirrored: int
    posting: bool
    next_at: dt.datetime | None


def behind(session: Session, group: Group, now: dt.datetime) -> list[str]:
    """The conversations whose topic has to change now, the gravest first."""
    return [
        each.conversation
        for each in standings(session)
        if (each.next_at is None or each.next_at <= now) and difference(each, group) is not None
    ]


def difference(standing: Standing, group: Group) -> str | None:
    """What has to be done first so that the topic says what the conversation says; None where it does.

    move (to another group), delete, notice, create, reopen, post, rename, package, status, next (message), last (words
    of staff), close.
    """
    there = standing.thread is not None
    if standing.group is not None and standing.group != group.chat:
        return "move"
    if there and (standing.confidential or standing.unwanted):
        return "delete"  # what is confidential or erased does not stay in the group
    if standing.confidential:
        return None if standing.ended or standing.packaged == standing.handoff else "notice"
    if standing.ended:
        return _at_the_end(standing, group) if there and standing.is_open else None
    if not there:
        return "create"
    if not standing.is_open:
        return "reopen"
    if standing.posting:
        return "post"
    if standing.title != title(standing, group.words):
        return "rename"
    if standing.packaged != standing.handoff:
        return "package"
    if standing.status != status(standing, group.words):
        return "status"
    return "next" if standing.last_seq > standing.mirrored else None


def _at_the_end(standing: Standing, group: Group) -> str:
    """The last words of staff, the end as a status line, and the topic is closed. The bot's talk is not carried."""
    if standing.posting:
        return "post"
    if standing.last_seq > standing.mirrored:
        return "last"
    return "status" if standing.status != status(standing, group.words) else "close"


def title(standing: Standing, words: Words) -> str:
    """What the topic is called: severity, case number, what it is about. Nothing that a customer wrote."""
    about = words.name("category", standing.category) if standing.category else words.name("reason", standing.reason)
    mark = MARKS.get(standing.severity, "⚪")
    return f"{mark} {standing.case_number or words('no_case')} · {about}"[:MAX_TITLE]


def status(standing: Standing, words: Words) -> str:
    """The line that is pinned in a topic: who has the conversation, as the desk says it."""
    state, holder = standing.state, standing.holder
    if state == "queued":
        why = f"\n({words.name('reason', standing.note)})" if standing.note else ""
        return words("topic_status_escalated" if standing.escalated else "topic_status_queued") + why
    if state == "snoozed" and standing.snoozed_until is not None:
        return words("topic_status_snoozed", name=holder, until=words.when(standing.snoozed_until))
    if standing.ended:
        return words(f"topic_status_{state}", name=holder) if holder else words("topic_status_ended")
    return words("topic_status_held", name=holder)


def standings(session: Session, conversation_id: str | None = None) -> list[Standing]:
    """Handoffs that have not ended, the gravest first; then ended ones whose topic is open or has to go."""
    active = Handoff.ended_at.is_(None)
    one = [Handoff.conversation_id == conversation_id] if conversation_id is not None else []
    waiting = _columns().where(active, *one).order_by(Handoff.severity.desc(), Handoff.waiting_since, Handoff.id)
    rows = session.execute(waiting).all()
    left = _columns().where(
        Topic.thread_id.is_not(None),
        Topic.is_open.is_(True) | Topic.unwanted.is_(True),
        Handoff.conversation_id.not_in(select(Handoff.conversation_id).where(active)),
        *one,
    )
    newest = {row[0]: row for row in session.execute(left.order_by(Handoff.queued_at, Handoff.id))}
    secret = _confidential(session)
    return [_standing(row, secret) for row in (*rows, *newest.values())]


def _columns() -> Any:
    last_note = (
        select(HandoffEvent.note)
        .where(HandoffEvent.handoff_id == Handoff.id)
        .order_by(HandoffEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            Handoff.conversation_id, Handoff.id, Handoff.state, Handoff.severity, Handoff.case_number, Case.category,
            Handoff.reason, User.name, last_note, Handoff.escalated_at, Handoff.snoozed_until, Handoff.ended_at,
            Conversation.last_seq, Topic.group_id, Topic.thread_id, Topic.title, Topic.status, Topic.is_open,
            Topic.unwanted, Topic.handoff_id, Topic.mirrored, Topic.posting, Topic.next_at,
        )
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .outerjoin(Case, Case.number == Handoff.case_number)
        .outerjoin(User, User.id == Handoff.claimed_by)
        .outerjoin(Topic, Topic.conversation_id == Handoff.conversation_id)
    )  # fmt: skip


def _standing(row: Any, secret: set[str]) -> Standing:
    (conversation, handoff, state, severity, number, category, reason, holder, note, escalated, snoozed, ended, last,
     group, thread, title_there, line, is_open, unwanted, packaged, mirrored, posting, next_at) = row  # fmt: skip
    return Standing(
        conversation, handoff, state, severity, number, category, reason, holder or "", note or "",
        escalated is not None, snoozed, ended is not None, last, conversation in secret,
        group, thread, title_there, line, is_open is not False, bool(unwanted), packaged, mirrored or 0,
        bool(posting), next_at,
    )  # fmt: skip


def _confidential(session: Session) -> set[str]:
    """Conversations of the confidential queue among those that people have to do with."""
    handed, flagged = confidential_ids()
    concerned = select(Handoff.conversation_id).where(Handoff.ended_at.is_(None))
    shown = select(Topic.conversation_id).where(Topic.thread_id.is_not(None), Topic.is_open.is_(True))
    found: set[str] = set()
    for ids in (concerned, shown):
        found |= set(session.scalars(handed.where(Handoff.conversation_id.in_(ids))))
        found |= set(session.scalars(flagged.where(Case.conversation.in_(ids))))
    return found

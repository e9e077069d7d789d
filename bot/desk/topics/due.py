"""What has to be done next in the team's group, so that its topics say what the conversations say.

Nothing is queued: a topic's row says what stands in it, the handoff and the message log say what should, and the
difference is done one call at a time, the gravest conversation first. A process that dies is followed by one that
sees the same difference. A topic is taken by moving `next_at` a lease ahead, so several front desks do not meet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.model import Case
from bot.desk.access import confidential_ids
from bot.desk.context import PREFIX
from bot.desk.topics.package import MARKS, package_texts
from bot.desk.topics.posts import message_pieces, picture_pieces
from bot.desk.wording import Words
from bot.frontdesk.context_package import context_package
from bot.frontdesk.messages import history
from bot.frontdesk.model import Conversation, Handoff, HandoffEvent, Topic, TopicPost, User

LEASE = dt.timedelta(seconds=45)
"""How long one call may take before somebody else may try; the library's own time-outs are shorter."""

COLOURS = {4: 16478047, 3: 16749490, 2: 16766590, 1: 9367192}
"""Severity as one of the icon colours that Telegram allows: red, pink, yellow, green."""

OTHERWISE = 7322096  # blue
MAX_TITLE = 128
CLAIM = "claim:"
"""What the data of the button under a waiting conversation begins with; the handoff's id follows."""


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
class Job:
    """One call. `kind`: create, rename, reopen, post, status, close, delete, notice (a line for the whole group)."""

    kind: str
    conversation: str
    chat: int
    thread: int | None
    attempts: int
    title: str = ""
    colour: int = OTHERWISE
    piece: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    claim: str = ""  # the handoff that a button claims
    post: int | None = None  # the status line that is there already
    handoff: str = ""


@dataclass(frozen=True)
class _Standing:
    """How a conversation stands with people: its newest handoff (ended or not) and its topic, if there is one."""

    handoff: Handoff
    last_seq: int
    topic: Topic | None
    category: str | None
    holder: str
    note: str
    confidential: bool

    @property
    def active(self) -> bool:
        return self.handoff.ended_at is None


def next_job(session: Session, group: Group, now: dt.datetime) -> Job | None:
    """The next call, taken for :data:`LEASE`; None when every topic says what it should."""
    for standing in _standings(session):
        topic = standing.topic
        if topic is not None and topic.next_at > now:
            continue
        job = _job(session, group, standing, now)
        if job is not None:
            taken = session.get(Topic, job.conversation)
            taken.next_at, taken.attempts = now + LEASE, taken.attempts + 1
            return job
    return None


def _standings(session: Session) -> list[_Standing]:
    """Handoffs that have not ended, the gravest first; then ended ones whose topic is open or has to go."""
    last_note = (
        select(HandoffEvent.note)
        .where(HandoffEvent.handoff_id == Handoff.id)
        .order_by(HandoffEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    columns = select(Handoff, Conversation.last_seq, Topic, Case.category, User.name, last_note).join(
        Conversation, Conversation.id == Handoff.conversation_id
    )
    columns = columns.outerjoin(Case, Case.number == Handoff.case_number).outerjoin(User, User.id == Handoff.claimed_by)
    active = Handoff.ended_at.is_(None)
    waiting = columns.outerjoin(Topic, Topic.conversation_id == Handoff.conversation_id).where(active)
    rows = session.execute(waiting.order_by(Handoff.severity.desc(), Handoff.waiting_since, Handoff.id)).all()
    left = columns.join(Topic, Topic.conversation_id == Handoff.conversation_id).where(
        Topic.thread_id.is_not(None),
        Topic.is_open.is_(True) | Topic.unwanted.is_(True),
        Handoff.conversation_id.not_in(select(Handoff.conversation_id).where(active)),
    )
    newest = {row[0].conversation_id: row for row in session.execute(left.order_by(Handoff.queued_at, Handoff.id))}
    rows += newest.values()
    secret = _confidential(session)
    return [
        _Standing(handoff, seq, topic, category, name or "", note or "", handoff.conversation_id in secret)
        for handoff, seq, topic, category, name, note in rows
    ]


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


def _job(session: Session, group: Group, standing: _Standing, now: dt.datetime) -> Job | None:
    handoff, topic = standing.handoff, standing.topic
    if topic is None:
        topic = Topic(conversation_id=handoff.conversation_id, group_id=group.chat, posting=[], mirrored=0)
        topic.is_open, topic.unwanted, topic.attempts = True, False, 0
        session.add(topic)
        session.flush()
    if topic.group_id != group.chat:
        forget(session, topic)
        topic.group_id = group.chat
    if topic.unwanted and topic.thread_id is None:
        topic.unwanted = False  # what was erased is gone; what is said from now on is a new topic's
    if standing.confidential or topic.unwanted:
        return _unwanted(group, standing, topic)
    if standing.active:
        return _follow(session, group, standing, topic, now)
    return _end(session, group, standing, topic)


def _unwanted(group: Group, standing: _Standing, topic: Topic) -> Job | None:
    """What is confidential or erased does not stay in the group; of a confidential wait the group hears no more."""
    if topic.thread_id is not None:
        return _make("delete", topic)
    if standing.active and topic.handoff_id != standing.handoff.id:
        text = group.words("topic_confidential", link=group.link(topic.conversation_id))
        return _make("notice", topic, text=text, handoff=standing.handoff.id)
    return None


def _follow(session: Session, group: Group, standing: _Standing, topic: Topic, now: dt.datetime) -> Job | None:
    title = _title(standing, group.words)
    if topic.thread_id is None:
        colour = COLOURS.get(standing.handoff.severity, OTHERWISE)
        return _make("create", topic, title=title, colour=colour)
    if not topic.is_open:
        return _make("reopen", topic)
    if topic.posting:
        return _make("post", topic, piece=topic.posting[0])
    if topic.title != title:
        return _make("rename", topic, title=title)
    if topic.handoff_id != standing.handoff.id:
        _load_package(session, group, standing, topic, now)
        return _make("post", topic, piece=topic.posting[0])
    status = status_text(standing.handoff, standing.holder, standing.note, group.words)
    if topic.status != status:
        claim = standing.handoff.id if standing.handoff.state == "queued" else ""
        return _make("status", topic, text=status, claim=claim, post=topic.status_post)
    if standing.last_seq > topic.mirrored and _load_next(session, topic, group.words):
        return _make("post", topic, piece=topic.posting[0])
    return None


def _end(session: Session, group: Group, standing: _Standing, topic: Topic) -> Job | None:
    """The last words of staff, the end as a status line, and the topic is closed. The bot's talk is not carried."""
    if topic.posting or _load_next(session, topic, group.words, authors=("staff", "system")):
        return _make("post", topic, piece=topic.posting[0])
    status = status_text(standing.handoff, standing.holder, standing.note, group.words)
    if topic.status != status:
        return _make("status", topic, text=status, post=topic.status_post)
    return _make("close", topic)


def _make(kind: str, topic: Topic, **more: Any) -> Job:
    return Job(kind, topic.conversation_id, topic.group_id, topic.thread_id, topic.attempts, **more)


def _title(standing: _Standing, words: Words) -> str:
    handoff = standing.handoff
    about = words.name("category", standing.category) if standing.category else words.name("reason", handoff.reason)
    return f"{MARKS.get(handoff.severity, '⚪')} {handoff.case_number or words('no_case')} · {about}"[:MAX_TITLE]


def status_text(handoff: Handoff, holder: str, note: str, words: Words) -> str:
    """The line that is pinned in a topic: who has the conversation, as the desk says it."""
    state = handoff.state
    if state == "queued":
        why = f"\n({words.name('reason', note)})" if note else ""
        return words("topic_status_escalated" if handoff.escalated_at else "topic_status_queued") + why
    if state == "snoozed":
        return words("topic_status_snoozed", name=holder, until=words.when(handoff.snoozed_until))
    if handoff.ended_at is not None:
        return words(f"topic_status_{state}", name=holder) if holder else words("topic_status_ended")
    return words("topic_status_held", name=holder)


def _load_package(session: Session, group: Group, standing: _Standing, topic: Topic, now: dt.datetime) -> None:
    """The context package, put in line; with it everything said so far counts as carried."""
    package = context_package(session, topic.conversation_id, now=now)
    texts = package_texts(package, group.words, group.link(topic.conversation_id), now)
    pictures = picture_pieces(session, topic.conversation_id, group.words)
    topic.posting = [*({"text": text} for text in texts), *pictures]
    topic.handoff_id, topic.mirrored = standing.handoff.id, standing.last_seq
    topic.status, topic.status_post = None, None


def _load_next(session: Session, topic: Topic, words: Words, authors: tuple[str, ...] = ()) -> bool:
    """The next message that is not in the topic yet, put in line; False when there is none."""
    there = set(session.scalars(select(TopicPost.message_id).where(TopicPost.conversation_id == topic.conversation_id)))
    for message in history(session, topic.conversation_id, topic.mirrored, internal=True):
        topic.mirrored = message.seq
        if message.id in there or (authors and message.author not in authors):
            continue
        topic.posting = message_pieces(session, message, words)
        if topic.posting:
            return True
    return False


def forget(session: Session, topic: Topic) -> None:
    """The topic is not there (any more): where it is wanted, it is made anew."""
    session.query(TopicPost).filter_by(conversation_id=topic.conversation_id).delete(synchronize_session=False)
    topic.thread_id, topic.title, topic.handoff_id, topic.status, topic.status_post = None, None, None, None, None
    topic.posting, topic.is_open = [], True

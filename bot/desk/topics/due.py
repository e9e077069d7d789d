"""The next call to Telegram for a conversation's topic.

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

from bot.desk.topics.package import package_texts
from bot.desk.topics.posts import message_pieces, picture_pieces
from bot.desk.topics.standings import Group, Standing, difference, standings, status, title
from bot.desk.wording import Words
from bot.frontdesk.context_package import context_package
from bot.frontdesk.messages import history
from bot.frontdesk.model import Topic, TopicPost

LEASE = dt.timedelta(seconds=45)
"""How long one call may take before somebody else may try; the library's own time-outs are shorter."""

COLOURS = {4: 16478047, 3: 16749490, 2: 16766590, 1: 9367192}
"""Severity as one of the icon colours that Telegram allows: red, pink, yellow, green."""

OTHERWISE = 7322096  # blue
CLAIM = "claim:"
"""What the data of the button under a waiting conversation begins with; the handoff's id follows."""

LAST_WORDS = ("staff", "system")
"""Whose messages still go into the topic of a handoff that has ended."""


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


def next_job(session: Session, group: Group, conversation_id: str, now: dt.datetime) -> Job | None:
    """The next call for this conversation, taken for :data:`LEASE`; None when its topic says what it should."""
    topic = _locked(session, group, conversation_id)
    if topic.next_at > now:
        return None
    while True:
        session.flush()
        found = standings(session, conversation_id)
        what = difference(found[0], group) if found else None
        if what is None:
            return None
        if what == "move":
            forget(session, topic)
            topic.group_id = group.chat
        elif what == "package":
            _load_package(session, group, found[0], topic, now)
        elif what in ("next", "last"):
            _load_next(session, topic, group.words, LAST_WORDS if what == "last" else ())
        else:
            topic.next_at, topic.attempts = now + LEASE, topic.attempts + 1
            return _job(what, found[0], topic, group)


def _locked(session: Session, group: Group, conversation_id: str) -> Topic:
    topic = session.get(Topic, conversation_id, with_for_update=True)
    if topic is None:
        topic = Topic(conversation_id=conversation_id, group_id=group.chat, posting=[], mirrored=0, attempts=0)
        topic.is_open, topic.unwanted, topic.next_at = True, False, dt.datetime.min.replace(tzinfo=dt.timezone.utc)
        session.add(topic)
    if topic.unwanted and topic.thread_id is None:
        topic.unwanted = False  # what was erased is gone; what is said from now on is a new topic's
    return topic  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def _job(what: str, standing: Standing, topic: Topic, group: Group) -> Job:
    more: dict[str, Any] = {}
    if what in ("create", "rename"):
        more = {"title": title(standing, group.words), "colour": COLOURS.get(standing.severity, OTHERWISE)}
    elif what == "post":
        more = {"piece": topic.posting[0]}
    elif what == "status":
        claim = standing.handoff if standing.state == "queued" else ""
        more = {"text": status(standing, group.words), "claim": claim, "post": topic.status_post}
    elif what == "notice":
        text = group.words("topic_confidential", link=group.link(standing.conversation))
        more = {"text": text, "handoff": standing.handoff}
    return Job(what, topic.conversation_id, topic.group_id, topic.thread_id, topic.attempts, **more)


def _load_package(session: Session, group: Group, standing: Standing, topic: Topic, now: dt.datetime) -> None:
    """The context package, put in line; with it everything said so far counts as carried."""
    package = context_package(session, topic.conversation_id, now=now)
    texts = package_texts(package, group.words, group.link(topic.conversation_id), now)
    pictures = picture_pieces(session, topic.conversation_id, group.words)
    topic.posting = [*({"text": text} for text in texts), *pictures]
    topic.handoff_id, topic.mirrored = standing.handoff, standing.last_seq
    topic.status, topic.status_post = None, None


def _load_next(session: Session, topic: Topic, words: Words, authors: tuple[str, ...]) -> None:
    """The next message that is not in the topic yet, put in line, if there is one."""
    there = set(session.scalars(select(TopicPost.message_id).where(TopicPost.conversation_id == topic.conversation_id)))
    for message in history(session, topic.conversation_id, topic.mirrored, internal=True):
        topic.mirrored = message.seq
        if message.id in there or (authors and message.author not in authors):
            continue
        topic.posting = message_pieces(session, message, words)
        if topic.posting:
            return


def forget(session: Session, topic: Topic) -> None:
    """The topic is not there (any more): where it is wanted, it is made anew."""
    session.query(TopicPost).filter_by(conversation_id=topic.conversation_id).delete(synchronize_session=False)
    topic.thread_id, topic.title, topic.handoff_id, topic.status, topic.status_post = None, None, None, None, None
    topic.posting, topic.is_open = [], True

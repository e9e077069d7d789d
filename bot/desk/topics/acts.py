"""What staff write in a topic, done: words for the customer, a note, and the commands. One transaction each.

Only words of who has claimed the conversation reach the customer. Nobody claims by writing: colleagues talk in a topic
before somebody takes it, and what they say to each other must never arrive at a customer by mistake. So whoever writes
before claiming is told that nothing was sent, and how to claim.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.database import utcnow
from bot.desk import favours
from bot.desk.actions import STEPS, Step, for_customer, on_handoff
from bot.desk.context import WRITERS
from bot.desk.guard import Refused
from bot.desk.topics import links
from bot.desk.wording import Words
from bot.frontdesk import attachments, edits
from bot.frontdesk import handoff as steps
from bot.frontdesk.model import Conversation, Handoff, Message, StaffUpdate, Topic, TopicPost, User

SENT, NOTED = "👍", "✍"
"""Signs put under a colleague's message: it goes to the customer; it is kept as a note. Telegram allows only some."""

SENT_AGAIN_WITHIN = dt.timedelta(days=7)
"""For how long an update is known when it comes again; Telegram itself keeps one for a day."""

COMMANDS = {
    "claim": "claim", "nehmen": "claim",
    "note": "note", "notiz": "note",
    "offer": "offer", "kulanz": "offer",
    "ask": "ask", "anfrage": "ask",
    "release": "release", "freigeben": "release",
    "return": "return", "zurueck": "return",
    "resolve": "resolve", "erledigt": "resolve",
    "help": "help", "hilfe": "help",
}  # fmt: skip
"""Command -> what it does, in English and German."""

_OFFER = re.compile(r"(\d{1,6}(?:[.,]\d{1,2})?)\s*(?:€|EUR\b|Euro\b)?\s*(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Written:
    """One message of a colleague in a topic. `post`: its number in the group; `command`: empty for plain words."""

    update_id: int
    sender: int
    thread: int
    post: int
    command: str = ""
    text: str = ""
    reply_to: int | None = None
    file: attachments.Examined | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of it: an answer for the colleague, a sign under their message, which conversation has changed.

    `known`: whether it was somebody who may act here; others are not answered every time.
    """

    said: str = ""
    sign: str = ""
    conversation: str = ""
    known: bool = True


@dataclass(frozen=True)
class _Act:
    """A message of somebody who may act, with everything that doing it needs."""

    session: Session
    user: User
    words: Words
    topic: Topic
    written: Written


def first_time(session: Session, update_id: int) -> bool:
    """Whether this update was not done before; from the end of the transaction on it was."""
    if session.get(StaffUpdate, update_id) is not None:
        return False
    session.execute(delete(StaffUpdate).where(StaffUpdate.at < utcnow() - SENT_AGAIN_WITHIN))
    session.add(StaffUpdate(update_id=update_id))
    session.flush()
    return True


def may_send_file(session: Session, chat: int, written: Written) -> bool:
    """Whether a file would go to the customer, so that it is not fetched for nothing."""
    topic, user = _topic(session, chat, written.thread), links.linked(session, written.sender)
    if topic is None or user is None or session.get(StaffUpdate, written.update_id) is not None:
        return False
    active = steps.active(session, topic.conversation_id)
    return active is not None and (written.command == "note" or active.claimed_by == user.id)


def act(session: Session, chat: int, language: str, written: Written) -> Outcome:
    """Do what a colleague wrote in a topic. What cannot be done is said to them and changes nothing."""
    topic = _topic(session, chat, written.thread)
    if topic is None or not first_time(session, written.update_id):
        return Outcome()
    user = links.linked(session, written.sender)
    if user is None:
        return Outcome(Words(language)("topic_not_linked"), known=False)
    words = Words(user.language)
    if user.role not in WRITERS:
        return Outcome(words("error_role", role=words.name("role", user.role)))
    try:
        with session.begin_nested():
            done = _ACTS[written.command](_Act(session, user, words, topic, written))
    except Refused as refused:
        return Outcome(words(refused.key, **refused.values))
    return Outcome(done.said, done.sign, topic.conversation_id)


def claim_handoff(session: Session, update_id: int, sender: int, handoff_id: str, language: str) -> Outcome:
    """The button under a waiting conversation was pressed."""
    handoff = session.get(Handoff, handoff_id)
    if handoff is None or not first_time(session, update_id):
        return Outcome()
    user = links.linked(session, sender)
    if user is None:
        return Outcome(Words(language)("topic_not_linked"), known=False)
    words = Words(user.language)
    if user.role not in WRITERS:
        return Outcome(words("error_role", role=words.name("role", user.role)))
    try:
        with session.begin_nested():
            on_handoff(session, user, handoff.conversation_id, STEPS["claim"], {})
    except Refused as refused:
        return Outcome(words(refused.key, **refused.values))
    return Outcome(conversation=handoff.conversation_id)


def change(session: Session, chat: int, language: str, written: Written) -> Outcome:
    """A colleague changed what they wrote: the customer's copy, or the note, changes too."""
    if not first_time(session, written.update_id):
        return Outcome()
    statement = select(TopicPost).join(Topic, Topic.conversation_id == TopicPost.conversation_id)
    here = (Topic.group_id == chat, Topic.thread_id == written.thread)
    post = session.scalars(statement.where(*here, TopicPost.post == written.post, TopicPost.by_staff.is_(True))).first()
    user = links.linked(session, written.sender)
    if post is None or user is None:
        return Outcome()
    words, message = Words(user.language), session.get(Message, post.message_id)
    if written.command != ("note" if message.internal else ""):  # a note is no answer any more, or the other way round
        return Outcome(words("topic_stays"))
    try:
        changed = edits.amend(session, user, message, for_customer({"text": written.text}, "text"))
    except steps.HandoffError:
        return Outcome(words("topic_too_late"))
    except Refused as refused:
        return Outcome(words(refused.key, **refused.values))
    return Outcome(conversation=post.conversation_id if changed else "")


def _say(act: _Act) -> Outcome:
    _sent_only_by_the_holder(act)
    message: list[Message] = []

    def say(session: Session, user: User, handoff: Handoff, _fields: object) -> None:
        bare = act.written.file is not None and not act.written.text
        text = "" if bare else for_customer({"text": act.written.text}, "text")
        message.append(steps.say(session, handoff.id, user, text))

    on_handoff(act.session, act.user, act.topic.conversation_id, say, {})
    _keep(act, message[0])
    return Outcome(sign=SENT)


def _note(act: _Act) -> Outcome:
    text = act.written.text or ("📎" if act.written.file is not None else "")
    if not text:
        return Outcome(act.words("topic_note_how"))
    _step(act, STEPS["note"], text=text)
    _keep(act, _latest(act))
    return Outcome(sign=NOTED)


def _claim(act: _Act) -> Outcome:
    _step(act, STEPS["claim"])
    return Outcome(sign=SENT)


def _offer(act: _Act) -> Outcome:
    found = _OFFER.fullmatch(act.written.text)
    if found is None:
        return Outcome(act.words("topic_offer_how"))
    reason = found[2].strip() or act.words("topic_offer_no_reason")
    _step(act, favours.give, amount=found[1], reason=reason)
    return Outcome(act.words("topic_offered", amount=found[1]))


def _ask(act: _Act) -> Outcome:
    found = _OFFER.fullmatch(act.written.text)
    if found is None or not found[2].strip():
        return Outcome(act.words("topic_ask_how"))
    _step(act, favours.ask_for, amount=found[1], reason=found[2])
    return Outcome(act.words("topic_asked", amount=found[1]))


def _release(act: _Act) -> Outcome:
    _step(act, STEPS["release"], why=act.written.text)
    return Outcome(sign=SENT)


def _return(act: _Act) -> Outcome:
    if not act.written.text:
        return Outcome(act.words("topic_return_how"))
    _step(act, STEPS["return"], agreed=act.written.text)
    return Outcome(sign=SENT)


def _resolve(act: _Act) -> Outcome:
    if not act.written.text:
        return Outcome(act.words("topic_resolve_how"))
    _step(act, STEPS["resolve"], agreed=act.written.text)
    return Outcome(sign=SENT)


def _help(act: _Act) -> Outcome:
    return Outcome(act.words("topic_help"))


def _unsendable(act: _Act) -> Outcome:
    """A voice note, a sticker, a video: we carry words, photos and documents, and say so."""
    return Outcome(act.words("topic_unsendable"))


def _file_apart(act: _Act) -> Outcome:
    """A file under a command that cannot take it: nothing is done, and nothing gets lost unseen."""
    return Outcome(act.words("topic_file_apart"))


def _unknown(act: _Act) -> Outcome:
    return Outcome(act.words("topic_unknown_command"))


_ACTS: dict[str, Callable[[_Act], Outcome]] = {
    "": _say, "claim": _claim, "note": _note, "offer": _offer, "ask": _ask, "release": _release, "return": _return,
    "resolve": _resolve, "help": _help,
    "unsendable": _unsendable, "file_apart": _file_apart, "?": _unknown,
}  # fmt: skip


def _step(act: _Act, step: Step, **fields: str) -> None:
    """The same step that a button at the desk takes."""
    on_handoff(act.session, act.user, act.topic.conversation_id, step, fields)


def _sent_only_by_the_holder(act: _Act) -> None:
    active = steps.active(act.session, act.topic.conversation_id)
    if active is None:
        raise Refused(409, "topic_over")
    if active.claimed_by is None:
        raise Refused(409, "topic_claim_first")
    if active.claimed_by != act.user.id:
        holder = act.session.get(User, active.claimed_by)
        raise Refused(409, "topic_held_by", name=holder.name)


def _keep(act: _Act, message: Message) -> None:
    """Everything else that belongs to a message: its file, what it answers, and that it stands in the topic already."""
    written, conversation_id = act.written, act.topic.conversation_id
    if written.file is not None:
        message.attachments = [attachments.keep(act.session, conversation_id, written.file)]
    if written.reply_to is not None:
        answered = select(Message.seq).join(TopicPost, TopicPost.message_id == Message.id)
        answered = answered.where(TopicPost.conversation_id == conversation_id, TopicPost.post == written.reply_to)
        message.reply_to = act.session.scalars(answered).first()
    act.session.add(TopicPost(conversation_id=conversation_id, message_id=message.id, post=written.post, by_staff=True))


def _latest(act: _Act) -> Message:
    conversation = act.session.get(Conversation, act.topic.conversation_id)
    statement = select(Message).where(Message.conversation_id == conversation.id, Message.seq == conversation.last_seq)
    return act.session.scalars(statement).one()  # type: ignore[no-any-return]


def _topic(session: Session, chat: int, thread: int) -> Topic | None:
    statement = select(Topic).where(Topic.group_id == chat, Topic.thread_id == thread)
    return session.scalars(statement).first()  # type: ignore[no-any-return]

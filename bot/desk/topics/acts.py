"""What staff write in a topic, done: words for the customer, a note, and the commands (commands.py). One transaction
each.

Only words of who has claimed the conversation reach the customer. Nobody claims by writing: colleagues talk in a topic
before somebody takes it, and what they say to each other must never arrive at a customer by mistake. So whoever writes
before claiming is told that nothing was sent, and how to claim.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.database import utcnow
from bot.desk.actions import STEPS, for_customer, on_handoff
from bot.desk.context import WRITERS
from bot.desk.guard import Refused
from bot.desk.topics import commands, links
from bot.desk.topics.written import NOTED, SENT, Act, Outcome, Written
from bot.desk.wording import Words
from bot.frontdesk import attachments, edits
from bot.frontdesk import handoff as steps
from bot.frontdesk.model import Conversation, Handoff, Message, StaffUpdate, Topic, TopicPost, User

SENT_AGAIN_WITHIN = dt.timedelta(days=7)
"""For how long an update is known when it comes again; Telegram itself keeps one for a day."""


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
            done = ACTS[written.command](Act(session, user, words, topic, written))
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
    if written.has_file and written.text == message.text:  # its words are the same: it is the file that was replaced
        return Outcome(words("topic_file_stays"))
    try:
        changed = edits.amend(session, user, message, for_customer({"text": written.text}, "text"))
    except steps.HandoffError:
        return Outcome(words("topic_too_late"))
    except Refused as refused:
        return Outcome(words(refused.key, **refused.values))
    return Outcome(conversation=post.conversation_id if changed else "")


def _say(act: Act) -> Outcome:
    _sent_only_by_the_holder(act)
    message: list[Message] = []

    def say(session: Session, user: User, handoff: Handoff, _fields: object) -> None:
        bare = act.written.file is not None and not act.written.text
        text = "" if bare else for_customer({"text": act.written.text}, "text")
        message.append(steps.say(session, handoff.id, user, text))

    on_handoff(act.session, act.user, act.topic.conversation_id, say, {})
    _keep(act, message[0])
    return Outcome(sign=SENT)


def _note(act: Act) -> Outcome:
    text = act.written.text or ("📎" if act.written.file is not None else "")
    if not text:
        return Outcome(act.words("topic_note_how"))
    act.step(STEPS["note"], {"text": text})
    _keep(act, _latest(act))
    return Outcome(sign=NOTED)


def _unsendable(act: Act) -> Outcome:
    """A voice note, a sticker, a video: we carry words, photos and documents, and say so."""
    return Outcome(act.words("topic_unsendable"))


def _file_apart(act: Act) -> Outcome:
    """A file under a command that cannot take it: nothing is done, and nothing gets lost unseen."""
    return Outcome(act.words("topic_file_apart"))


def _unknown(act: Act) -> Outcome:
    return Outcome(act.words("topic_unknown_command"))


ACTS: Mapping[str, Callable[[Act], Outcome]] = {
    **commands.ACTS, "": _say, "note": _note, "unsendable": _unsendable, "file_apart": _file_apart, "?": _unknown,
}  # fmt: skip


def _sent_only_by_the_holder(act: Act) -> None:
    active = steps.active(act.session, act.topic.conversation_id)
    if active is None:
        raise Refused(409, "topic_over")
    if active.claimed_by is None:
        raise Refused(409, "topic_claim_first")
    if active.claimed_by != act.user.id:
        holder = act.session.get(User, active.claimed_by)
        raise Refused(409, "topic_held_by", name=holder.name)


def _keep(act: Act, message: Message) -> None:
    """Everything else that belongs to a message: its file, what it answers, and that it stands in the topic already."""
    written, conversation_id = act.written, act.topic.conversation_id
    if written.file is not None:
        message.attachments = [attachments.keep(act.session, conversation_id, written.file)]
    if written.reply_to is not None:
        answered = select(Message.seq).join(TopicPost, TopicPost.message_id == Message.id)
        answered = answered.where(TopicPost.conversation_id == conversation_id, TopicPost.post == written.reply_to)
        message.reply_to = act.session.scalars(answered).first()
    act.session.add(TopicPost(conversation_id=conversation_id, message_id=message.id, post=written.post, by_staff=True))


def _latest(act: Act) -> Message:
    conversation = act.session.get(Conversation, act.topic.conversation_id)
    statement = select(Message).where(Message.conversation_id == conversation.id, Message.seq == conversation.last_seq)
    return act.session.scalars(statement).one()  # type: ignore[no-any-return]


def _topic(session: Session, chat: int, thread: int) -> Topic | None:
    statement = select(Topic).where(Topic.group_id == chat, Topic.thread_id == thread)
    return session.scalars(statement).first()  # type: ignore[no-any-return]

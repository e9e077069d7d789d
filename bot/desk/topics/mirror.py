"""Makes the topics in the team's group follow the conversations: one call after another, as `due` says.

One group takes about twenty messages a minute, whatever the topic: so there is one line, the gravest conversation
first, and when Telegram says how long to wait, everything waits. What is refused concerns its own topic only.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.database import Database, utcnow
from bot.desk.topics.due import CLAIM, LEASE, Job, forget, next_job
from bot.desk.topics.standings import Group, behind
from bot.frontdesk import attachments
from bot.frontdesk.hub import EVERYTHING, LOOK_AGAIN, Hub
from bot.frontdesk.model import Topic, TopicPost

log = logging.getLogger(__name__)

MAX_BACKOFF = 60.0
NOT_IN_GROUP = 60.0
"""Seconds until the next try when the bot is no member of the group."""

BREATH = 0.1
"""Seconds in which news are gathered before the next look, so that a busy hour is not spent looking."""

MAX_REFUSED = dt.timedelta(hours=1)
_GONE = ("thread not found", "topic_deleted", "topic_id_invalid")
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

Settle = Callable[[Session], None]


class Mirror:
    def __init__(self, database: Database, hub: Hub, bot: Bot, group: Group) -> None:
        self._database, self._hub, self._bot, self._group = database, hub, bot, group
        self._failures = 0
        self._pause = 0.0
        self._broken: dict[str, dt.datetime] = {}  # conversations that cannot be worked on until then

    async def forever(self) -> None:
        """Do what is due until cancelled; a call under way is ended and written down first."""
        while True:
            step = asyncio.get_running_loop().create_task(self._step())
            try:
                again = await asyncio.shield(step)
            except asyncio.CancelledError:
                await asyncio.wait({step}, timeout=LEASE.total_seconds())
                raise
            except Exception:  # nothing may end the mirror for good
                log.exception("topics.failed")
                again = False
            if self._pause:
                pause, self._pause = self._pause, 0.0
                await asyncio.sleep(pause)
            elif not again:
                await self._hub.news(EVERYTHING, LOOK_AGAIN)
                await asyncio.sleep(BREATH)

    async def _step(self) -> bool:
        now = utcnow()
        for conversation in await self._database.look(behind, self._group, now):
            if self._broken.get(conversation, now) > now:
                continue
            try:
                job = await self._database.run(next_job, self._group, conversation, now)
            except Exception:  # one conversation that breaks us does not keep the others waiting
                log.exception("topics.conversation_failed", extra={"conversation": conversation})
                self._broken[conversation] = now + LEASE
                continue
            if job is not None:
                await self._surely(await self._do(job))
                return True
        return False

    async def _do(self, job: Job) -> Settle:
        try:
            result = await self._call(job)
        except RetryAfter as full:
            wait = full.retry_after
            self._pause = wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)
            return lambda session: _give_back(session, job, "rate limit")
        except BadRequest as refused:
            why = refused.message
            return lambda session: _refused(session, job, why)
        except Forbidden as out:
            log.error("topics.not_in_group: %s; add the bot to the group as an administrator", out.message)
            self._pause = NOT_IN_GROUP
            return lambda session: _give_back(session, job, "not in the group")
        except TelegramError as failed:
            kind = type(failed).__name__
            log.warning("topics.not_done: %s", kind)
            self._pause = min(2.0**self._failures, MAX_BACKOFF)
            self._failures += 1
            return lambda session: _give_back(session, job, kind)
        self._failures = 0
        return lambda session: _done(session, job, result)

    async def _call(self, job: Job) -> int | None:
        """Do it; the number of what was made, where something was."""
        bot, chat, thread = self._bot, job.chat, job.thread
        if job.kind == "create":
            return (await bot.create_forum_topic(chat, job.title, icon_color=job.colour)).message_thread_id
        if job.kind == "notice":
            return (await bot.send_message(chat, job.text, link_preview_options=_NO_PREVIEW)).message_id
        assert thread is not None, "only a topic that is there is worked on"
        if job.kind == "rename":
            await bot.edit_forum_topic(chat, thread, name=job.title)
        elif job.kind == "reopen":
            await bot.reopen_forum_topic(chat, thread)
        elif job.kind == "close":
            await bot.close_forum_topic(chat, thread)
        elif job.kind == "delete":
            await bot.delete_forum_topic(chat, thread)
        elif job.kind == "status":
            return await self._status(job, thread)
        else:
            return (await self._post(job, thread)).message_id
        return None

    async def _status(self, job: Job, thread: int) -> int:
        button = InlineKeyboardButton(self._group.words("claim"), callback_data=f"{CLAIM}{job.claim}")
        keyboard = InlineKeyboardMarkup([[button]]) if job.claim else None
        if job.post is not None:
            await self._bot.edit_message_text(job.text, job.chat, job.post, reply_markup=keyboard)
            return job.post
        sent = await self._bot.send_message(job.chat, job.text, message_thread_id=thread, reply_markup=keyboard)
        try:
            await self._bot.pin_chat_message(job.chat, sent.message_id, disable_notification=True)
        except TelegramError as error:  # it stands there all the same
            log.info("topics.not_pinned: %s", type(error).__name__)
        return sent.message_id

    async def _post(self, job: Job, thread: int) -> Message:
        piece, options = job.piece, dict[str, Any](message_thread_id=thread)
        if piece.get("reply"):
            options["reply_parameters"] = ReplyParameters(piece["reply"], allow_sending_without_reply=True)
        path = attachments.path(piece["file"]) if piece.get("file") else None
        if path is None or not path.exists():
            text = piece["text"] or self._group.words("topic_file_gone", name=piece.get("name", ""))
            return await self._bot.send_message(job.chat, text, link_preview_options=_NO_PREVIEW, **options)
        data, caption = await asyncio.to_thread(path.read_bytes), piece["text"] or None
        if piece["type"] in ("image/jpeg", "image/png", "image/webp"):
            return await self._bot.send_photo(job.chat, data, caption=caption, filename=piece["name"], **options)
        return await self._bot.send_document(job.chat, data, caption=caption, filename=piece["name"], **options)

    async def _surely(self, settle: Settle) -> None:
        """Write the outcome down even when the database is away for a while: else it would be done twice."""
        while True:
            try:
                return await self._database.run(settle)
            except SQLAlchemyError:
                log.exception("topics.outcome_not_written")
                await asyncio.sleep(1)


def _done(session: Session, job: Job, result: int | None) -> None:
    topic = _topic(session, job)
    if topic is None:
        return
    topic.attempts, topic.error, topic.next_at = 0, None, utcnow()
    if job.kind == "create":
        topic.thread_id, topic.title, topic.is_open = result, job.title, True
    elif job.kind == "rename":
        topic.title = job.title
    elif job.kind in ("reopen", "close"):
        topic.is_open = job.kind == "reopen"
    elif job.kind == "delete":
        forget(session, topic)
    elif job.kind == "notice":
        topic.handoff_id = job.handoff
    elif job.kind == "status":
        topic.status, topic.status_post = job.text, result
    else:
        _posted(session, topic, job, result)


def _posted(session: Session, topic: Topic, job: Job, post: int | None) -> None:
    topic.posting = topic.posting[1:]
    message = job.piece.get("message")
    if message and post is not None:
        session.add(TopicPost(conversation_id=topic.conversation_id, message_id=message, post=post))


def _give_back(session: Session, job: Job, why: str) -> None:
    """Nothing happened: the same again, as soon as Telegram lets us."""
    topic = _topic(session, job)
    if topic is not None:
        topic.next_at, topic.error = utcnow(), why


def _refused(session: Session, job: Job, why: str) -> None:
    """Telegram does not want it so: the same again would be refused again."""
    topic, reason = _topic(session, job), why.lower()
    if topic is None:
        return
    if "not modified" in reason or "not_modified" in reason:
        _done(session, job, job.post)
    elif any(sign in reason for sign in _GONE):  # somebody deleted it by hand
        forget(session, topic)
        topic.next_at = utcnow()
    elif job.kind == "post":
        log.error("topics.post_refused: %s", why, extra={"conversation": job.conversation})
        first = dict(job.piece)
        # A picture that Telegram cannot show is sent as a file; what is not taken at all is at the desk.
        again = [{**first, "type": "file"}] if first.get("type", "file") != "file" else []
        topic.posting = [*again, *topic.posting[1:]]
        topic.next_at = utcnow()
    elif job.kind == "status" and job.post is not None:
        topic.status_post, topic.next_at = None, utcnow()  # the line is gone: a new one
    else:
        log.error("topics.refused: %s: %s; see erstkontakt doctor", job.kind, why)
        topic.error, topic.next_at = why[:200], utcnow() + min(dt.timedelta(seconds=2.0**job.attempts), MAX_REFUSED)


def _topic(session: Session, job: Job) -> Topic | None:
    return session.get(Topic, job.conversation, with_for_update=True)  # type: ignore[no-any-return]

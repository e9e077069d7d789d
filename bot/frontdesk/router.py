"""Who answers a customer's message: the bot, the people who hold the conversation, or nobody yet.

Each conversation has at most one task that works through its unanswered messages in order. Answers are written in
one transaction with the mark "answered", after looking at the holder again: a person who claimed meanwhile wins.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import texts
from bot.config import Settings
from bot.database import Database, utcnow
from bot.frontdesk import copies, handoff, messages, nobody_there, privacy, retelling
from bot.frontdesk.hub import Hub
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Message
from bot.frontdesk.rasa import Dialogue, DialogueDown, Turn, as_typed

log = logging.getLogger(__name__)

MAX_RETRY_DELAY = 60.0
"""Seconds between tries once the dialogue has been down for long."""


@dataclass(frozen=True)
class Pending:
    """A customer's message that waits for an answer, with what is needed to ask the dialogue."""

    id: str
    text: str
    tries: int
    about: dict[str, Any]
    untold: list[dict[str, Any]]  # what people said and agreed meanwhile: the dialogue hears it first


class Router:
    def __init__(self, database: Database, dialogue: Dialogue, hub: Hub, settings: Settings) -> None:
        self._database, self._dialogue, self._hub, self._settings = database, dialogue, hub, settings
        self._working: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._later: set[asyncio.Task[None]] = set()

    def wake(self, conversation_id: str) -> None:
        """There is something to answer: start working, or look again when the current turn is done."""
        if conversation_id in self._working:
            self._again.add(conversation_id)
            return
        task = asyncio.get_running_loop().create_task(self._work(conversation_id))
        self._working[conversation_id] = task
        task.add_done_callback(lambda done: self._finished(conversation_id, done))

    async def resume(self) -> None:
        """At start: go on with every message that was not answered before we stopped."""
        for conversation_id in await self._database.run(_waiting_conversations):
            self.wake(conversation_id)

    async def stop(self) -> None:
        """Let current turns end; what is not answered stays in the log for the next start."""
        for task in list(self._later):
            task.cancel()
        if self._working:
            await asyncio.wait(list(self._working.values()), timeout=self._settings.rasa_timeout)

    def _finished(self, conversation_id: str, task: asyncio.Task[None]) -> None:
        self._working.pop(conversation_id, None)
        if not task.cancelled() and task.exception() is not None:
            log.error("router.failed", exc_info=task.exception(), extra={"conversation": conversation_id})
            self._retry(conversation_id, self._settings.retry_delay)
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.wake(conversation_id)

    async def _work(self, conversation_id: str) -> None:
        while (pending := await self._database.run(_next, conversation_id)) is not None:
            self._hub.tell(conversation_id)
            self._hub.typing[conversation_id] = "bot"
            try:
                for story in pending.untold:
                    await self._dialogue.retell(conversation_id, story)
                    await self._database.run(retelling.told, story["handoff"])
                turn = await self._dialogue.turn(conversation_id, pending.id, pending.text, **pending.about)
            except DialogueDown as down:
                log.warning("dialogue.down: %s", down, extra={"conversation": conversation_id})
                await self._database.run(_not_now, conversation_id, pending.id)
                delay = min(self._settings.retry_delay * 2**pending.tries, MAX_RETRY_DELAY)
                self._retry(conversation_id, delay)
                return
            finally:
                self._hub.typing.pop(conversation_id, None)
                self._hub.tell(conversation_id)
            await self._database.run(_answer, conversation_id, pending.id, turn, self._settings)
            if turn.privacy == "erase":
                # That it is wanted is on record: if this fails, the watch does it (privacy.expire).
                await asyncio.to_thread(
                    privacy.erase, self._database, self._settings, conversation_id, utcnow(), who="customer"
                )
            self._hub.tell(conversation_id)
        self._hub.tell(conversation_id)

    def _retry(self, conversation_id: str, delay: float) -> None:
        async def later() -> None:
            await asyncio.sleep(delay)
            self.wake(conversation_id)

        task = asyncio.get_running_loop().create_task(later())
        self._later.add(task)
        task.add_done_callback(self._later.discard)


def _waiting_conversations(session: Session) -> list[str]:
    return list(session.scalars(select(Message.conversation_id).where(Message.state == "new").distinct()))


def _next(session: Session, conversation_id: str) -> Pending | None:
    """The oldest unanswered message that is the bot's to answer; people's messages are marked as held.

    The bot answers where it holds the conversation, and what it can where nobody is there to take it from the queue.
    """
    conversation = messages.locked(session, conversation_id)
    waiting = list(
        session.scalars(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.state == "new")
            .order_by(Message.seq)
        )
    )
    if not waiting:
        return None
    if nobody_there.people_have_it(session, conversation):
        for message in waiting:
            message.state = "held"
        if conversation.holder == "queue":
            _received_in_queue(session, conversation)
        return None
    while waiting and not waiting[0].text:  # a photo without words: nothing to understand
        waiting[0].state = "answered"
        messages.append(session, conversation, Reply("bot", texts.text("utter_photo_received", conversation.language)))
        waiting.pop(0)
    if not waiting:
        return None
    first: Message = waiting[0]
    about = {"channel": conversation.channel, "language": conversation.language, "attachments": len(first.attachments)}
    if conversation.holder == "queue":
        about["waiting"] = True
    untold = retelling.untold(session, conversation_id)
    return Pending(first.id, first.payload or as_typed(first.text), first.tries, about, untold)


def _received_in_queue(session: Session, conversation: Conversation) -> None:
    """Say once per wait that a message written while waiting has arrived."""
    waiting = handoff.active(session, conversation.id)
    sentence = texts.text("utter_still_in_queue", conversation.language)
    since = waiting.queued_at if waiting is not None else conversation.created_at
    told = session.scalars(
        select(Message.id).where(
            Message.conversation_id == conversation.id,
            Message.author == "system",
            Message.text == sentence,
            Message.at >= since,
        )
    ).first()
    if told is None:
        messages.append(session, conversation, Reply("system", sentence))


def _not_now(session: Session, conversation_id: str, message_id: str) -> None:
    """The dialogue is down: say so honestly, once, and keep the message."""
    conversation = messages.locked(session, conversation_id)
    message = session.get(Message, message_id)
    message.tries += 1
    if not conversation.trouble_told:
        conversation.trouble_told = True
        sentence = texts.text("utter_answer_later", conversation.language)
        messages.append(session, conversation, Reply("system", sentence))


def _answer(session: Session, conversation_id: str, message_id: str, turn: Turn, settings: Settings) -> None:
    """Write the answers, unless a person has taken over since; then the message is theirs."""
    conversation = messages.locked(session, conversation_id)
    message = session.get(Message, message_id, populate_existing=True)
    if message.state != "new":
        return
    message.understood = turn.understood or None
    if nobody_there.people_have_it(session, conversation):
        message.state = "held"
        return
    message.state = "answered"
    conversation.trouble_told = False
    if turn.language in texts.LANGUAGES:
        conversation.language = turn.language
    replies = [Reply("bot", r["text"], tuple(r["buttons"])) for r in turn.replies]
    for reply in _with_disclosure(conversation, replies, urgent=(turn.handoff or {}).get("severity", 0) >= 4):
        messages.append(session, conversation, reply)
    if turn.privacy == "export":
        copies.hand_out(session, conversation, settings)
    if turn.handoff is not None:
        handoff.hand_over(session, conversation, since=message.at, **turn.handoff)
    elif turn.close and conversation.holder == "queue":
        handoff.settled_by_customer(session, conversation, "settled")
    elif turn.close:
        conversation.holder = "nobody"


def _with_disclosure(conversation: Conversation, replies: list[Reply], *, urgent: bool) -> list[Reply]:
    """The first reply in a language says that this is an AI and how to reach a person (EU AI Act Art. 50).

    It stands here and not in the dialogue: whatever the model says, it is never forgotten. Danger comes before it.
    """
    language = conversation.language
    if language in conversation.disclosed:
        return replies
    conversation.disclosed = [*conversation.disclosed, language]
    notice = Reply("bot", texts.text("utter_disclosure", language))
    return [*replies, notice] if urgent else [notice, *replies]

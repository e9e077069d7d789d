"""News without reloading: server-sent events for the queue and for one conversation.

A stream looks again whenever the hub tells of a change, at least every three seconds. It ends when its user logs out,
is deactivated or may no longer see the conversation.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from bot.database import utcnow
from bot.desk import counts, sessions, spoken, summary
from bot.desk.briefing import Briefing, briefing
from bot.desk.context import WRITERS
from bot.desk.guard import Refused, Visit
from bot.desk.lists import Queue, Waiting
from bot.desk.pages import queue_rows, seen_conversation
from bot.desk.view import fragment
from bot.desk.wording import Words
from bot.frontdesk import messages
from bot.frontdesk.hub import EVERYTHING
from bot.frontdesk.model import Message

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that proxies keep the connection."""

QUEUE_EVERY = 2.0
"""Seconds between two looks at the queue: with many conversations something changes all the time."""

LOOK_AGAIN = 3.0
"""Seconds after which a stream looks without news: for what has no news, as a log-in that was ended."""

_LOOK_BACK = dt.timedelta(minutes=1)  # edits made while a page was loading or reconnecting


Seen = tuple[tuple[Any, ...], tuple[Any, ...]]
"""What a page shows of the case and of the handoff: see summary.fingerprint."""


@dataclass(frozen=True)
class _News:
    """What changed in a conversation since the last look."""

    messages: list[Message]
    standing: summary.Standing
    fingerprint: Seen
    briefing: Briefing | None
    case: dict[str, Any] | None
    counts: counts.Counts
    spoken: str


def event(name: str, data: dict[str, Any], number: int | None = None) -> str:
    """One server-sent event; `number` comes back as Last-Event-ID after a broken connection."""
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def queue_events(visit: Visit) -> Response:
    """The queue and my conversations as HTML, whenever they change."""
    return stream(_queue(visit))


async def conversation_events(visit: Visit) -> Response:
    """Messages after `after` (or the Last-Event-ID) as HTML, and where the conversation stands."""
    conversation_id = visit.request.path_params["id"]
    await visit.run(seen_conversation, visit.user, conversation_id)
    given = visit.request.headers.get("last-event-id") or visit.request.query_params.get("after", "0")
    if not (given.isdecimal() and len(given) < 10):
        raise Refused(400, "error_form")
    return stream(_conversation(visit, conversation_id, int(given)))


def stream(events: AsyncIterator[str]) -> Response:
    """An endless answer that no cache and no proxy holds back."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _queue(visit: Visit) -> AsyncIterator[str]:
    shown, last = "", 0.0
    counted: Any = None
    clock = asyncio.get_running_loop().time
    with visit.desk.hub.listen(EVERYTHING) as listener:
        while True:
            looked = clock()
            rows = await visit.look(_look_at_queue, visit)
            if rows is None:
                yield event("gone", {})
                return
            queue, mine, numbers = rows
            if numbers != counted:
                yield event("counts", dict(numbers))
                counted = numbers
            html = fragment(
                "queue_lists.html",
                visit.words,
                queue=queue,
                mine=mine,
                now=utcnow(),
                csrf=visit.csrf,
                writer=visit.user.role in WRITERS,
            )
            if html != shown:
                data = {"html": html, "waiting": [row.conversation for row in queue.rows], "total": queue.total}
                data["due"] = [row.conversation for row in mine if row.answer_due]
                yield event("queue", data)
                shown, last = html, clock()
            elif clock() - last > HEARTBEAT:
                yield ": still here\n\n"
                last = clock()
            await listener.news(LOOK_AGAIN)
            # Not all at the same moment: twenty open desks that draw at once hold up what customers write.
            await asyncio.sleep(max(0.0, looked + QUEUE_EVERY * random.uniform(0.7, 1.3) - clock()))


async def _conversation(visit: Visit, conversation_id: str, after: int) -> AsyncIterator[str]:
    wanted = visit.request.query_params.get("case", "")
    shown: Any = None
    fingerprint: Seen | None = None
    edits_since = utcnow() - _LOOK_BACK
    counted: Any = None
    last, clock = 0.0, asyncio.get_running_loop().time
    hub, presence = visit.desk.hub, visit.desk.presence
    with presence.looking(conversation_id, visit.user.name), hub.listen(conversation_id) as listener:
        while True:
            looked_at = utcnow()
            news = await visit.look(
                _look_at_conversation, visit, conversation_id, after, edits_since, fingerprint, wanted
            )
            if news is None:
                yield event("gone", {})
                return
            typing = "customer" if hub.customer_is_typing(conversation_id) else hub.typing.get(conversation_id, "")
            others = tuple(presence.others(conversation_id, visit.user.name))
            if news.messages:
                after = max(after, *(message.seq for message in news.messages))
                last = clock()
                yield event("messages", {"messages": [_message(visit, message) for message in news.messages]}, after)
            if news.counts != counted:
                yield event("counts", news.counts)
                counted = news.counts
            if (now := (news.standing, typing, news.spoken, others)) != shown or news.fingerprint != fingerprint:
                yield event("state", _state(visit, news, typing, others, fingerprint))
                shown, fingerprint, last = now, news.fingerprint, clock()
            elif clock() - last > HEARTBEAT:
                yield ": still here\n\n"
                last = clock()
            edits_since = looked_at
            await listener.news(LOOK_AGAIN)


def _look_at_queue(session: Session, visit: Visit) -> tuple[Queue, list[Waiting], counts.Counts] | None:
    signed = sessions.find(session, visit.token_hash, touch=False)
    if signed is None:
        return None
    return (*queue_rows(session, signed.user, visit.request.query_params), counts.of(session, signed.user))


def _look_at_conversation(
    session: Session,
    visit: Visit,
    conversation_id: str,
    after: int,
    edits_since: dt.datetime,
    fingerprint: Seen | None,
    wanted: str,
) -> _News | None:
    signed = sessions.find(session, visit.token_hash, touch=False)
    if signed is None:
        return None
    try:
        talk = seen_conversation(session, signed.user, conversation_id)
    except Refused:
        return None
    found = messages.history(session, conversation_id, after, internal=True)
    changed = summary.edited(session, conversation_id, edits_since, after)
    now = summary.fingerprint(session, conversation_id)
    case, told = None, None
    if now != fingerprint:
        case = summary.summary(session, conversation_id, visit.words, wanted)
        told = briefing(session, conversation_id, visit.words, wanted)
    standing = summary.standing(session, signed.user, talk)
    return _News(
        changed + found,
        standing,
        now,
        told,
        case,
        counts.of(session, signed.user),
        spoken.language_of(session, talk),
    )


def _message(visit: Visit, message: Message) -> dict[str, Any]:
    html = fragment("message.html", visit.words, message=message)
    return {"seq": message.seq, "author": message.author, "html": html}


def _state(visit: Visit, news: _News, typing: str, others: tuple[str, ...], fingerprint: Seen | None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "may": news.standing.may(),
        "standing": fragment("standing.html", visit.words, standing=news.standing, now=utcnow()),
        "typing": _typing(visit, news.standing, typing),
        "others": visit.words("also_here", names=", ".join(others)) if others else "",
        "spoken": {"language": news.spoken, "said": _spoken(visit.words, news.spoken)},
    }
    if news.fingerprint != fingerprint:
        data["briefing"] = fragment("briefing.html", visit.words, briefing=news.briefing)
    if fingerprint is None or news.fingerprint[0] != fingerprint[0]:  # what is open or marked there stays
        data["case"] = fragment("summary.html", visit.words, case=news.case, briefing=news.briefing)
    return data


def _spoken(words: Words, language: str) -> str:
    return words("customer_writes", language=words.name("language", language))


def _typing(visit: Visit, standing: summary.Standing, typing: str) -> str:
    """Who is writing; nobody needs to read that of themselves."""
    if not typing or (typing == "staff" and standing.mine):
        return ""
    return visit.words(f"typing_{typing}", name=standing.holder_name)

"""Notifications on open pages of the desk, also in a tab that nobody looks at, and the list of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.database import utcnow
from bot.desk import sessions
from bot.desk.context import PREFIX
from bot.desk.guard import Visit
from bot.desk.live import HEARTBEAT, event, stream
from bot.desk.notices import due, wording
from bot.desk.wording import Words
from bot.frontdesk import absence
from bot.frontdesk.hub import LOOK_AGAIN, NOTICES
from bot.frontdesk.model import User
from bot.frontdesk.notifications.model import PERSONAL, Notice, NoticeDelivery
from bot.policies import current_policy

COUNT_AGAIN = 20.0
"""Seconds after which it is counted again what still has to be looked at, though nothing new came."""

MOST = 50
"""Notices in the list."""


@dataclass(frozen=True)
class _Look:
    letters: list[due.Letter]
    unseen: int
    newest: tuple[int, int]


async def events(visit: Visit) -> Response:
    """What is new for this user, and how much there is to look at. One page of a browser listens for all its pages."""
    return stream(_events(visit))


async def shown(visit: Visit) -> Response:
    """The browser has shown them (field `deliveries`), or `conversation` is on the screen right now."""
    numbers = [int(number) for number in visit.fields.get("deliveries", "").split(",") if number.isdecimal()]
    await visit.run(_shown, visit.user, numbers[: due.AT_ONCE], visit.fields.get("conversation", ""))
    return visit.done(f"{PREFIX}/notices")


async def listed(visit: Visit) -> Response:
    """The last notifications, those that still have to be looked at marked."""
    found = await visit.run(_listed, visit.user, visit.words)
    return visit.page("notices.html", here="notices", notices=found)


async def read_all(visit: Visit) -> Response:
    """Everything was looked at."""
    await visit.run(_read_all, visit.user)
    return visit.done(f"{PREFIX}/notices")


async def _events(visit: Visit) -> AsyncIterator[str]:
    clock = asyncio.get_running_loop().time
    said, counted, last = -1, -COUNT_AGAIN, clock()
    known: tuple[int, int] | None = None
    while True:
        again = known if clock() - counted < COUNT_AGAIN else None
        look = await visit.run(_look, visit, again, said)
        if look is None:
            yield event("gone", {})
            return
        if look.newest != again:
            known, counted = look.newest, clock()
        if look.letters or look.unseen != said:
            said, last = look.unseen, clock()
            yield event("notices", _news(visit, look))
        elif clock() - last > HEARTBEAT:
            yield ": still here\n\n"
            last = clock()
        await visit.desk.hub.news(NOTICES, LOOK_AGAIN)


def _look(session: Session, visit: Visit, known: tuple[int, int] | None, unseen: int) -> _Look | None:
    """What is due in the browser. What is unseen is counted again only where something changed since `known`."""
    signed = sessions.find(session, visit.token_hash, touch=False)
    if signed is None:
        return None
    now, user = utcnow(), signed.user
    absence.seen(user, now)  # this stream runs while any page of the desk is open
    letters = due.take(session, "browser", now, current_policy().hours.zone, user=user)
    newest = session.execute(
        select(func.coalesce(func.max(Notice.id), 0), func.count()).where(
            Notice.user_id == user.id, Notice.kind.in_(PERSONAL), Notice.seen_at.is_(None)
        )
    ).one()
    if tuple(newest) != known:
        unseen = len(due.unseen(session, user, now))
    return _Look(letters, unseen, (int(newest[0]), int(newest[1])))


def _news(visit: Visit, look: _Look) -> dict[str, Any]:
    notices = [notice for letter in look.letters for notice in letter.notices]
    return {
        "unseen": look.unseen,
        "label": visit.words("notices_label", n=look.unseen),
        "deliveries": [number for letter in look.letters for number in letter.deliveries],
        "together": wording.subject(visit.words, notices) if notices else "",
        "notices": [
            {
                "id": notice.id,
                "kind": notice.kind,
                "severity": notice.severity,
                "conversation": notice.conversation_id,
                "text": wording.line(visit.words, notice),
                "address": wording.address(notice),
            }
            for notice in notices
        ],
    }


def _shown(session: Session, user: User, numbers: list[int], conversation_id: str) -> None:
    mine = select(NoticeDelivery.id).where(
        NoticeDelivery.id.in_(numbers), NoticeDelivery.user_id == user.id, NoticeDelivery.done_at.is_(None)
    )
    due.sent(session, list(session.scalars(mine)), utcnow())
    if conversation_id:
        due.seen(session, user, conversation_id, utcnow())


def _listed(session: Session, user: User, words: Words) -> list[dict[str, Any]]:
    now = utcnow()
    waiting = {notice.id for notice in due.unseen(session, user, now)}
    latest = select(Notice).where(Notice.user_id == user.id, Notice.at > now - due.LISTED)
    found = session.scalars(latest.order_by(Notice.id.desc()).limit(MOST))
    return [{"notice": notice, "text": wording.line(words, notice), "unseen": notice.id in waiting} for notice in found]


def _read_all(session: Session, user: User) -> None:
    mine = update(Notice).where(Notice.user_id == user.id, Notice.seen_at.is_(None))
    session.execute(mine.values(seen_at=utcnow()).execution_options(synchronize_session=False))

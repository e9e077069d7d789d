"""What still matters to whom, and what is due to go out now.

Whether a notice still matters is read from the conversation as it is, not kept: somebody claimed it, it was answered,
it became confidential. So nobody is called to what is long done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.cases.model import Promise
from bot.desk.access import may_see
from bot.desk.notices.quiet import BREAKS_THROUGH, quiet_until
from bot.frontdesk.model import Handoff, Message, User
from bot.frontdesk.notifications.model import PERSONAL, Notice, NoticeDelivery, NoticeSettings

LEASE = {"browser": dt.timedelta(seconds=15), "email": dt.timedelta(minutes=2), "telegram": dt.timedelta(minutes=2)}
"""How long one sending may take before somebody else may try."""

TOO_LATE = dt.timedelta(hours=24)
"""After that nobody is told any more; the list at the desk still has it."""

GAP = dt.timedelta(minutes=5)
"""Between two e-mails to the same person, unless there is danger: what comes meanwhile goes out in one."""

LISTED = dt.timedelta(days=14)
"""How long a notice stands in the list at the desk."""

AT_ONCE = 200


@dataclass(frozen=True)
class Letter:
    """What goes to one person by one way now: everything that is due, in one message."""

    to: str
    language: str
    notices: tuple[Notice, ...]
    deliveries: tuple[int, ...]
    attempts: int


def take(session: Session, channel: str, now: dt.datetime, zone: ZoneInfo, *, user: User | None = None) -> list[Letter]:
    """The letters that are due by `channel` (to `user` only); nobody else gets them until :data:`LEASE` is over.

    Deliveries that need no sending any more are closed; those in somebody's quiet hours wait for their end.
    """
    due = [NoticeDelivery.channel == channel, NoticeDelivery.done_at.is_(None), NoticeDelivery.next_at <= now]
    due += [NoticeDelivery.user_id == user.id] if user is not None else []
    rows = session.execute(
        select(NoticeDelivery, Notice)
        .join(Notice, Notice.id == NoticeDelivery.notice_id)
        .where(*due)
        .order_by(NoticeDelivery.user_id, NoticeDelivery.id)
        .limit(AT_ONCE)
        .with_for_update(of=NoticeDelivery, skip_locked=True)
    ).all()
    letters = []
    for user_id, group in groupby(rows, key=lambda row: row[0].user_id):
        letter = _letter(session, session.get(User, user_id), channel, list(group), now, zone)
        if letter is not None:
            letters.append(letter)
    return letters


def mattering(session: Session, user: User, notices: Iterable[Notice]) -> list[Notice]:
    """Those of a user's notices that are still worth being told."""
    return [notice for notice in notices if notice.seen_at is None and _matters(session, user, notice)]


def unseen(session: Session, user: User, now: dt.datetime) -> list[Notice]:
    """What this user should still look at, the newest first. Who waits in the queue is not among it: the queue shows
    it better."""
    mine = select(Notice).where(
        Notice.user_id == user.id,
        Notice.seen_at.is_(None),
        Notice.kind.in_(PERSONAL),
        Notice.at > now - LISTED,
    )
    return mattering(session, user, session.scalars(mine.order_by(Notice.id.desc()).limit(AT_ONCE)))


def seen(session: Session, user: User, conversation_id: str, now: dt.datetime) -> None:
    """This user has looked at the conversation: what was to be told about it, they know."""
    mine = update(Notice).where(
        Notice.user_id == user.id, Notice.conversation_id == conversation_id, Notice.seen_at.is_(None)
    )
    session.execute(mine.values(seen_at=now).execution_options(synchronize_session=False))


def sent(session: Session, deliveries: Sequence[int], now: dt.datetime) -> None:
    """They have arrived."""
    _settle(session, deliveries, done_at=now, error=None)


def given_up(session: Session, deliveries: Sequence[int], now: dt.datetime, why: str) -> None:
    """No later try can succeed."""
    _settle(session, deliveries, done_at=now, error=why[:120])


def later(session: Session, deliveries: Sequence[int], when: dt.datetime, why: str) -> None:
    """To be tried again."""
    _settle(session, deliveries, next_at=when, error=why[:120])


def quiet_for(session: Session, user: User, now: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """The end of this user's quiet hours, if it is quiet now."""
    wish = session.get(NoticeSettings, user.id)
    return quiet_until(wish.quiet_from, wish.quiet_until, now, zone) if wish is not None else None


def _letter(
    session: Session,
    user: User,
    channel: str,
    rows: list[tuple[NoticeDelivery, Notice]],
    now: dt.datetime,
    zone: ZoneInfo,
) -> Letter | None:
    to = _address(session, user, channel)
    mine = {notice.id for notice in mattering(session, user, [notice for _row, notice in rows])}
    quiet, gap = quiet_for(session, user, now, zone), _gap(session, user, channel, now)
    going: list[tuple[NoticeDelivery, Notice]] = []
    for row, notice in rows:
        grave = notice.severity >= BREAKS_THROUGH
        if to is None or notice.id not in mine or now - notice.at >= TOO_LATE:
            row.done_at = now
            row.error = "nowhere to send it" if to is None else "settled" if notice.id not in mine else "too late"
        elif quiet is not None and not grave:
            row.next_at = quiet
        elif gap is not None and not grave:
            row.next_at = gap
        else:
            row.next_at, row.attempts = now + LEASE[channel], row.attempts + 1
            going.append((row, notice))
    if to is None or not going:
        return None
    worst_first = sorted((notice for _row, notice in going), key=lambda notice: (-notice.severity, notice.id))
    attempts = max(row.attempts for row, _notice in going)
    return Letter(to, user.language, tuple(worst_first), tuple(row.id for row, _notice in going), attempts)


def _address(session: Session, user: User, channel: str) -> str | None:
    if not user.active:
        return None
    if channel == "browser":
        return user.name  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped
    if channel == "telegram":
        return str(user.telegram_id) if user.telegram_id is not None else None
    wish = session.get(NoticeSettings, user.id)
    return wish.email if wish is not None else None


def _gap(session: Session, user: User, channel: str, now: dt.datetime) -> dt.datetime | None:
    """When the next e-mail may go to this person; None where it may go now."""
    if channel != "email":
        return None
    done = select(func.max(NoticeDelivery.done_at)).where(
        NoticeDelivery.user_id == user.id, NoticeDelivery.channel == channel, NoticeDelivery.error.is_(None)
    )
    last = session.execute(done).scalar_one()
    return last + GAP if last is not None and last + GAP > now else None


def _matters(session: Session, user: User, notice: Notice) -> bool:
    active = select(Handoff.id, Handoff.claimed_by).where(
        Handoff.conversation_id == notice.conversation_id, Handoff.ended_at.is_(None)
    )
    handoff = session.execute(active).first()
    holder = handoff.claimed_by if handoff is not None else None
    if notice.kind in ("new", "danger"):
        still = handoff is not None and holder is None
    elif notice.kind in ("assigned", "reply", "woken"):
        still = holder == user.id and (notice.kind != "reply" or not _answered(session, notice))
    elif notice.kind == "promise_due":
        still = holder in (None, user.id) and _is_open(session, notice.key.partition(":")[2])
    elif notice.kind == "promise_broken":
        still = holder in (None, user.id)
    else:
        still = True
    return still and may_see(session, user, notice.conversation_id)


def _answered(session: Session, notice: Notice) -> bool:
    """Whether a person has written to the customer since."""
    answer = select(Message.id).where(
        Message.conversation_id == notice.conversation_id,
        Message.author == "staff",
        Message.internal.is_(False),
        Message.at > notice.at,
    )
    return session.execute(answer.limit(1)).first() is not None


def _is_open(session: Session, promise_id: str) -> bool:
    return session.scalars(select(Promise.state).where(Promise.id == promise_id)).first() == "open"


def _settle(session: Session, deliveries: Sequence[int], **values: object) -> None:
    rows = update(NoticeDelivery).where(NoticeDelivery.id.in_(deliveries))
    session.execute(rows.values(**values).execution_options(synchronize_session=False))

"""Writing down who should hear of what, in the transaction in which it happened: neither is ever there alone.

Nothing is sent here. Whether it still matters, may be seen and is not in somebody's quiet hours is looked at when it
goes out.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from bot.cases import store
from bot.database import utcnow
from bot.frontdesk.model import LEADS, WRITERS, Conversation, Handoff, HandoffEvent, Message, User
from bot.frontdesk.notifications.model import CHANNELS, KINDS, Notice, NoticeDelivery, NoticeSettings

AWAY = dt.timedelta(minutes=2)
"""A customer's answer goes out by e-mail and Telegram when it was not answered for so long."""

KEPT = dt.timedelta(days=90)


def notify(
    session: Session,
    user: User,
    kind: str,
    conversation_id: str,
    *,
    by: str | None = None,
    key: str | None = None,
    now: dt.datetime | None = None,
) -> Notice | None:
    """Tell one member of staff of something in a conversation, by the ways that they chose.

    `kind` is one of :data:`KINDS`; `by` the name of the colleague who did it. The same `key` is told to a person once.
    Returns None when there is nothing to tell: nobody works with this account any more, or it was told before.
    """
    if kind not in KINDS:
        raise ValueError(f"there is no notification {kind!r}: choose one of {', '.join(KINDS)}")
    written = _write(session, [user], kind, conversation_id, key or secrets.token_hex(12), by=by, now=now)
    return session.get(Notice, written[0]) if written else None  # type: ignore[no-any-return]


def queued(session: Session, handoff: Handoff, *, but: User | None = None) -> None:
    """Somebody waits for a person: everybody who may take it hears of it, `but` for whoever put it there.

    Called again for the same wait it tells only what is worse: that it has become dangerous.
    """
    kind = "danger" if handoff.severity >= 4 else "new"
    waits = select(func.count()).select_from(HandoffEvent).where(HandoffEvent.handoff_id == handoff.id)
    wait = session.execute(waits.where(HandoffEvent.what != "again")).scalar_one()
    others = [user for user in takers(session, handoff) if but is None or user.id != but.id]
    _write(session, others, kind, handoff.conversation_id, f"{kind}:{handoff.id}:{wait}")


def replied(session: Session, conversation: Conversation, seq: int) -> None:
    """A customer wrote message `seq` to a person: whoever holds the conversation hears of it once per answer given."""
    holder = holder_of(session, conversation.id)
    if holder is None:
        return
    answers = select(func.max(Message.seq)).where(
        Message.conversation_id == conversation.id,
        Message.author == "staff",
        Message.internal.is_(False),
        Message.seq < seq,
    )
    answered = session.execute(answers).scalar_one() or 0
    notify(session, holder, "reply", conversation.id, key=f"reply:{conversation.id}:{answered}")


def woken(session: Session, handoff: Handoff) -> None:
    """What its holder put aside until a time is due again."""
    holder = session.get(User, handoff.claimed_by)
    if holder is not None:
        notify(
            session, holder, "woken", handoff.conversation_id, key=f"woken:{handoff.id}:{handoff.state_at.isoformat()}"
        )


def promised(session: Session, kind: str, conversation: Conversation, promise_id: str) -> None:
    """A promise is due soon or broken: whoever holds the conversation hears of it, else everybody who may take it."""
    holder = holder_of(session, conversation.id)
    handoff = _latest(session, conversation.id)
    people = [holder] if holder is not None else takers(session, handoff)
    _write(session, people, kind, conversation.id, f"{kind}:{promise_id}")


def takers(session: Session, handoff: Handoff | None) -> list[User]:
    """Everybody in whose queue a handoff is: of its team, leads where it was passed up, chosen people where it is
    confidential. Without a handoff, or where nobody is left of the team: whoever takes conversations."""
    statement = select(User).where(User.active.is_(True), User.role.in_(WRITERS))
    if handoff is not None and handoff.queue == "confidential":
        statement = statement.where(User.confidential.is_(True))
    if handoff is not None and handoff.escalated_at is not None:
        statement = statement.where(User.role.in_(LEADS))
    found = list(session.scalars(statement.order_by(User.id)))
    team = [user for user in found if handoff is not None and handoff.team and user.team == handoff.team]
    return team or found


def holder_of(session: Session, conversation_id: str) -> User | None:
    """The person who holds a conversation now."""
    held = select(Handoff.claimed_by).where(
        Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None), Handoff.claimed_by.is_not(None)
    )
    user_id = session.scalars(held).first()
    return session.get(User, user_id) if user_id is not None else None


def forget(session: Session, now: dt.datetime) -> None:
    """Take out what is so old that nobody looks at it any more."""
    old = select(Notice.id).where(Notice.at < now - KEPT)
    bulk = {"synchronize_session": False}
    session.execute(delete(NoticeDelivery).where(NoticeDelivery.notice_id.in_(old)).execution_options(**bulk))
    session.execute(delete(Notice).where(Notice.at < now - KEPT).execution_options(**bulk))


def _write(
    session: Session,
    people: Sequence[User],
    kind: str,
    conversation_id: str,
    key: str,
    *,
    by: str | None = None,
    now: dt.datetime | None = None,
) -> list[int]:
    """The notices of all these people and their deliveries, in few statements: the conversation is locked meanwhile.

    Returns the ids of the notices; who was told with this key before, or works here no more, gets none.
    """
    now, key = now or utcnow(), key[:100]
    ids = [user.id for user in people]
    same = select(Notice.user_id, Notice.id).where(Notice.key == key, Notice.user_id.in_(ids))
    told = set(session.scalars(same))
    new = {user.id: user for user in people if user.active and user.id not in told}
    if not new:
        return []
    case_number, severity = _about(session, conversation_id)
    about = {"kind": kind, "key": key, "conversation_id": conversation_id, "case_number": case_number, "by": by}
    session.execute(insert(Notice), [{"user_id": user_id, "severity": severity, "at": now, **about} for user_id in new])
    numbers = {user_id: number for user_id, number in session.execute(same) if user_id in new}
    wishes = {
        wish.user_id: wish
        for wish in session.scalars(select(NoticeSettings).where(NoticeSettings.user_id.in_(list(new))))
    }
    rows = []
    for user_id, number in numbers.items():
        wish = wishes.get(user_id) or NoticeSettings(user_id=user_id, choices={})
        for channel in CHANNELS:
            if wish.wants(new[user_id], channel, kind):
                later = AWAY if kind == "reply" and channel != "browser" else dt.timedelta()
                rows.append({"notice_id": number, "user_id": user_id, "channel": channel, "next_at": now + later})
    if rows:
        session.execute(insert(NoticeDelivery), rows)
    return list(numbers.values())


def _about(session: Session, conversation_id: str) -> tuple[str | None, int]:
    """The number of the case that a conversation is about, if there is one, and how grave it is."""
    handoff = _latest(session, conversation_id)
    case = store.latest(session, conversation_id, open_only=False)
    number = (handoff.case_number if handoff is not None else None) or (case.number if case is not None else None)
    grave = [found.severity for found in (handoff, case) if found is not None]
    return number, max(grave, default=1)


def _latest(session: Session, conversation_id: str) -> Handoff | None:
    latest = select(Handoff).where(Handoff.conversation_id == conversation_id).order_by(Handoff.queued_at.desc())
    return session.scalars(latest).first()  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped

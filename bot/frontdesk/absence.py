"""Holders who are not there, and what was put aside until a time: done by the clock, which is passed in.

A customer who waits for an answer does not depend on one person: whoever logs out, whose desk is closed, or who stays
silent for too long loses the conversation to the queue. What waits for the customer or a time stays with its holder.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.database import Database
from bot.frontdesk import notifications
from bot.frontdesk.handing_on import absent
from bot.frontdesk.handoff import load
from bot.frontdesk.handoff_states import HELD, wake
from bot.frontdesk.model import Handoff, User

log = logging.getLogger(__name__)

NOTICE = dt.timedelta(seconds=30)
"""`desk_seen_at` is written at most this often."""

AROUND_CLAIM = dt.timedelta(minutes=1)
"""Whose desk was seen so long before the claim or later took it at the desk: only then a closed desk says anything."""


@dataclass(frozen=True)
class Limits:
    """How long a waiting customer waits: for a word of a silent holder, and when no desk of theirs is open."""

    silent: dt.timedelta
    away: dt.timedelta


def seen(user: User, now: dt.datetime) -> None:
    """A desk of this user is open: a page was asked for, or an event stream is running."""
    if user.desk_seen_at is None or user.desk_seen_at < now - NOTICE:
        user.desk_seen_at = now


def logged_out(session: Session, user: User) -> list[str]:
    """They have left their last desk: customers who wait for their answer go back to the queue; the conversations."""
    waiting = select(Handoff.id, Handoff.conversation_id).where(
        Handoff.state == "claimed", Handoff.claimed_by == user.id, Handoff.unanswered_since.is_not(None)
    )
    return [_leave(session, handoff_id, "logged_out") for handoff_id, _talk in session.execute(waiting).all()]


def deactivated(session: Session, user: User) -> list[str]:
    """Their account was closed: everything they hold goes back to the queue; the conversations."""
    held = session.scalars(select(Handoff.id).where(Handoff.state.in_(HELD), Handoff.claimed_by == user.id)).all()
    return [_leave(session, handoff_id, "deactivated") for handoff_id in held]


def look(database: Database, now: dt.datetime, limits: Limits) -> list[str]:
    """Wake what was put aside until now, and take back what an absent holder leaves waiting; the conversations.

    One that fails is logged and does not keep the others waiting.
    """
    with database.begin() as session:
        over = session.scalars(select(Handoff.id).where(Handoff.state == "snoozed", Handoff.snoozed_until <= now)).all()
        since = now - min(limits.silent, limits.away)
        waiting = session.scalars(
            select(Handoff.id)
            .join(User, User.id == Handoff.claimed_by)
            .where(
                Handoff.state.in_(HELD),
                or_(User.active.is_(False), (Handoff.state == "claimed") & (Handoff.unanswered_since <= since)),
            )
        ).all()

    return [*_each(database, over, _wake, now), *_each(database, waiting, _take_back, now, limits)]


def _each(database: Database, ids: list[str], step: Callable[..., str | None], *more: object) -> list[str]:
    changed = []
    for handoff_id in ids:
        try:
            with database.begin() as session:
                conversation_id = step(session, handoff_id, *more)
        except Exception:
            log.exception("absence.failed", extra={"handoff": handoff_id})
            continue
        if conversation_id is not None:
            changed.append(conversation_id)
    return changed


def _wake(session: Session, handoff_id: str, now: dt.datetime) -> str | None:
    handoff, conversation = load(session, handoff_id)
    if handoff.state != "snoozed" or handoff.snoozed_until is None or handoff.snoozed_until > now:
        return None
    wake(session, handoff, conversation, who="bot", why="time", now=now)  # what was put off until now is due now
    notifications.woken(session, handoff)
    return str(conversation.id)


def _take_back(session: Session, handoff_id: str, now: dt.datetime, limits: Limits) -> str | None:
    handoff, conversation = load(session, handoff_id)
    holder = session.get(User, handoff.claimed_by) if handoff.state in HELD else None
    if holder is None:
        return None
    why = _missing(handoff, holder, now, limits)
    if why is None:
        return None
    absent(session, handoff_id, why, now)
    return str(conversation.id)


def _missing(handoff: Handoff, holder: User, now: dt.datetime, limits: Limits) -> str | None:
    """Why the holder counts as absent: deactivated, silent, away; None while the customer is in good hands."""
    if not holder.active:
        return "deactivated"
    if handoff.state != "claimed" or handoff.unanswered_since is None:
        return None
    active = max(at for at in (handoff.unanswered_since, handoff.claimed_at, handoff.holder_active_at) if at)
    if now - active >= limits.silent:
        return "silent"
    desk = holder.desk_seen_at
    at_desk = desk is not None and handoff.claimed_at is not None and desk >= handoff.claimed_at - AROUND_CLAIM
    if at_desk and now - max(active, desk) >= limits.away:
        return "away"
    return None


def _leave(session: Session, handoff_id: str, why: str) -> str:
    return str(absent(session, handoff_id, why).conversation_id)

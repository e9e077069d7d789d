"""Handing a conversation on: to a colleague, to a team, up to a lead, and back when somebody is not there.

The clock of the customer's first wait goes on through all of it, and the history says who did what and why.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.frontdesk import notifications
from bot.frontdesk.handoff import NoLead, NotYours, give, lead_there, load, may_have, tell
from bot.frontdesk.handoff_states import HELD, HandoffError, take
from bot.frontdesk.model import LEADS, WRITERS, Conversation, Handoff, User


def reassign(session: Session, handoff_id: str, user: User, to: User, why: str = "") -> Handoff:
    """Give it to a colleague, or as a lead take it yourself; the customer reads who answers now."""
    handoff, conversation = _movable(session, handoff_id, user)
    if handoff.state in HELD and handoff.claimed_by == to.id:
        return handoff
    may_have(session, to, handoff)
    take(session, handoff, conversation, "reassigned", who=user.name, why=f"{to.name}: {why}" if why else to.name)
    handoff.unanswered_since = handoff.unanswered_since or handoff.state_at
    give(handoff, to)
    tell(session, conversation, "utter_person_reassigned", name=to.name)
    if to.id != user.id:
        notifications.notify(session, to, "assigned", conversation.id, by=user.name)
    return handoff


def transfer(session: Session, handoff_id: str, user: User, team: str, why: str = "") -> Handoff:
    """Into the queue of a team (see :func:`teams`), clock kept; the customer is told."""
    handoff, conversation = _movable(session, handoff_id, user)
    if team not in teams(session):
        raise HandoffError(f"there is no team {team!r}: choose one of {', '.join(teams(session)) or 'none yet'}")
    take(session, handoff, conversation, "transferred", who=user.name, why=f"{team}: {why}" if why else team)
    handoff.team, handoff.escalated_at = team, None
    tell(session, conversation, "utter_person_transferred", team=team)
    notifications.queued(session, handoff, but=user)
    return handoff


def escalate(session: Session, handoff_id: str, user: User, why: str) -> Handoff:
    """Up to a lead: only leads can claim it, clock kept; the customer is told."""
    handoff, conversation = _movable(session, handoff_id, user)
    if not lead_there(session, confidential=handoff.queue == "confidential", but=user):
        raise NoLead("there is no other lead: give it to a colleague")
    take(session, handoff, conversation, "escalated", who=user.name, why=why)
    handoff.escalated_at = handoff.state_at
    tell(session, conversation, "utter_person_escalated")
    notifications.queued(session, handoff, but=user)
    return handoff


def absent(session: Session, handoff_id: str, why: str, now: dt.datetime | None = None) -> Handoff:
    """Whoever holds it is not there (`why`: silent, away, logged_out, deactivated): back into the queue, clock kept."""
    handoff, conversation = load(session, handoff_id)
    holder = session.get(User, handoff.claimed_by) if handoff.claimed_by is not None else None
    name = holder.name if holder is not None else "?"
    take(session, handoff, conversation, "absent", who=name, why=why, now=now)
    tell(session, conversation, "utter_person_absent", name=name)
    notifications.queued(session, handoff, but=holder)
    return handoff


def teams(session: Session) -> list[str]:
    """The teams that somebody who can take conversations is in."""
    named = select(User.team).where(User.team.is_not(None), User.active.is_(True), User.role.in_(WRITERS))
    return sorted({team for team in session.scalars(named) if team})


def _movable(session: Session, handoff_id: str, user: User) -> tuple[Handoff, Conversation]:
    """For handing on: what waits may be moved by everybody who takes conversations, what is held by its holder."""
    handoff, conversation = load(session, handoff_id)
    if user.role not in WRITERS or (handoff.state in HELD and handoff.claimed_by != user.id and user.role not in LEADS):
        raise NotYours("only who holds this conversation hands it on, or a lead")
    return handoff, conversation

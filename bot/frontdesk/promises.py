"""Promises by the clock: the desk is reminded before one is due; of a broken one the customer hears from us first.

The rows of the table are the jobs: they survive every restart. Each step locks the conversation, then the case, and
changes a promise only where it is still open, so any number of front desks may look at the same time.
"""

from __future__ import annotations

import datetime as dt
import logging

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import texts
from bot.cases import store
from bot.cases.model import FINAL_STATES, Case, Promise
from bot.database import Database
from bot.frontdesk import handoff, messages, notifications
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, User
from bot.goodwill.hours import due, promise_due, say_when
from bot.goodwill.policy import Policy
from bot.goodwill.wording import fill

log = logging.getLogger(__name__)

REMIND_BEFORE = dt.timedelta(hours=1)
"""Working time before the due time, so that a reminder is read while there is still time to act."""

RENEWALS = 2
"""How often a promise of one kind is made anew on a case. After that we no longer name a time we may not keep."""

WORST_BY_PROMISE = 3
"""A broken promise makes a case graver, but never an emergency (severity 4)."""


def look(database: Database, now: dt.datetime, policy: Policy) -> list[str]:
    """Remind of what is due soon and tell what was broken; the conversations in which something was said.

    One that fails is logged and does not keep the others waiting.
    """
    with database.begin() as session:
        soon, late = due_soon(session, now, policy), overdue(session, now)
    changed: list[str] = []
    for step, keys in ((remind, soon), (tell_broken, late)):
        for key in keys:
            try:
                with database.begin() as session:
                    told = step(session, key, now, policy)
            except Exception:
                log.exception("promise.failed", extra={"key": key})
                continue
            if told is not None:
                changed.append(told)
    return changed


def due_soon(session: Session, now: dt.datetime, policy: Policy) -> list[str]:
    """Ids of open promises that are due within :data:`REMIND_BEFORE` of working time and were not reminded of."""
    until = due(now, working=REMIND_BEFORE, hours=policy.hours)
    return list(
        session.scalars(
            select(Promise.id)
            .where(
                Promise.state == "open", Promise.reminded_at.is_(None), Promise.due_at >= now, Promise.due_at <= until
            )
            .order_by(Promise.due_at)
        )
    )


def overdue(session: Session, now: dt.datetime) -> list[str]:
    """Numbers of the cases with an open promise whose time is over, the oldest first."""
    found = session.scalars(
        select(Promise.case_number).where(Promise.state == "open", Promise.due_at < now).order_by(Promise.due_at)
    )
    return list(dict.fromkeys(found))


def remind(session: Session, promise_id: str, now: dt.datetime, policy: Policy) -> str | None:
    """Put a note for the desk into the conversation, once; the conversation, None where there was nothing to do."""
    number = session.scalars(select(Promise.case_number).where(Promise.id == promise_id)).first()
    if number is None:
        return None
    case, conversation = _locked(session, number)
    reminded = session.execute(
        update(Promise)
        .where(Promise.id == promise_id, Promise.state == "open", Promise.reminded_at.is_(None))
        .values(reminded_at=now)
        .execution_options(synchronize_session=False)
    ).rowcount
    if not reminded:
        return None
    made = session.get(Promise, promise_id, populate_existing=True)
    store.record(session, case, who="bot", what="promise_reminded", why=made.what)
    if conversation is None:
        return None
    note = texts.text(
        "utter_note_promise_due",
        conversation.language,
        number=case.number,
        promise=worded(made.what, made.due_at, conversation.language, policy),
        owner=_owner(session, conversation, made),
    )
    messages.append(session, conversation, Reply("system", note), internal=True)
    notifications.promised(session, "promise_due", conversation, made.id)
    return str(conversation.id)


def tell_broken(session: Session, number: str, now: dt.datetime, policy: Policy) -> str | None:
    """Apologise for the broken promises of a case, name a new time, raise its severity, and bring in a person.

    Returns the conversation, None where somebody else was faster or nobody can be told.
    """
    case, conversation = _locked(session, number)
    broken = [made for made in case.promises if made.due_at < now and _broken(session, made, now)]
    if not broken or case.state in FINAL_STATES:
        return None
    for made in broken:
        store.record(session, case, who="bot", what="promise_broken", why=made.what, after=made.due_at.isoformat())
    _make_graver(session, case)
    renewed = [new for made in broken if (new := _renew(session, case, made.what, now, policy)) is not None]
    if case.state in ("new", "acknowledged", "declined", "reopened"):
        store.move(session, case, "in_review", who="bot", why="promise_late")
    if conversation is None:
        return None
    language = conversation.language
    following = [worded(new.what, new.due_at, language, policy) for new in sorted(renewed, key=lambda p: p.due_at)]
    sentence = texts.text(
        "utter_promise_broken" if renewed else "utter_promise_broken_again",
        language,
        number=case.number,
        promise=worded(broken[0].what, broken[0].due_at, language, policy),
        next=" ".join(following),
    )
    messages.append(session, conversation, Reply("system", sentence))
    handoff.hand_over(
        session,
        conversation,
        reason="promise_late",
        severity=case.severity,
        case_number=case.number,
        confidential=case.confidential,
    )
    notifications.promised(session, "promise_broken", conversation, broken[0].id)
    return str(conversation.id)


def worded(what: str, when: dt.datetime, language: str, policy: Policy) -> str:
    """A promise as company.yml words it; as a first answer where management has taken it out since."""
    names = policy.company.promises
    words = names.get(what) or names.get("first_answer")
    said = say_when(when, language, policy.hours)
    return fill(words[language], {"when": said}) if words is not None else said


def _locked(session: Session, number: str) -> tuple[Case, Conversation | None]:
    """The case under its conversation's lock; a case from the shell has no conversation to speak in."""
    conversation_id = session.scalars(select(Case.conversation).where(Case.number == number)).one()
    known = session.scalars(select(Conversation.id).where(Conversation.id == conversation_id)).first()
    conversation = messages.locked(session, known) if known is not None else None
    statement = select(Case).where(Case.number == number).with_for_update(**store.LOCK)
    return session.scalars(statement.execution_options(populate_existing=True)).one(), conversation


def _broken(session: Session, made: Promise, now: dt.datetime) -> bool:
    """Whether it was us who found this promise open and broken."""
    changed = session.execute(
        update(Promise)
        .where(Promise.id == made.id, Promise.state == "open", Promise.due_at < now)
        .values(state="broken", ended_at=now)
        .execution_options(synchronize_session=False)
    ).rowcount
    session.refresh(made)
    return bool(changed)


def _make_graver(session: Session, case: Case) -> None:
    before = case.severity
    store.add_facts(session, case, who="bot", flags=["broken_promise"])
    raised = max(case.severity, min(before + 1, WORST_BY_PROMISE))
    if raised != case.severity:
        store.record(
            session, case, who="bot", what="severity", why="promise_late", before=case.severity, after=raised
        )  # fmt: skip
        case.severity = raised


def _renew(session: Session, case: Case, what: str, now: dt.datetime, policy: Policy) -> Promise | None:
    broken = sum(made.what == what and made.state == "broken" for made in case.promises)
    kind = what if what in policy.hours.promises else "first_answer"
    if broken > RENEWALS or kind not in policy.hours.promises:
        return None
    return store.promise(session, case, kind, promise_due(kind, now, policy), now=now)


def _owner(session: Session, conversation: Conversation, made: Promise) -> str:
    """Who should act: whoever holds the conversation, else whoever promised; the desk where that was the bot."""
    active = handoff.active(session, conversation.id)
    holder = session.get(User, active.claimed_by) if active is not None and active.claimed_by else None
    if holder is not None:
        return str(holder.name)
    return made.by if made.by != "bot" else texts.text("utter_note_owner_desk", conversation.language)

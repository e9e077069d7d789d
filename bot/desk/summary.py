"""One conversation as the desk shows it: who holds it, what this user may do now, the case, the transcript."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cases import approvals
from bot.cases.earlier_favours import compensated_in
from bot.cases.model import FINAL_STATES, Audit, Case, Offer, Promise
from bot.database import utcnow
from bot.desk.access import confidential_among, is_confidential
from bot.desk.context import WRITERS
from bot.desk.lists import case_of
from bot.desk.topics.address import address
from bot.desk.wording import Words
from bot.frontdesk import handoff as steps
from bot.frontdesk.model import LEADS, Conversation, Handoff, HandoffEvent, Message, User

LAST = 200
"""Messages of a transcript on one page."""


@dataclass(frozen=True)
class Standing:
    """Who holds the conversation and what the reader may do with it now."""

    holder: str
    holder_name: str
    severity: int
    reason: str
    confidential: bool
    since: dt.datetime | None
    state: str  # of the active handoff, empty without one
    snoozed_until: dt.datetime | None
    team: str
    topic: str  # its address in Telegram, empty where there is none
    escalated: bool
    claim: bool
    mine: bool
    wait: bool
    move: bool
    note: bool
    grant: bool

    def may(self) -> dict[str, bool]:
        """What is allowed, by the name that buttons carry in `data-needs`."""
        return {name: getattr(self, name) for name in ("claim", "mine", "wait", "move", "note", "grant")}


def standing(session: Session, user: User, conversation: Conversation) -> Standing:
    """Where the conversation stands for this user."""
    now_active = steps.active(session, conversation.id)
    known = now_active or latest_handoff(session, conversation.id)
    holder = session.get(User, now_active.claimed_by) if now_active is not None and now_active.claimed_by else None
    writer = user.role in WRITERS
    mine = writer and holder is not None and holder.id == user.id
    waits = now_active is not None and now_active.state == "queued"
    escalated = now_active is not None and now_active.escalated_at is not None
    lead = (
        now_active is not None
        and escalated
        and steps.lead_there(session, confidential=now_active.queue == "confidential")
    )
    case = case_of(session, conversation.id, now_active)
    confidential = is_confidential(session, conversation.id)
    return Standing(
        holder=conversation.holder,
        holder_name=holder.name if holder is not None else "",
        severity=now_active.severity if now_active is not None else (case.severity if case is not None else 0),
        reason=known.reason if known is not None else "",
        confidential=confidential,
        since=(now_active.claimed_at or now_active.waiting_since) if now_active is not None else None,
        state=now_active.state if now_active is not None else "",
        snoozed_until=now_active.snoozed_until if now_active is not None else None,
        team=(now_active.team or "") if now_active is not None else "",
        topic="" if confidential else address(session, conversation.id),
        escalated=escalated,
        claim=writer and waits and (not escalated or user.role in LEADS or not lead),
        mine=mine,
        wait=mine and now_active is not None and now_active.state != "waiting",
        move=writer and now_active is not None and (waits or mine or user.role in LEADS),
        note=writer and known is not None,
        grant=mine and case is not None and case.state not in FINAL_STATES,
    )


def latest_handoff(session: Session, conversation_id: str) -> Handoff | None:
    """The newest handoff of a conversation, ended or not."""
    statement = select(Handoff).where(Handoff.conversation_id == conversation_id)
    return session.scalars(statement.order_by(Handoff.queued_at.desc())).first()  # type: ignore[no-any-return]


def fingerprint(session: Session, conversation_id: str) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Changes whenever :func:`summary` would (first part) or the handoff's history (second): cheap to compute."""
    cases = session.execute(select(Case.number, Case.updated_at).where(Case.conversation == conversation_id)).all()
    numbers = [number for number, _changed in cases]
    audits = session.execute(
        select(Audit.case_number, func.max(Audit.id)).where(Audit.case_number.in_(numbers)).group_by(Audit.case_number)
    ).all()
    offers = session.execute(select(Offer.id, Offer.state).where(Offer.case_number.in_(numbers))).all()
    promises = session.execute(
        select(Promise.id, Promise.state, Promise.due_at).where(Promise.case_number.in_(numbers))
    ).all()
    steps_taken = session.execute(
        select(Handoff.id, Handoff.state, Handoff.ended_at, func.max(HandoffEvent.id))
        .outerjoin(HandoffEvent, HandoffEvent.handoff_id == Handoff.id)
        .where(Handoff.conversation_id == conversation_id)
        .group_by(Handoff.id, Handoff.state, Handoff.ended_at)
    ).all()
    overdue = sum(state == "open" and due < utcnow() for _id, state, due in promises)
    about_case = (tuple(cases), tuple(audits), tuple(offers), tuple(promises), overdue)
    return about_case, tuple(steps_taken)


def summary(session: Session, conversation_id: str, words: Words, number: str = "") -> dict[str, Any] | None:
    """The case of a conversation as plain values for summary.html; None where there is none."""
    case = case_of(session, conversation_id, steps.active(session, conversation_id), number)
    return None if case is None else case_facts(session, case, words)


def case_facts(session: Session, case: Case, words: Words) -> dict[str, Any]:
    """Everything the side panel says about a case, loaded: nothing is read from the database later."""
    others = session.scalars(
        select(Case.number).where(Case.conversation == case.conversation, Case.number != case.number)
    )
    columns = {column.name: getattr(case, column.name) for column in Case.__table__.columns}
    return columns | {
        "others": sorted(others),
        "compensated_in": _compensated_in(session, case),
        "offers": list(case.offers),
        "promises": [(made, made.state == "open" and made.due_at < utcnow()) for made in case.promises],
        "approvals": approvals.of_case(session, case),
        "decisions": [_decision(made, words) for made in reversed(case.decisions)],
        "audit": [
            {"at": a.at, "who": a.who, "what": a.what, "why": a.why, "change": _change(a.before, a.after)}
            for a in reversed(case.audit)
        ],
        "entities": [(e.get("entity", ""), e.get("value", ""), _resolved(e)) for e in case.entities],
    }


def transcript(session: Session, conversation_id: str, before: int | None = None) -> tuple[list[Message], bool]:
    """The last :data:`LAST` messages (before `before`), oldest first, notes included; whether there are older ones."""
    statement = select(Message).where(Message.conversation_id == conversation_id)
    if before is not None:
        statement = statement.where(Message.seq < before)
    found = list(session.scalars(statement.order_by(Message.seq.desc()).limit(LAST + 1)))
    return found[:LAST][::-1], len(found) > LAST


def edited(session: Session, conversation_id: str, since: dt.datetime, upto: int) -> list[Message]:
    """Messages already shown whose text the customer changed after `since`."""
    statement = select(Message).where(
        Message.conversation_id == conversation_id, Message.edited_at > since, Message.seq <= upto
    )
    return list(session.scalars(statement.order_by(Message.seq)))


def _compensated_in(session: Session, case: Case) -> list[str]:
    """Where the same order, device or payment brought a favour before; confidential cases are not named."""
    found = compensated_in(session, case)
    hidden = confidential_among(session, [conversation for _, conversation in found])
    return [number for number, conversation in found if conversation not in hidden]


def _decision(made: Any, words: Words) -> dict[str, Any]:
    result = made.result if isinstance(made.result, dict) else {}
    steps_taken = [step if isinstance(step, dict) else {"rule": step} for step in made.path or ()]
    return {
        "at": made.at,
        "by": made.by,
        "outcome": made.outcome,
        "reason": str(result.get("reason", "")),
        "version": made.rule_version,
        "path": [(str(step.get("rule", "")), step.get("passed"), _because(step, words)) for step in steps_taken],
        "what_if": [words.pick(text) for text in result.get("what_if") or ()],
    }


def _because(step: dict[str, Any], words: Words) -> str:
    """The engine writes `because` in English and `because_de` beside it."""
    german = step.get("because_de") if words.language == "de" else None
    return words.pick(german or step.get("because"))


def _resolved(entity: dict[str, Any]) -> str:
    value = entity.get("resolved")
    if value in (None, "", entity.get("value")):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _change(before: Any, after: Any) -> str:
    """What an audit line changed, short: only the keys that differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        return "; ".join(f"{key}: {_short(before.get(key))} → {_short(after.get(key))}" for key in keys)
    if before is None and after is None:
        return ""
    return _short(after) if before is None else f"{_short(before)} → {_short(after)}"


def _short(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "–" if value is None else written[:200]

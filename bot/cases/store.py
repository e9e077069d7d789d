"""Reading and changing cases. Every change is checked, audited and happens in the caller's transaction."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import taxonomy
from bot.cases.model import FINAL_STATES, STATES, Audit, Case, Order, Promise
from bot.cases.numbering import next_number
from bot.cases.senders import sender_of
from bot.database import utcnow

CASE_TEXT_LIMIT = 20_000
"""Characters of verbatim text kept on a case; the message log has everything."""


_LABELS = ("flags", "remedies", "severity")
_DETAILS = ("text", "entities", "order_number", "item", "incident_on", "submitted_by", "authorised")
_PROVEN = ("order_number", "item", "price_cents", "currency", "delivered_on", "verified", "verified_how")
"""Fields whose changes are audited together: labels outlive an erasure, details and the order do not."""


LOCK = {"key_share": True}
"""How rows are locked: rows that refer to them (audit, offers) may still be written by others (PostgreSQL)."""


class WrongState(ValueError):
    """A case cannot go from its state to the one asked for."""

    def __init__(self, case: Case, state: str) -> None:
        allowed = ", ".join(STATES.get(case.state, ())) or "nothing"
        super().__init__(f"{case.number} is {case.state}: it can become {allowed}, not {state}")


def new_id() -> str:
    return secrets.token_hex(8)


def find(session: Session, number: str) -> Case | None:
    """The case with this number."""
    return session.get(Case, number)  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def locked(session: Session, case: Case) -> Case:
    """The case as it is now, nobody else's to change until the transaction ends."""
    session.flush()
    session.refresh(case, with_for_update=LOCK)
    return case


def latest(session: Session, conversation: str, *, open_only: bool = True) -> Case | None:
    """The newest case of a conversation."""
    statement = (
        select(Case).where(Case.conversation == conversation).order_by(Case.received_at.desc(), Case.number.desc())
    )
    if open_only:
        statement = statement.where(Case.state.not_in(FINAL_STATES))
    return session.scalars(statement).first()  # type: ignore[no-any-return]


def about(session: Session, conversation: str, *numbers: str) -> Case | None:
    """The case a conversation is about: the first of `numbers` that belongs to it, else its newest, open or not."""
    for number in numbers:
        case = session.get(Case, number) if number else None
        if case is not None and case.conversation == conversation:
            return case  # type: ignore[no-any-return]
    return latest(session, conversation, open_only=False)


def of_conversation(session: Session, conversation: str) -> list[Case]:
    """All cases of a conversation, the oldest first."""
    statement = select(Case).where(Case.conversation == conversation).order_by(Case.received_at, Case.number)
    return list(session.scalars(statement))


def told_before(session: Session, case: Case) -> Case | None:
    """The case of before about the same proven order and the same problem, which `case` joins: an open one, else one
    that was resolved but not closed yet. A withdrawn or closed one stays as it is; so does a settled request about
    data, and one about anything else, which need not be the same."""
    if not case.verified:
        return None
    ended = ("closed", "withdrawn", *(("resolved",) if case.category in ("privacy", "other") else ()))
    statement = select(Case).where(
        Case.order_number == case.order_number,
        Case.category == case.category,
        Case.number != case.number,
        Case.verified.is_(True),
        Case.state.not_in(ended),
    )
    found = session.scalars(statement.order_by(Case.received_at)).all()
    return next((each for each in found if each.state != "resolved"), found[-1] if found else None)


def open_case(
    session: Session,
    *,
    conversation: str,
    channel: str,
    language: str,
    category: str,
    text: str,
    flags: Iterable[str] = (),
    remedies: Iterable[str] = (),
    entities: Iterable[dict[str, Any]] = (),
    now: dt.datetime | None = None,
) -> Case:
    """Log a new complaint: number, state new, what was said and understood."""
    now = now or utcnow()
    case = Case(
        number=next_number(session, now.year),
        state="new",
        channel=channel,
        language=language,
        conversation=conversation,
        received_at=now,
        category=category,
        subject=text.split("\n", 1)[0][:120],
        text=text[:CASE_TEXT_LIMIT],
        flags=[],
        remedies=[],
        entities=[],
    )
    session.add(case)
    session.flush()
    record(session, case, who="bot", what="opened", after={"category": category})
    add_facts(session, case, flags=flags, remedies=remedies, entities=entities, who="bot")
    return case


def add_facts(
    session: Session,
    case: Case,
    *,
    who: str,
    text: str | None = None,
    flags: Iterable[str] = (),
    remedies: Iterable[str] = (),
    entities: Iterable[dict[str, Any]] = (),
) -> None:
    """Add what was said later. Nothing is lost: words and labels are only ever added; severity never falls."""
    labels, details = _values(case, _LABELS), _values(case, _DETAILS)
    sender = sender_of(text or case.text) if case.submitted_by == "customer" else None
    if sender is not None:
        case.submitted_by, case.authorised, flags = sender, False, [*flags, "legal"]
    if text and text not in case.text:
        case.text = f"{case.text}\n{text}".strip()[:CASE_TEXT_LIMIT]
    case.flags = _union(case.flags, flags, taxonomy.flags())
    case.remedies = _union(case.remedies, remedies, taxonomy.remedies())
    known = {(e["entity"], e["value"]) for e in case.entities}
    fresh = [e for e in entities if (e["entity"], e["value"]) not in known]
    if fresh:
        case.entities = [*case.entities, *fresh]
    _describe(case)
    grave = taxonomy.severity(case.flags, complaint=True, price_cents=case.price_cents if case.verified else None)
    case.severity = max(case.severity or 0, grave)
    if "third_party" in case.flags and case.submitted_by == "customer":
        case.submitted_by, case.authorised = "relative", False
    _record_changes(session, case, who, "facts", labels)
    _record_changes(session, case, who, "details", details)


def attach_order(session: Session, case: Case, order: Order, how: str, who: str = "bot") -> None:
    """The customer proved that the order is theirs: its facts become the case's."""
    if case.verified and case.order_number == order.order_number:
        return
    session.flush()  # an order that was only just added has its defaults from now on
    before = _values(case, _PROVEN)
    case.order_number, case.item = order.order_number, order.item
    case.price_cents, case.currency = order.price_cents, order.currency
    case.delivered_on = order.delivered_on
    case.verified, case.verified_how = True, how
    _record_changes(session, case, who, "verified", before, why=how)
    add_facts(session, case, who=who)


def join(session: Session, case: Case, earlier: Case) -> None:
    """The same problem told again: what `case` holds goes to the case of before, which goes on here; one that was
    resolved is reopened."""
    if earlier.state == "resolved":
        move(session, earlier, "reopened", who="customer", why="told_again")
    add_facts(
        session, earlier, who="customer", text=case.text, flags=[*case.flags, "repeat_contact"],
        remedies=case.remedies, entities=case.entities,
    )  # fmt: skip
    record(
        session, earlier, who="bot", what="joined", why="same order and problem",
        before={"conversation": earlier.conversation}, after={"conversation": case.conversation, "case": case.number},
    )  # fmt: skip
    earlier.conversation, case.repeat_of = case.conversation, earlier.number
    move(session, case, "withdrawn", who="bot", why=f"joined {earlier.number}")


def move(session: Session, case: Case, state: str, *, who: str, why: str = "") -> None:
    """Change a case's state; :class:`WrongState` where that is not allowed. The same state again changes nothing."""
    session.flush()
    session.refresh(case, ["state"], with_for_update=LOCK)
    if case.state == state:
        return
    if state not in STATES.get(case.state, ()):
        raise WrongState(case, state)
    record(session, case, who=who, what="state", why=why, before=case.state, after=state)
    case.state = state
    if state in FINAL_STATES:
        _end_promises(session, case, who)


def note_root_cause(session: Session, case: Case, cause: str, *, who: str) -> None:
    """What went wrong in the house, in words that name nobody: it outlives an erasure and is what reports count."""
    cause = cause.strip()
    if cause and cause != case.root_cause:
        record(session, case, who=who, what="root_cause", before=case.root_cause, after=cause)
        case.root_cause = cause


def promise(
    session: Session, case: Case, what: str, due_at: dt.datetime, by: str = "bot", now: dt.datetime | None = None
) -> Promise:
    """Commit to something by a time; an open promise of the same kind is kept as it is, not made twice."""
    for made in case.promises:
        if made.what == what and made.state == "open":
            return made
    made = Promise(id=new_id(), case_number=case.number, what=what, by=by, made_at=now or utcnow(), due_at=due_at)
    case.promises.append(made)
    session.flush()
    record(session, case, who=by, what="promise", why=what, after=due_at.isoformat())
    return made


def keep_promise(session: Session, case: Case, what: str, who: str, now: dt.datetime | None = None) -> None:
    """What was promised was done: kept when in time, broken when late."""
    for made in case.promises:
        if made.what == what and made.state == "open":
            made.ended_at = now or utcnow()
            made.state = "kept" if made.ended_at <= made.due_at else "broken"
            record(session, case, who=who, what="promise_" + made.state, why=what)


def record(
    session: Session, case: Case, *, who: str, what: str, why: str = "", before: Any = None, after: Any = None
) -> None:
    """Write the audit line of a change."""
    session.add(Audit(case_number=case.number, who=who, what=what, why=why[:200], before=before, after=after))
    session.flush()


def _values(case: Case, names: tuple[str, ...]) -> dict[str, Any]:
    """These fields as the audit keeps them. Of the customer's words only how many there are: they stand on the case."""
    found = {name: getattr(case, name) for name in names}
    if "text" in found:
        found["text"] = f"{len(found['text'])} characters"
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in found.items()}


def _record_changes(
    session: Session, case: Case, who: str, what: str, before: dict[str, Any], *, why: str = ""
) -> None:
    """One audit line with the fields that are not as they were."""
    after = _values(case, tuple(before))
    changed = [name for name in before if before[name] != after[name]]
    if changed:
        record(
            session, case, who=who, what=what, why=why,
            before={name: before[name] for name in changed}, after={name: after[name] for name in changed},
        )  # fmt: skip


def _end_promises(session: Session, case: Case, who: str) -> None:
    for what in {made.what for made in case.promises if made.state == "open"}:
        keep_promise(session, case, what, who)


def _describe(case: Case) -> None:
    """Fields that follow from the entities: the order named, the thing concerned, the day it happened."""
    if case.verified:
        return
    for entity in case.entities:
        if entity["entity"] == "order_number":
            case.order_number = str(entity.get("resolved") or entity["value"])[:64]
        elif entity["entity"] == "product" and not case.item:
            case.item = str(entity["value"])[:200]
        elif entity["entity"] == "date" and case.incident_on is None and isinstance(entity.get("resolved"), str):
            try:
                case.incident_on = dt.date.fromisoformat(entity["resolved"])
            except ValueError:
                continue  # an interval or a month: no single day


def _union(known: list[str], new: Iterable[str], order: tuple[str, ...]) -> list[str]:
    together = {*known, *new}
    return [name for name in order if name in together]

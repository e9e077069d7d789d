"""A case as plain data: what `erstkontakt case show --json` prints and the desk shows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.cases.model import Case

_PLAIN = (
    "number", "state", "channel", "language", "conversation", "received_at", "incident_on", "category", "subject",
    "text", "order_number", "item", "price_cents", "currency", "delivered_on", "verified", "verified_how", "remedies",
    "severity", "flags", "entities", "submitted_by", "authorised", "repeat_of", "basis", "root_cause", "resolution",
    "csat", "recommendation", "feedback", "updated_at",
)  # fmt: skip


def list_cases(session: Session, *, state: str | None = None, limit: int = 1000) -> list[dict[str, Any]]:
    """The newest cases, a short row each."""
    statement = select(Case).order_by(Case.received_at.desc(), Case.number.desc()).limit(limit)
    if state:
        statement = statement.where(Case.state == state)
    columns = (
        "number", "state", "category", "severity", "flags", "remedies", "language", "channel", "conversation",
        "received_at", "order_number", "item", "verified",
    )  # fmt: skip
    return [{name: _json(getattr(case, name)) for name in columns} for case in session.scalars(statement)]


def case_as_dict(session: Session, case: Case) -> dict[str, Any]:
    """All fields of a case with its offers, decisions, promises, handoffs and audit."""
    fields = {name: _json(getattr(case, name)) for name in _PLAIN}
    fields["offers"] = [
        _row(o, "id kind form amount_cents currency by reason state made_at expires_at answered_at rule_version code")
        for o in case.offers
    ]
    fields["decisions"] = [_row(d, "id at by outcome inputs path result rule_version") for d in case.decisions]
    fields["promises"] = [_row(p, "id what by made_at due_at state reminded_at ended_at") for p in case.promises]
    fields["handoffs"] = _handoffs(session, case)
    fields["audit"] = [_row(a, "at who what why before after") for a in case.audit]
    return fields


def _handoffs(session: Session, case: Case) -> list[dict[str, Any]]:
    """Handoffs belong to the front desk, which `cases` does not import: read by name."""
    rows = session.execute(
        text(
            "SELECT h.id, h.state, h.reason, h.severity, h.queue, h.escalated_at, h.queued_at, h.claimed_at,"
            " u.name AS claimed_by, h.ended_at, h.note FROM handoffs h LEFT JOIN users u ON u.id = h.claimed_by"
            " WHERE h.case_number = :number ORDER BY h.queued_at"
        ),
        {"number": case.number},
    ).mappings()
    return [{key: _json(value) for key, value in row.items()} for row in rows]


def _row(thing: Any, names: str) -> dict[str, Any]:
    return {name: _json(getattr(thing, name)) for name in names.split()}


def _json(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, dt.date) else value

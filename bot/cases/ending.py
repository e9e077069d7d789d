"""When a case is over, and what is left of it once its personal data has been erased."""

from __future__ import annotations

import datetime as dt
import re

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from bot.cases.model import FINAL_STATES, Approval, Audit, Case, Offer, Promise, Verification
from bot.cases.store import LOCK, locked, move, record

ERASE_LATER, ERASED = "erasure_requested", "erased"
"""Audit lines: the customer wants it erased as soon as the claim is over; it was."""

_PLAIN = frozenset(
    [
        "opened",
        "facts",
        "state",
        "severity",
        "resolution",
        "decided",
        "offered",
        "offer_accepted",
        "offer_declined",
        "offer_expired",
        "offer_revoked",
        "offer_fulfilled",
        "granted",
        "promise",
        "promise_reminded",
        "promise_kept",
        "promise_broken",
        "csat",
        "recommendation",
        "feedback_asked",
        "feedback_comment",
        "surprise_taken",
        "erasure_requested",
        "erased",
    ]
)
"""Audit lines whose values are states, ids, amounts and days; those of any other line may quote the customer."""

_KEYS = re.compile(r"[a-z_]+|offer [0-9a-f]+")
"""A reason that a program gave; what a person wrote is erased."""


CLOSED_AFTER = dt.timedelta(days=30)
"""So long after it was resolved a case is closed; until then the same problem told again reopens it."""


def close_resolved(session: Session, now: dt.datetime) -> int:
    """Close what was resolved long enough ago; how many cases."""
    over = select(Case).where(Case.state == "resolved", Case.updated_at < now - CLOSED_AFTER)
    found = session.scalars(over.order_by(Case.number).with_for_update(skip_locked=True, **LOCK)).all()
    for case in found:
        move(session, case, "closed", who="bot", why="time_over")
        flag_modified(case, "updated_at")  # its retention goes on from the day on which it was resolved
    return len(found)


def is_over(case: Case) -> bool:
    """Settled, closed, withdrawn; or accepted, and everything that was accepted has been carried out.

    A voucher is carried out when it is accepted: its code was told.
    """
    if case.state != "accepted":
        return case.state in FINAL_STATES
    waiting = [offer for offer in case.offers if offer.state in ("open", "accepted") and offer.form != "voucher"]
    carried_out = any(offer.state in ("accepted", "fulfilled") for offer in case.offers)
    return carried_out and not waiting and all(offer.state != "open" for offer in case.offers)


def settle(session: Session, case: Case, *, who: str, why: str) -> None:
    """Resolve an accepted case once all that was accepted has been carried out and nothing is promised any more."""
    session.flush()
    session.expire(case, ["offers"])
    promised = select(Promise.id).where(Promise.case_number == case.number, Promise.state == "open")
    if case.state == "accepted" and is_over(case) and session.scalars(promised).first() is None:
        move(session, case, "resolved", who=who, why=why)


def holds_claim(case: Case) -> bool:
    """Whether it has to be kept for now: an open claim (Art. 17(3)(e) GDPR). A request about data is none."""
    return case.category != "privacy" and not is_over(case)


def has_payment(case: Case) -> bool:
    """Whether money was given: the order number and the amount are kept as a receipt (§ 147 AO)."""
    return any(offer.amount_cents and offer.state in ("accepted", "fulfilled") for offer in case.offers)


def erase_case(session: Session, case: Case, *, who: str) -> None:
    """Leave the skeleton: number, days, category, severity, amounts, decisions, promises, and who did what when.

    The customer's words, entities, order and everything that people wrote about it are gone. The root cause stays: it
    says what went wrong in the house.
    """
    locked(session, case)
    case.text, case.subject, case.entities, case.feedback, case.item = "", "", [], None, None
    if not has_payment(case):
        case.order_number = None
    for line in session.scalars(select(Audit).where(Audit.case_number == case.number)):
        if line.what not in _PLAIN:
            line.before, line.after = None, None
        if line.who not in ("bot", "customer") or not _KEYS.fullmatch(line.why):
            line.why = ""
    bulk = {"synchronize_session": False}
    mine = Offer.case_number == case.number
    session.execute(update(Offer).where(mine).values(reason=None).execution_options(**bulk))
    asked = update(Approval).where(Approval.case_number == case.number).values(reason="", answer=None)
    session.execute(asked.execution_options(**bulk))
    proof = delete(Verification).where(Verification.conversation == case.conversation)
    session.execute(proof.execution_options(**bulk))
    record(session, case, who=who, what=ERASED)


def was(session: Session, case: Case, what: str) -> bool:
    """Whether the case's audit has such a line."""
    lines = select(Audit.id).where(Audit.case_number == case.number, Audit.what == what)
    return session.scalars(lines).first() is not None

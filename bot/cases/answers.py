"""What becomes of an offer: accepted, declined, expired, fulfilled, revoked. Pressing twice changes nothing.

Each change locks the case first: two processes that answer the same offer come one after the other.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.cases.budgets import release
from bot.cases.model import Case, Offer
from bot.cases.store import LOCK, locked, move, record

Outcome = Literal["ok", "already_accepted", "already_declined", "expired", "not_yours"]

CHOICES = ("repair", "replacement")
"""What the customer may choose where the law says `repair_or_replacement` (§ 439 BGB)."""


class NotPossible(ValueError):
    """An offer that is not in the state for what was asked; the message says which it is in."""


def accept(
    session: Session, offer_id: str, conversation: str, *, now: dt.datetime, choice: str | None = None
) -> tuple[Outcome, Offer | None]:
    """The customer accepts an offer; pressing twice changes nothing."""
    offer, outcome = _answerable(session, offer_id, conversation, now)
    if outcome != "ok" or offer is None:
        return outcome, offer
    offer.state, offer.answered_at = "accepted", now
    if choice in CHOICES and offer.form == "repair_or_replacement":
        offer.form = choice
    if offer.form == "voucher":
        offer.code = "-".join(secrets.token_hex(2).upper() for _ in range(3))
    record(session, offer.case, who="customer", what="offer_accepted", after={"offer": offer.id, "form": offer.form})
    if offer.case.state == "offer_made":
        move(session, offer.case, "accepted", who="customer", why=f"offer {offer.id}")
    return "ok", offer


def decline(session: Session, offer_id: str, conversation: str, *, now: dt.datetime) -> tuple[Outcome, Offer | None]:
    """The customer turns an offer down; what was reserved is free again."""
    offer, outcome = _answerable(session, offer_id, conversation, now)
    if outcome != "ok" or offer is None:
        return outcome, offer
    offer.state, offer.answered_at = "declined", now
    release(session, offer)
    record(session, offer.case, who="customer", what="offer_declined", after={"offer": offer.id})
    if offer.case.state == "offer_made":
        move(session, offer.case, "declined", who="customer", why=f"offer {offer.id}")
    return "ok", offer


def fulfil(session: Session, offer_id: str, *, who: str) -> Offer:
    """What was accepted was done: the voucher sent, the money paid, the repair made. Twice changes nothing.

    Raises :class:`NotPossible` for an offer that nobody accepted.
    """
    offer = _locked(session, offer_id)
    if offer is None or offer.state not in ("accepted", "fulfilled"):
        raise NotPossible(f"offer {offer_id} {_said(offer)}: only an accepted one can be fulfilled")
    if offer.state == "accepted":
        offer.state = "fulfilled"
        record(session, offer.case, who=who, what="offer_fulfilled", after={"offer": offer.id, "form": offer.form})
    return offer


def revoke(session: Session, offer_id: str, *, who: str, why: str) -> Offer:
    """Take an offer back before it was answered, with a reason; its money is free again. Twice changes nothing.

    Raises :class:`NotPossible` once it was answered: what was accepted stands.
    """
    offer = _locked(session, offer_id)
    if offer is None or offer.state not in ("open", "revoked"):
        raise NotPossible(f"offer {offer_id} {_said(offer)}: only an open one can be taken back")
    if offer.state == "open":
        offer.state = "revoked"
        release(session, offer)
        record(session, offer.case, who=who, what="offer_revoked", why=why, after={"offer": offer.id})
    return offer


def over(session: Session, now: dt.datetime) -> list[str]:
    """Numbers of the cases with an open offer whose time is over, or which were withdrawn."""
    due = (
        select(Offer.case_number)
        .join(Case, Case.number == Offer.case_number)
        .where(Offer.state == "open", or_(Offer.expires_at < now, Case.state == "withdrawn"))
    )
    return sorted(set(session.scalars(due)))


def expire(session: Session, now: dt.datetime, numbers: Sequence[str] | None = None) -> list[Offer]:
    """Close offers whose time is over or whose case was withdrawn, and free their money.

    `numbers`: only in these cases. Cases that somebody works on at this moment are left for the next look.
    """
    numbers = over(session, now) if numbers is None else numbers
    mine = select(Case).where(Case.number.in_(numbers)).order_by(Case.number)
    cases = session.scalars(
        mine.with_for_update(skip_locked=True, **LOCK).execution_options(populate_existing=True)
    ).all()
    found = []
    for case in cases:
        session.expire(case, ["offers"])
        for offer in case.offers:
            session.refresh(offer)
            ended = case.state == "withdrawn" or (offer.expires_at is not None and offer.expires_at < now)
            if offer.state == "open" and ended:
                _expire(session, offer)
                found.append(offer)
    return found


def _answerable(session: Session, offer_id: str, conversation: str, now: dt.datetime) -> tuple[Offer | None, Outcome]:
    offer = _locked(session, offer_id)
    if offer is None or offer.case.conversation != conversation:
        return None, "not_yours"
    over = offer.expires_at is not None and offer.expires_at < now
    if offer.state == "open" and (over or offer.case.state == "withdrawn"):
        _expire(session, offer)
    if offer.state in ("accepted", "fulfilled"):
        return offer, "already_accepted"
    if offer.state == "declined":
        return offer, "already_declined"
    return offer, "ok" if offer.state == "open" else "expired"


def _locked(session: Session, offer_id: str) -> Offer | None:
    """The offer as it is now, its case locked until the transaction ends."""
    offer: Offer | None = session.get(Offer, offer_id)
    if offer is None:
        return None
    locked(session, offer.case)
    session.refresh(offer)  # it may have been answered while we waited for the lock
    return offer


def _expire(session: Session, offer: Offer) -> None:
    offer.state = "expired"
    release(session, offer)
    record(session, offer.case, who="bot", what="offer_expired", after={"offer": offer.id})
    case = offer.case
    if case.state == "offer_made" and all(other.state != "open" for other in case.offers):
        move(session, case, "acknowledged", who="bot", why="offer_expired")  # nothing waits for the customer any more


def _said(offer: Offer | None) -> str:
    return "does not exist" if offer is None else f"is {offer.state}"

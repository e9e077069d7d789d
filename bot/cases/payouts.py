"""Money that customers accepted, on its way to whoever pays it: refunds to pay, voucher codes to make valid.

The accepted offers are the orders: they wait in SQL until they went out, as a file for the bookkeeping or to the
shop's webhook (bot/frontdesk/payouts.py). An order may go out twice, after a crash; its id is the same then.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.answers import fulfil
from bot.cases.ending import settle
from bot.cases.model import Audit, Case, Offer
from bot.cases.store import keep_promise, locked

REFUNDS = ("partial_refund", "refund")
FORMS = (*REFUNDS, "voucher")

PROMISED = "decision"
"""The promise that a refund goes out by (actions/offer.py)."""


@dataclass(frozen=True)
class Payout:
    """One order to pay. `id` is the same each time it goes out; `code` is the voucher's, empty for a refund."""

    id: str
    kind: str
    case_number: str
    order_number: str
    amount_cents: int
    currency: str
    code: str
    accepted_at: dt.datetime

    def to_json(self) -> dict[str, Any]:
        """What the webhook gets."""
        return {**asdict(self), "accepted_at": self.accepted_at.isoformat(timespec="seconds")}


def waiting(session: Session) -> list[Payout]:
    """Accepted money that has not gone out yet, the oldest first."""
    accepted = select(Offer).where(Offer.state == "accepted", Offer.form.in_(FORMS), Offer.amount_cents > 0)
    return [_payout(offer) for offer in session.scalars(accepted.order_by(Offer.answered_at, Offer.id))]


def gone_out(session: Session, since: dt.datetime) -> list[Payout]:
    """What went out since then, for a file that got lost."""
    lines = select(Audit).where(Audit.what == "offer_fulfilled", Audit.at >= since).order_by(Audit.id)
    ids = [str((line.after or {}).get("offer")) for line in session.scalars(lines)]
    offers = [session.get(Offer, offer_id) for offer_id in dict.fromkeys(ids)]
    return [_payout(offer) for offer in offers if offer is not None and offer.form in FORMS and offer.amount_cents]


def mark_gone_out(session: Session, payout: Payout, *, who: str, now: dt.datetime) -> bool:
    """The order reached whoever pays it. False where it had before: of two processes at once one gets True.

    The promise that went with it is kept, and the case is resolved when nothing else is open on it.
    """
    offer: Offer | None = session.get(Offer, payout.id)
    if offer is None:
        return False
    case: Case = locked(session, offer.case)
    session.refresh(offer)
    if offer.state != "accepted":
        return False
    fulfil(session, offer.id, who=who)
    if offer.form in REFUNDS:
        keep_promise(session, case, PROMISED, who, now)
    settle(session, case, who=who, why="paid_out")
    return True


def as_csv(payouts: list[Payout]) -> str:
    """A table with a header, one order a line; amounts are whole cents."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Payout)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(payout.to_json() for payout in payouts)
    return text.getvalue()


def _payout(offer: Offer) -> Payout:
    return Payout(
        id=offer.id,
        kind="voucher" if offer.form == "voucher" else "refund",
        case_number=offer.case_number,
        order_number=offer.case.order_number or "",
        amount_cents=offer.amount_cents,
        currency=offer.currency,
        code=offer.code or "",
        accepted_at=offer.answered_at or offer.made_at,
    )

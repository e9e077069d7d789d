"""Surprises to the end: a call from the manager or a note by hand is a task of somebody until it is done.

delight.yml chooses them, never in place of a right. Who took one on, who did it and when stands in the case's audit;
until somebody has taken one, the `owner` named in delight.yml has to see to it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.answers import fulfil
from bot.cases.ending import settle
from bot.cases.model import Audit, Decision, Offer, Promise
from bot.cases.store import keep_promise, locked, record

TAKEN = "surprise_taken"
"""The audit line of somebody who takes a surprise on."""


class NoSuchTask(ValueError):
    """There is no such surprise, or nothing is to be done about it (declined, expired, not answered yet)."""


@dataclass(frozen=True)
class Task:
    """A surprise that somebody has to carry out. `owner`: who took it, else who has to by delight.yml; `due_at` where
    a time was promised with it."""

    offer_id: str
    case_number: str
    form: str
    item: str
    language: str
    since: dt.datetime
    due_at: dt.datetime | None
    owner: str


def list_open(session: Session) -> list[Task]:
    """Surprises that customers wait for, the most urgent first: accepted, or given without asking."""
    found = select(Offer).where(Offer.kind == "surprise", Offer.state.in_(("accepted", "open")))
    waiting = [offer for offer in session.scalars(found.order_by(Offer.made_at, Offer.id)) if _to_do(session, offer)]
    numbers = {offer.case_number for offer in waiting}
    due = {
        (made.case_number, made.what): made.due_at
        for made in session.scalars(select(Promise).where(Promise.case_number.in_(numbers), Promise.state == "open"))
    }
    owners = {
        str((line.after or {}).get("offer")): line.who
        for line in session.scalars(
            select(Audit).where(Audit.case_number.in_(numbers), Audit.what == TAKEN).order_by(Audit.id)
        )
    }
    tasks = [
        Task(
            offer_id=offer.id,
            case_number=offer.case_number,
            form=offer.form,
            item=offer.case.item or "",
            language=offer.case.language,
            since=offer.answered_at or offer.made_at,
            due_at=due.get((offer.case_number, _promise(session, offer))),
            owner=owners.get(offer.id) or str(_proposal(session, offer).get("owner") or ""),
        )
        for offer in waiting
    ]
    return sorted(tasks, key=lambda task: (task.due_at is None, task.due_at or task.since))


@dataclass(frozen=True)
class Done:
    """A surprise that was carried out: by whom, and when."""

    offer_id: str
    case_number: str
    form: str
    who: str
    at: dt.datetime


def list_done(session: Session, since: dt.datetime) -> list[Done]:
    """Surprises carried out since then, the latest first."""
    lines = select(Audit).where(Audit.what == "offer_fulfilled", Audit.at >= since).order_by(Audit.id.desc())
    found = []
    for line in session.scalars(lines):
        offer = session.get(Offer, str((line.after or {}).get("offer")))
        if offer is not None and offer.kind == "surprise":
            found.append(Done(offer.id, offer.case_number, offer.form, line.who, line.at))
    return found


def take(session: Session, offer_id: str, who: str) -> None:
    """`who` carries this surprise out; the last one to take it counts. Raises :class:`NoSuchTask`."""
    offer = _locked(session, offer_id)
    if not _to_do(session, offer):
        raise NoSuchTask(f"the surprise {offer_id} is {offer.state}: there is nothing to do")
    record(session, offer.case, who=who, what=TAKEN, after={"offer": offer.id})


def done(session: Session, offer_id: str, who: str, *, now: dt.datetime) -> bool:
    """`who` carried it out; False where it was done before, so of two people at once one gets True.

    The promise that went with it is kept, and the case is resolved when nothing else is open on it.
    Raises :class:`NoSuchTask`.
    """
    offer = _locked(session, offer_id)
    if offer.state == "fulfilled":
        return False
    if not _to_do(session, offer):
        raise NoSuchTask(f"the surprise {offer_id} is {offer.state}: only an accepted one can be carried out")
    offer.state, offer.answered_at = "accepted", offer.answered_at or now
    fulfil(session, offer.id, who=who)
    case = offer.case
    keep_promise(session, case, _promise(session, offer), who, now)
    settle(session, case, who=who, why="surprise_done")
    return True


def _to_do(session: Session, offer: Offer) -> bool:
    """Whether somebody has to act: the customer said yes, or it is a gift that nobody was asked about."""
    if offer.state != "open":
        return bool(offer.state == "accepted")
    return not _proposal(session, offer).get("needs_answer", True)


def _promise(session: Session, offer: Offer) -> str:
    """The promise of hours.yml that goes with it; where the decision named none, the one called like it."""
    return str(_proposal(session, offer).get("promise") or offer.form)


def _proposal(session: Session, offer: Offer) -> dict[str, Any]:
    decision = session.get(Decision, offer.decision_id) if offer.decision_id else None
    return (decision.result.get("offer") or {}) if decision is not None else {}


def _locked(session: Session, offer_id: str) -> Offer:
    offer = session.get(Offer, offer_id)
    if offer is None or offer.kind != "surprise":
        raise NoSuchTask(f"there is no surprise {offer_id}: see erstkontakt surprises")
    locked(session, offer.case)
    session.refresh(offer)
    return offer

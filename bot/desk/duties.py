"""What customers accepted and wait for: surprises, repairs, money. Somebody takes it on and says when it is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.cases import answers, ending, store, surprises
from bot.cases.model import Offer
from bot.cases.promises import overview
from bot.cases.surprises import Done, NoSuchTask
from bot.database import utcnow
from bot.desk.access import may_see
from bot.desk.context import PREFIX, WRITERS
from bot.desk.guard import Refused, Visit
from bot.frontdesk.model import User

LATELY = dt.timedelta(days=30)
"""How far back the page shows what was done, and counts promises."""

PROMISED = "decision"
"""The promise that goes with everything that was accepted but a surprise, which has its own (actions/offer.py)."""


@dataclass(frozen=True)
class Duty:
    """One thing that a customer waits for. `owner`: who took it, or who has to; `due_at` where a time was promised."""

    offer: Offer
    owner: str
    due_at: dt.datetime | None
    late: bool

    @property
    def is_surprise(self) -> bool:
        """Whether somebody takes it on by name."""
        return str(self.offer.kind) == "surprise"


async def page(visit: Visit) -> Response:
    """What waits, the most urgent first; what was done lately; and how often promises were kept."""
    now = utcnow()
    waiting, done, kept = await visit.run(_page, visit.user, now)
    may = visit.user.role in WRITERS
    return visit.page("duties.html", here="duties", waiting=waiting, done=done, kept=kept, may=may, now=now)


async def take(visit: Visit) -> Response:
    """This user carries the surprise out."""
    return await _step(visit, _take)


async def finish(visit: Visit) -> Response:
    """It was carried out; the promise that went with it is kept."""
    return await _step(visit, _finish)


async def _step(visit: Visit, step: Callable[[Session, User, str], str]) -> Response:
    conversation_id = await visit.run(step, visit.user, visit.request.path_params["id"])
    visit.desk.hub.tell(conversation_id)
    return visit.done(f"{PREFIX}/duties")


def _page(session: Session, user: User, now: dt.datetime) -> tuple[list[Duty], list[Done], tuple[int, int]]:
    record = overview(session, now, days=LATELY.days)
    waiting = [duty for duty in _waiting(session, now) if may_see(session, user, duty.offer.case.conversation)]
    done = [
        each
        for each in surprises.list_done(session, now - LATELY)
        if may_see(session, user, session.get(Offer, each.offer_id).case.conversation)
    ]
    return waiting, done, (record.kept, record.kept + record.broken)


def _waiting(session: Session, now: dt.datetime) -> list[Duty]:
    found = [
        Duty(session.get(Offer, task.offer_id), task.owner, task.due_at, task.due_at is not None and task.due_at < now)
        for task in surprises.list_open(session)
    ]
    accepted = select(Offer).where(Offer.state == "accepted", Offer.kind != "surprise", Offer.form != "voucher")
    for offer in session.scalars(accepted.order_by(Offer.answered_at)):
        due = next((made.due_at for made in offer.case.promises if (made.what, made.state) == (PROMISED, "open")), None)
        found.append(Duty(offer, "", due, due is not None and due < now))
    return sorted(found, key=lambda duty: (duty.due_at is None, duty.due_at or duty.offer.made_at))


def _take(session: Session, user: User, offer_id: str) -> str:
    offer = _seen(session, user, offer_id)
    try:
        surprises.take(session, offer_id, user.name)
    except NoSuchTask as over:
        raise Refused(409, "error_duty_over") from over
    return str(offer.case.conversation)


def _finish(session: Session, user: User, offer_id: str) -> str:
    offer, now = _seen(session, user, offer_id), utcnow()
    try:
        if offer.kind == "surprise":
            surprises.done(session, offer_id, user.name, now=now)
            return str(offer.case.conversation)
        answers.fulfil(session, offer_id, who=user.name)
    except (NoSuchTask, answers.NotPossible) as over:
        raise Refused(409, "error_duty_over") from over
    store.keep_promise(session, offer.case, PROMISED, user.name, now)
    ending.settle(session, offer.case, who=user.name, why="fulfilled")
    return str(offer.case.conversation)


def _seen(session: Session, user: User, offer_id: str) -> Offer:
    offer: Offer | None = session.get(Offer, offer_id)
    if offer is None or not may_see(session, user, offer.case.conversation):
        raise Refused(404, "error_duty_unknown")
    return offer

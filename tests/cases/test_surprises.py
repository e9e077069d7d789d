"""A surprise is somebody's task until it is done."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from bot.cases import answers, offers, store, surprises
from bot.cases.model import Case, Offer
from bot.cases.surprises import NoSuchTask
from bot.database import Database
from bot.goodwill.policy import Policy
from tests.cases.conftest import NOW, CaseMaker


def surprise(session: Session, conversation: str = "c1", **about: object) -> Offer:
    """A call from the manager that was offered and accepted."""
    case = store.open_case(
        session, conversation=conversation, channel="web", language="de", category="staff_conduct", text="So ein Ton.",
        now=NOW,
    )  # fmt: skip
    given = {"kind": "surprise", "form": "manager_call", "by": "bot", "state": "open", "made_at": NOW, **about}
    offer = Offer(id=store.new_id(), case_number=case.number, rule_version="1", **given)
    case.offers.append(offer)
    session.flush()
    store.move(session, case, "offer_made", who="bot")
    return offer


def test_an_accepted_surprise_is_a_task_until_it_is_done(office: Session) -> None:
    offer = surprise(office)
    assert surprises.list_open(office) == []  # the customer has not said yes
    answers.accept(office, offer.id, "c1", now=NOW)
    due = NOW + dt.timedelta(days=1)
    store.promise(office, offer.case, "manager_call", due, now=NOW)
    (task,) = surprises.list_open(office)
    assert (task.form, task.case_number, task.due_at, task.owner) == ("manager_call", offer.case_number, due, "")
    surprises.take(office, offer.id, "Mira")
    assert surprises.list_open(office)[0].owner == "Mira"
    assert surprises.done(office, offer.id, "Mira", now=NOW + dt.timedelta(hours=3))
    assert surprises.list_open(office) == []
    assert offer.state == "fulfilled"
    assert [made.state for made in offer.case.promises] == ["kept"]
    assert offer.case.state == "resolved"  # nothing else was open
    assert not surprises.done(office, offer.id, "Mira", now=NOW)


def test_a_late_surprise_is_a_broken_promise(office: Session) -> None:
    offer = surprise(office, state="accepted")
    store.promise(office, offer.case, "manager_call", NOW + dt.timedelta(hours=1), now=NOW)
    surprises.done(office, offer.id, "Mira", now=NOW + dt.timedelta(hours=2))
    assert [made.state for made in offer.case.promises] == ["broken"]


def test_a_surprise_never_settles_what_is_still_open(office: Session) -> None:
    offer = surprise(office, state="accepted")
    store.move(office, offer.case, "accepted", who="customer")
    right = Offer(
        id=store.new_id(), case_number=offer.case_number, rule_version="1", kind="entitlement", form="repair",
        by="bot", state="accepted", made_at=NOW,
    )  # fmt: skip
    offer.case.offers.append(right)
    office.flush()
    surprises.done(office, offer.id, "Mira", now=NOW)
    assert offer.case.state == "accepted"


@pytest.mark.parametrize("state", ["declined", "expired", "revoked"])
def test_what_nobody_wants_is_no_task(office: Session, state: str) -> None:
    offer = surprise(office, state=state)
    assert surprises.list_open(office) == []
    with pytest.raises(NoSuchTask, match=state):
        surprises.done(office, offer.id, "Mira", now=NOW)
    with pytest.raises(NoSuchTask, match=state):
        surprises.take(office, offer.id, "Mira")


def test_only_surprises_are_tasks(office: Session) -> None:
    offer = surprise(office, kind="goodwill", form="voucher")
    with pytest.raises(NoSuchTask, match="erstkontakt surprises"):
        surprises.take(office, offer.id, "Mira")
    with pytest.raises(NoSuchTask):
        surprises.done(office, "none", "Mira", now=NOW)


def test_a_gift_that_needs_no_answer_is_a_task_at_once_and_does_not_run_out(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    late = case_for_voucher(office, category="wrong_or_incomplete", flags=["repeat_contact"], text="Wieder falsch")
    offers.decide_case(office, late, policy, now=NOW)
    (task,) = [task for task in surprises.list_open(office) if task.case_number == late.number]
    assert task.form == "handwritten_note"
    assert task.item == "Wartung"
    assert any(right.kind == "entitlement" for right in late.offers)  # beside the right, never instead of it
    answers.expire(office, NOW + dt.timedelta(days=60))
    assert surprises.done(office, task.offer_id, "Mira", now=NOW + dt.timedelta(days=61))


def test_two_people_at_once_do_it_once(database: Database) -> None:
    with database.begin() as session:
        offer_id = surprise(session, state="accepted").id

    def finish(who: int) -> bool:
        with database.begin() as session:
            return surprises.done(session, offer_id, f"person {who}", now=NOW)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(finish, range(8))) == 1
    with database.begin() as session:
        case = session.get(Case, session.get(Offer, offer_id).case_number)
        assert sum(line.what == "offer_fulfilled" for line in case.audit) == 1

"""Above one's authority: staff asks, a lead or manager answers; two people, one offer, all of it in the audit."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import approvals, offers
from bot.cases.budgets import budget_left, trust_left
from bot.cases.model import Approval, Case, Offer
from bot.database import Database
from bot.goodwill.policy import Policy
from tests.cases.conftest import NOW, CaseMaker, PolicyMaker


def ask(session: Session, case: Case, policy: Policy, cents: int = 25_000, **more: str) -> Approval:
    given = {"user_name": "Mira", "role": "staff", "reason": "three repairs, four weeks", **more}
    return approvals.request(session, case, amount_cents=cents, policy=policy, now=NOW, **given)


def test_a_lead_says_yes_and_the_customer_has_an_offer(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    case = case_for_voucher(office, price_cents=60_000)
    wish = ask(office, case, policy, form="partial_refund")
    assert (wish.state, approvals.waiting(office), case.offers) == ("open", [wish], [])
    assert ask(office, case, policy, form="partial_refund") is wish  # pressed twice
    offer = approvals.approve(office, wish.id, user_name="Lea", role="lead", answer="fair", policy=policy, now=NOW)
    assert (offer.form, offer.amount_cents, offer.by, offer.state) == ("partial_refund", 25_000, "Lea", "open")
    assert (wish.state, wish.answered_by, wish.offer_id) == ("approved", "Lea", offer.id)
    assert approvals.approve(office, wish.id, user_name="Lea", role="lead", policy=policy, now=NOW) is offer
    assert approvals.waiting(office) == []
    # It costs the trust of the one who said yes, not of the one who asked.
    assert trust_left(office, policy, "Lea", "lead", NOW) == 55_000
    assert trust_left(office, policy, "Mira", "staff", NOW) == 20_000
    assert budget_left(office, policy, NOW) == 175_000
    assert offers.accept(office, offer.id, "c1", now=NOW)[0] == "ok"
    office.expire(case, ["audit"])
    said = {line.what: (line.who, line.why) for line in case.audit}
    assert said["approval_asked"] == ("Mira", "three repairs, four weeks")
    assert said["approval_approved"] == ("Lea", "fair")
    assert said["granted"] == ("Lea", "three repairs, four weeks (asked by Mira)")


def test_who_has_spent_their_trust_budget_may_ask_for_more(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    cases = [case_for_voucher(office, serial, price_cents=60_000) for serial in (1, 2, 3)]
    for case in cases[:2]:
        offers.grant(
            office, case, user_name="Mira", role="staff", amount_cents=9_500, reason="weeks", policy=policy, now=NOW
        )
    with pytest.raises(offers.NotAllowed, match="grant it yourself"):
        ask(office, cases[2], policy, 1_000)
    wish = ask(office, cases[2], policy, 2_000)  # within the authority, beyond what is left of 200 euros
    offer = approvals.approve(office, wish.id, user_name="Lea", role="lead", policy=policy, now=NOW)
    assert (offer.amount_cents, offer.by, trust_left(office, policy, "Mira", "staff", NOW)) == (2_000, "Lea", 1_000)


def test_a_no_comes_with_its_reason_and_stands(office: Session, policy: Policy, case_for_voucher: CaseMaker) -> None:
    case = case_for_voucher(office, price_cents=60_000)
    wish = ask(office, case, policy)
    with pytest.raises(offers.NotAllowed, match="say why"):
        approvals.refuse(office, wish.id, user_name="Lea", role="lead", answer=" ")
    for _ in range(2):
        refused = approvals.refuse(office, wish.id, user_name="Lea", role="lead", answer="repair first", now=NOW)
        assert (refused.state, refused.answer) == ("refused", "repair first")
    with pytest.raises(approvals.AlreadyAnswered, match="Lea has refused this already"):
        approvals.approve(office, wish.id, user_name="Max", role="manager", policy=policy, now=NOW)
    assert case.offers == []
    assert ask(office, case, policy).id != wish.id  # asking again is allowed


@pytest.mark.parametrize(
    ("name", "role", "cents", "why"),
    [
        ("Bo", "staff", 25_000, "only a lead or manager"),
        ("Mira", "lead", 25_000, "nobody approves their own request"),
        ("Lea", "lead", 50_001, "a manager has to approve it"),
    ],
)
def test_who_may_not_say_yes(
    office: Session, policy: Policy, case_for_voucher: CaseMaker, name: str, role: str, cents: int, why: str
) -> None:
    wish = ask(office, case_for_voucher(office, price_cents=60_000), policy, cents)
    with pytest.raises(offers.NotAllowed, match=why):
        approvals.approve(office, wish.id, user_name=name, role=role, policy=policy, now=NOW)
    assert wish.state == "open"


@pytest.mark.parametrize(
    ("cents", "more", "why"),
    [
        (10_000, {}, "within your own authority"),
        (60_001, {}, "more than the customer paid"),
        (0, {}, "above zero"),
        (25_000, {"reason": ""}, "write down the reason"),
    ],
)
def test_what_cannot_be_asked(
    office: Session, policy: Policy, case_for_voucher: CaseMaker, cents: int, more: dict[str, str], why: str
) -> None:
    case = case_for_voucher(office, price_cents=60_000)
    with pytest.raises(offers.NotAllowed, match=why):
        ask(office, case, policy, cents, **more)


def test_a_spent_budget_leaves_the_request_open(
    office: Session, policy_with: PolicyMaker, case_for_voucher: CaseMaker
) -> None:
    policy = policy_with(month_cents=20_000)
    wish = ask(office, case_for_voucher(office, price_cents=60_000), policy)
    with pytest.raises(offers.BudgetExhausted):
        approvals.approve(office, wish.id, user_name="Max", role="manager", policy=policy, now=NOW)
    assert (wish.state, budget_left(office, policy, NOW)) == ("open", 20_000)


def test_yes_and_no_at_once_have_one_winner(database: Database, policy: Policy, case_for_voucher: CaseMaker) -> None:
    with database.begin() as session:
        wish = ask(session, case_for_voucher(session, price_cents=60_000), policy).id
    start = threading.Barrier(10)

    def answer(index: int) -> str:
        start.wait()
        try:
            with database.begin() as session:
                if index % 2:
                    approvals.refuse(session, wish, user_name="Lea", role="lead", answer="no", now=NOW)
                    return "refused"
                approvals.approve(session, wish, user_name="Max", role="manager", policy=policy, now=NOW)
                return "approved"
        except approvals.AlreadyAnswered:
            return "too late"

    with ThreadPoolExecutor(10) as pool:
        said = set(pool.map(answer, range(10))) - {"too late"}
    assert len(said) == 1
    with database.begin() as session:
        assert session.get(Approval, wish).state in said
        assert len(session.scalars(select(Offer)).all()) == ("approved" in said)

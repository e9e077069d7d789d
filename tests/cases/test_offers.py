"""Offers are made once, never beyond the budget, and answered once."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cases import offers, store
from bot.cases.budgets import budget_left, release, reserve, trust_left
from bot.cases.model import Budget, Case, Offer
from bot.database import Database
from bot.goodwill.policy import Policy
from tests.cases.conftest import NOW, CaseMaker, PolicyMaker
from tests.services.processes import FORKED

DECIDERS = 50
LATER = NOW + dt.timedelta(days=31)


def at_once(count: int, work: object) -> list[object]:
    """`work(index)` in so many threads that begin together; their results."""
    start = threading.Barrier(count)

    def wait(index: int) -> object:
        start.wait()
        return work(index)  # type: ignore[operator]

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait, range(count)))


def reserved(session: Session) -> int:
    return int(session.scalar(select(func.coalesce(func.sum(Budget.reserved_cents), 0)).where(Budget.scope == "all")))


def test_fifty_deciders_never_overspend_the_budget(
    database: Database, policy_with: PolicyMaker, case_for_voucher: CaseMaker
) -> None:
    policy = policy_with(month_cents=8_500)
    with database.begin() as session:
        numbers = [case_for_voucher(session, serial).number for serial in range(1, DECIDERS + 1)]

    def decide(index: int) -> str:
        with database.begin() as session:
            case = session.get(Case, numbers[index])
            return offers.decide_case(session, case, policy, now=NOW).answer.outcome

    outcomes = at_once(DECIDERS, decide)
    with database.begin() as session:
        amounts = sorted(session.scalars(select(Offer.amount_cents).where(Offer.kind == "goodwill")))
        assert sum(amounts) == reserved(session) == 8_500
    # Eight vouchers of 10 euros; the ninth gets the 5 euros that are left; the others something that costs nothing.
    assert amounts == [500] + [1_000] * 8
    assert (outcomes.count("offer"), outcomes.count("gesture")) == (9, 41)


def test_fifty_deciders_on_one_case_make_one_offer(
    database: Database, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    with database.begin() as session:
        number = case_for_voucher(session).number

    def decide(_: int) -> str:
        with database.begin() as session:
            (offer,) = offers.decide_case(session, session.get(Case, number), policy, now=NOW).offers
            return str(offer.id)

    assert len(set(at_once(DECIDERS, decide))) == 1
    with database.begin() as session:
        assert reserved(session) == 1_000


def decide_in_process(url: str, numbers: list[str], files: dict[str, str]) -> int:
    """What a process of its own does: decide these cases one after the other; how many offers of money it made."""
    database, policy, made = Database(url), Policy.from_texts(files), 0
    for number in numbers:
        with database.begin() as session:
            decided = offers.decide_case(session, session.get(Case, number), policy, now=NOW)
            made += decided.answer.outcome == "offer"
    database.dispose()
    return made


def test_two_processes_deciding_at_once_never_overspend_and_never_grant_twice(
    database: Database, policy_with: PolicyMaker, case_for_voucher: CaseMaker
) -> None:
    policy = policy_with(month_cents=8_500)
    with database.begin() as session:
        numbers = [case_for_voucher(session, serial).number for serial in range(1, 21)]
    files = dict(policy.files)
    with ProcessPoolExecutor(2, mp_context=FORKED) as pool:
        # Both decide the same cases, in opposite directions: they meet in the middle.
        done = [pool.submit(decide_in_process, database.url, order, files) for order in (numbers, numbers[::-1])]
        assert sum(each.result() for each in done) >= 9
    with database.begin() as session:
        made = session.execute(select(Offer.case_number, Offer.amount_cents).where(Offer.kind == "goodwill")).all()
        assert sum(row.amount_cents for row in made) == reserved(session) <= 8_500
        assert len({row.case_number for row in made}) == len(made), "nobody was given twice"


def test_one_order_in_two_cases_is_compensated_once(
    database: Database, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    with database.begin() as session:
        for serial, category in ((1, "staff_conduct"), (2, "unreachable_service")):
            case_for_voucher(session, serial, order_number="LH-1", category=category)

    def decide(index: int) -> str:
        with database.begin() as session:
            case = store.latest(session, f"c{index + 1}")
            assert case is not None
            return offers.decide_case(session, case, policy, now=NOW).answer.reason

    assert sorted(at_once(2, decide)) == ["already_compensated", "ladder:voucher"]
    with database.begin() as session:
        assert reserved(session) == 1_000


def test_accepting_fifty_times_at_once_gives_one_voucher(
    database: Database, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    with database.begin() as session:
        (made,) = offers.decide_case(session, case_for_voucher(session), policy, now=NOW).offers

    def accept(_: int) -> tuple[str, str | None]:
        with database.begin() as session:
            session.get(Offer, made.id)  # as a dialogue does: the offer was read before it is answered
            outcome, offer = offers.accept(session, made.id, "c1", now=NOW)
            return outcome, offer.code if offer else None

    answers = at_once(DECIDERS, accept)
    assert [outcome for outcome, _ in answers].count("ok") == 1
    assert {outcome for outcome, _ in answers} == {"ok", "already_accepted"}
    assert len({code for _, code in answers}) == 1


def test_looking_for_expired_offers_at_once_frees_their_money_once(
    database: Database, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    with database.begin() as session:
        for serial in range(1, 6):
            offers.decide_case(session, case_for_voucher(session, serial), policy, now=NOW)
        reserve(session, policy, 700, NOW)  # somebody else's, that must stay

    def look(_: int) -> int:
        with database.begin() as session:
            return len(offers.expire(session, LATER))

    assert sum(at_once(8, look)) == 5  # type: ignore[arg-type]
    with database.begin() as session:
        assert reserved(session) == 700


def test_an_offer_is_accepted_once_and_then_done(office: Session, policy: Policy, case_for_voucher: CaseMaker) -> None:
    case = case_for_voucher(office)
    decided = offers.decide_case(office, case, policy, now=NOW)
    (offer,) = decided.offers
    assert (offer.form, offer.amount_cents, offer.by, case.state) == ("voucher", 1_000, "bot", "offer_made")
    assert (decided.decision.rule_version, offer.budget_month) == (policy.version, "2026-11")
    outcome, accepted = offers.accept(office, offer.id, "c1", now=NOW)
    assert (outcome, accepted, case.state, case.basis) == ("ok", offer, "accepted", "kulanz")
    code = offer.code
    assert code
    assert offers.accept(office, offer.id, "c1", now=NOW) == ("already_accepted", offer)
    assert offers.decline(office, offer.id, "c1", now=NOW) == ("already_accepted", offer)
    assert offer.code == code
    assert offers.expire(office, LATER) == []
    assert offers.fulfil(office, offer.id, who="Mira") is offers.fulfil(office, offer.id, who="Mira")
    assert [line.what for line in case.audit].count("offer_fulfilled") == 1
    assert offers.decide_case(office, case, policy, now=NOW).answer.reason == "already_compensated"


def test_a_declined_offer_frees_its_money_and_is_not_made_again(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    case = case_for_voucher(office)
    (offer,) = offers.decide_case(office, case, policy, now=NOW).offers
    assert budget_left(office, policy, NOW) == 199_000
    assert offers.decline(office, offer.id, "c1", now=NOW) == ("ok", offer)
    assert offers.decline(office, offer.id, "c1", now=NOW) == ("already_declined", offer)
    assert (case.state, budget_left(office, policy, NOW)) == ("declined", 200_000)
    again = offers.decide_case(office, case, policy, now=NOW)
    assert (again.offers, again.answer.offer) == ([], None)  # a person goes on from here
    assert budget_left(office, policy, NOW) == 200_000


def test_an_expired_offer_frees_its_money_and_may_be_made_again(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    case = case_for_voucher(office)
    (offer,) = offers.decide_case(office, case, policy, now=NOW).offers
    assert offers.accept(office, offer.id, "c1", now=LATER) == ("expired", offer)
    assert case.state == "acknowledged", "nothing waits for the customer any more"
    assert budget_left(office, policy, NOW) == 200_000
    (other,) = offers.decide_case(office, case, policy, now=LATER).offers
    assert (other.state, other.budget_month) == ("open", "2026-12")
    assert offers.accept(office, other.id, "c1", now=LATER)[0] == "ok"


def test_an_offer_is_only_its_owners(office: Session, policy: Policy, case_for_voucher: CaseMaker) -> None:
    (offer,) = offers.decide_case(office, case_for_voucher(office), policy, now=NOW).offers
    assert offers.accept(office, offer.id, "somebody else", now=NOW) == ("not_yours", None)
    assert offers.decline(office, "no such offer", "c1", now=NOW) == ("not_yours", None)
    assert offer.state == "open"


def test_deciding_again_gives_the_same_offer_even_when_the_budget_is_spent(
    office: Session, policy_with: PolicyMaker, case_for_voucher: CaseMaker
) -> None:
    policy, case = policy_with(month_cents=1_000), case_for_voucher(office)
    first = offers.decide_case(office, case, policy, now=NOW)
    second = offers.decide_case(office, case, policy, now=NOW)
    assert first.offers == second.offers
    assert second.answer.offer == first.answer.offer
    assert budget_left(office, policy, NOW) == 0


def test_a_changed_policy_waits_until_an_open_offer_has_ended(
    office: Session, policy: Policy, policy_with: PolicyMaker, case_for_voucher: CaseMaker
) -> None:
    newer, case = policy_with(per_severity=1), case_for_voucher(office)
    (offer,) = offers.decide_case(office, case, policy, now=NOW).offers
    again = offers.decide_case(office, case, newer, now=NOW)
    assert (again.offers, again.decision.rule_version) == ([offer], policy.version)
    offers.decline(office, offer.id, "c1", now=NOW)
    assert offers.decide_case(office, case, newer, now=NOW).decision.rule_version == newer.version


def test_facts_that_are_worth_more_replace_an_open_offer(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    case = case_for_voucher(office)
    (small,) = offers.decide_case(office, case, policy, now=NOW).offers
    store.add_facts(office, case, who="bot", flags=["broken_promise"])
    order = office.get(offers.Order, case.order_number)
    order.customer_since = dt.date(2015, 1, 1)
    (big,) = offers.decide_case(office, case, policy, now=NOW).offers
    assert (small.state, big.form, big.amount_cents) == ("revoked", "partial_refund", 1_500)
    assert budget_left(office, policy, NOW) == 200_000 - 1_500


def test_a_withdrawn_case_has_no_offer_any_more(office: Session, policy: Policy, case_for_voucher: CaseMaker) -> None:
    cases = [case_for_voucher(office, serial) for serial in (1, 2)]
    made = [offers.decide_case(office, case, policy, now=NOW).offers[0] for case in cases]
    for case in cases:
        store.move(office, case, "withdrawn", who="customer")
    assert offers.accept(office, made[0].id, "c1", now=NOW)[0] == "expired"
    assert offers.expire(office, NOW) == made[1:]
    assert budget_left(office, policy, NOW) == 200_000


def test_a_chosen_repair_is_not_asked_again(office: Session, policy: Policy, case_for_voucher: CaseMaker) -> None:
    case = case_for_voucher(office, category="product_defect", flags=[])
    (right,) = offers.decide_case(office, case, policy, now=NOW).offers
    assert (right.kind, right.form, case.basis) == ("entitlement", "repair_or_replacement", "claim")
    offers.accept(office, right.id, "c1", now=NOW, choice="repair")
    assert offers.decide_case(office, case, policy, now=NOW).offers == [right]
    assert right.form == "repair"
    offers.fulfil(office, right.id, who="Mira")
    (again,) = offers.decide_case(office, case, policy, now=NOW).offers  # broken once more
    assert offers.accept(office, again.id, "c1", now=NOW, choice="repair")[0] == "ok"


def test_a_gift_that_needs_no_answer_does_not_hide_the_right(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    case = case_for_voucher(office, category="wrong_or_incomplete", flags=["repeat_contact"])
    decided = offers.decide_case(office, case, policy, now=NOW)
    assert {offer.form for offer in decided.offers} > {"handwritten_note"}
    found = offers.open_offer(office, case)
    assert found is not None
    assert found.kind == "entitlement"


def test_what_was_accepted_cannot_be_taken_back(office: Session, policy: Policy, case_for_voucher: CaseMaker) -> None:
    one, two = (offers.decide_case(office, case_for_voucher(office, n), policy, now=NOW).offers[0] for n in (1, 2))
    for _ in range(2):
        assert offers.revoke(office, one.id, who="Mira", why="wrong order").state == "revoked"
    assert budget_left(office, policy, NOW) == 199_000
    offers.accept(office, two.id, "c2", now=NOW)
    with pytest.raises(ValueError, match="is accepted: only an open one"):
        offers.revoke(office, two.id, who="Mira", why="changed my mind")
    with pytest.raises(ValueError, match="is revoked: only an accepted one"):
        offers.fulfil(office, one.id, who="Mira")


def test_pressure_never_raises_an_offer(office: Session, policy: Policy, case_for_voucher: CaseMaker) -> None:
    case = case_for_voucher(office, flags=["threat"])
    assert offers.decide_case(office, case, policy, now=NOW).offers == []


def test_a_budget_of_zero_gives_what_costs_nothing(
    office: Session, policy_with: PolicyMaker, case_for_voucher: CaseMaker
) -> None:
    decided = offers.decide_case(office, case_for_voucher(office), policy_with(month_cents=0), now=NOW)
    assert decided.answer.outcome == "gesture"


def grant(session: Session, case: Case, policy: Policy, cents: int, role: str = "staff", **more: str) -> Offer:
    given = {"user_name": "Mira", "reason": "waited for weeks", **more}
    return offers.grant(session, case, role=role, amount_cents=cents, policy=policy, now=NOW, **given)


def test_a_person_grants_within_authority_and_trust(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    cases = [case_for_voucher(office, serial, price_cents=80_000) for serial in range(1, 5)]
    offer = grant(office, cases[0], policy, 10_000)
    assert (offer.by, offer.reason, offer.state, cases[0].state) == ("Mira", "waited for weeks", "open", "offer_made")
    assert grant(office, cases[0], policy, 10_000) is offer  # pressed twice
    grant(office, cases[1], policy, 9_000)
    assert trust_left(office, policy, "Mira", "staff", NOW) == 1_000
    with pytest.raises(offers.NotAllowed, match=r"10\.00 left of your trust budget this month: ask a lead"):
        grant(office, cases[2], policy, 1_001)
    assert budget_left(office, policy, NOW) == 181_000
    offers.decline(office, offer.id, "c1", now=NOW)
    assert trust_left(office, policy, "Mira", "staff", NOW) == 11_000
    assert budget_left(office, policy, NOW) == 191_000
    grant(office, cases[3], policy, 10_000, user_name="Bo")  # everybody has their own


@pytest.mark.parametrize(
    ("cents", "role", "more", "why"),
    [
        (10_001, "staff", {}, "above your authority of 100.00: ask a lead or manager"),
        (0, "staff", {}, "above zero"),
        (-5, "staff", {}, "above zero"),
        (500, "staff", {"reason": "  "}, "write down the reason"),
        (500, "trainer", {}, "may not grant anything"),
        (20_001, "lead", {}, "more than the customer paid"),
        (500, "staff", {"form": "car"}, "choose one of voucher"),
    ],
)
def test_beyond_that_a_grant_is_refused_with_what_to_do(
    office: Session, policy: Policy, case_for_voucher: CaseMaker, cents: int, role: str, more: dict[str, str], why: str
) -> None:
    case = case_for_voucher(office, price_cents=20_000)
    with pytest.raises(offers.NotAllowed, match=why):
        grant(office, case, policy, cents, role, **more)
    assert case.offers == []


def test_a_grant_takes_the_place_of_the_bots_offer(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    case = case_for_voucher(office)
    (small,) = offers.decide_case(office, case, policy, now=NOW).offers
    offer = grant(office, case, policy, 5_000)
    assert (small.state, offers.open_offer(office, case)) == ("revoked", offer)
    assert budget_left(office, policy, NOW) == 195_000


def test_a_user_called_all_spends_their_own_trust_only(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    grant(office, case_for_voucher(office), policy, 5_000, user_name="all")
    assert budget_left(office, policy, NOW) == 195_000


def test_a_manager_has_no_trust_limit_and_money_freed_twice_is_freed_once(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    offer = grant(office, case_for_voucher(office, 1, price_cents=99_000), policy, 60_000, "manager")
    assert trust_left(office, policy, "Mira", "manager", NOW) is None
    release(office, offer)
    release(office, offer)
    assert budget_left(office, policy, NOW) == 200_000

"""What people give beyond the rules shows where a rule is missing."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from bot.cases import answers, offers
from bot.cases.overrides import overrides
from bot.goodwill.policy import Policy
from tests.cases.conftest import NOW, CaseMaker

DAY = dt.timedelta(days=1)


def test_favours_beyond_the_rules_are_candidates_for_a_new_rule(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    for serial in (1, 2, 3):
        case = case_for_voucher(office, serial, category="billing", flags=[])
        offers.decide_case(office, case, policy, now=NOW)
        offer = offers.grant(
            office, case, user_name="Mira", amount_cents=1_000 * serial, reason="charged twice",
            now=NOW + serial * DAY, role="staff", policy=policy,
        )  # fmt: skip
        if serial == 1:
            offers.accept(office, offer.id, "c1", now=NOW + 2 * DAY)
    rare = case_for_voucher(office, 4)
    offers.grant(office, rare, user_name="Bo", amount_cents=500, reason="rude", now=NOW, role="staff", policy=policy)
    back = case_for_voucher(office, 5)
    taken = offers.grant(
        office, back, user_name="Bo", amount_cents=700, reason="wrong case", now=NOW, role="staff", policy=policy
    )
    answers.revoke(office, taken.id, who="Bo", why="wrong case")
    often, once = overrides(office, NOW - DAY)
    assert (often.category, often.count, often.accepted, often.cents) == ("billing", 3, 1, 6_000)
    assert often.rules_said.startswith("ladder:")
    assert (often.least, often.most, often.reasons) == (1_000, 3_000, ("charged twice",))
    assert len(often.cases) == 3
    assert (once.category, once.rules_said, once.reasons) == ("staff_conduct", "", ("rude",))
    assert [each.count for each in overrides(office, NOW + 3 * DAY)] == [1]


def test_what_the_program_gives_is_no_override(office: Session, policy: Policy, case_for_voucher: CaseMaker) -> None:
    offers.decide_case(office, case_for_voucher(office), policy, now=NOW)
    assert overrides(office, NOW - DAY) == []

"""Rights before favours: what the law gives in this case, said before anything is offered.

The rules themselves are data (policy/rights.yml), each with its paragraph; here they are held against the facts.
Only proven facts count: an order that was not verified carries neither dates nor rights.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.goodwill import wording
from bot.goodwill.company import Company
from bot.goodwill.facts import Facts, OrderFacts
from bot.goodwill.periods import Period, Region
from bot.goodwill.wording import LANGUAGES, Words

KINDS = ("withdrawal", "entitlement")
FORMS = (
    "withdrawal",
    "withdrawal_possible",
    "repair_or_replacement",
    "correct_delivery",
    "rework",
    "deadline_then_withdrawal",
    "redelivery_or_refund",
    "guarantee",
    "data_access",
    "data_erasure",
    "data_objection",
)
NO_CATEGORY = "none"
"""How a rule names the facts that have no category: somebody only asked what they are entitled to."""

ORDER_WORDS = ("order", "ordered_on", "promised_on", "delivered_on", "service_on", "expected_on", "until")
"""Placeholders that come from a verified order."""


@dataclass(frozen=True)
class Condition:
    """One way for a rule to apply; all that is set must hold. Empty or ``None``: it does not matter.

    ``verified`` is True unless the rule says otherwise. ``overdue`` and ``within``: a period that has ended, or that
    still runs, today.
    """

    intents: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    remedies: frozenset[str] = frozenset()
    defect: bool | None = None
    verified: bool | None = True
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    distance_sale: bool | None = None
    overdue: Period | None = None
    within: Period | None = None

    def holds(self, facts: Facts, policy: RightsPolicy) -> bool:
        """Whether the facts meet this condition."""
        order = facts.proven
        if self.verified is not None and self.verified != (order is not None):
            return False
        if self.intents and facts.intent not in self.intents:
            return False
        if self.categories and (facts.category or NO_CATEGORY) not in self.categories:
            return False
        if self.remedies and not self.remedies & facts.remedies:
            return False
        if self.defect is not None and self.defect != policy.is_defect(facts):
            return False
        if any(_known(order, name, facts.today) is None for name in self.has):
            return False
        if any(getattr(order, name, None) is not None for name in self.lacks):
            return False
        if self.distance_sale is not None and (order is None or self.distance_sale != order.distance_sale):
            return False
        return self._in_time(facts, policy.region)

    def _in_time(self, facts: Facts, region: Region) -> bool:
        if self.overdue is not None:
            end = self.overdue.last_day(facts, region)
            if end is None or facts.today <= end:
                return False
        if self.within is not None:
            end = self.within.last_day(facts, region)
            return end is not None and facts.today <= end
        return True


def _known(order: OrderFacts | None, name: str, today: dt.date) -> dt.date | None:
    """A day of the order; a service that is still to come is not known yet."""
    day: dt.date | None = getattr(order, name, None)
    return None if name == "service_on" and day is not None and day > today else day


@dataclass(frozen=True)
class Addition:
    """A sentence that is added under a condition of its own, e.g. while a presumption of the law still runs."""

    text: Words
    within: Period | None = None
    after: Period | None = None
    valid_from: dt.date = dt.date.min

    def holds(self, facts: Facts, region: Region) -> bool:
        """Whether the sentence is said today."""
        return facts.today >= self.valid_from and Condition(
            verified=None, within=self.within, overdue=self.after
        )._in_time(facts, region)


@dataclass(frozen=True)
class RightRule:
    """One rule of rights.yml. ``until``: the last day of the right; ``due``: by when the company has to have acted;
    ``promise``: what we promise with it (a key of hours.yml)."""

    id: str
    jurisdiction: str
    paragraph: str
    valid_from: dt.date
    checked_on: dt.date
    kind: str
    form: str
    when: tuple[Condition, ...]
    text: Words
    choices: tuple[str, ...] = ()
    until: Period | None = None
    due: Period | None = None
    add: tuple[Addition, ...] = ()
    needs_person: bool = False
    promise: str | None = None


@dataclass(frozen=True)
class RightsPolicy:
    """rights.yml with what its texts need: the region of the holidays, and the company."""

    rules: tuple[RightRule, ...]
    defect_categories: frozenset[str]
    question: Words
    region: Region
    company: Company

    @property
    def jurisdictions(self) -> frozenset[str]:
        """The countries whose rules the file has."""
        return frozenset(rule.jurisdiction for rule in self.rules)

    def is_defect(self, facts: Facts) -> bool:
        """Whether this is about a defect: what the customer said, else what the category means."""
        if facts.is_claim_for_defect is not None:
            return facts.is_claim_for_defect
        return facts.category in self.defect_categories


@dataclass(frozen=True)
class Right:
    """What the customer is entitled to, put into words. Its basis is a claim: no goodwill budget pays for it.

    ``choices``: remedies the law lets the customer choose from. ``until``: the last day on which it can be used,
    ``None`` where it has no end or none is known. ``due``: by when the company has to act, or a fair deadline.
    ``needs_person``: it is stated at once, and a person carries it out. ``promise``: a key of hours.yml.
    """

    rule_id: str
    kind: str
    form: str
    paragraph: str
    basis: str
    until: dt.date | None
    text: Words
    choices: tuple[str, ...] = ()
    due: dt.date | None = None
    needs_person: bool = False
    promise: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data for storage."""
        return {
            "rule_id": self.rule_id,
            "kind": self.kind,
            "form": self.form,
            "paragraph": self.paragraph,
            "basis": self.basis,
            "until": self.until.isoformat() if self.until else None,
            "due": self.due.isoformat() if self.due else None,
            "choices": list(self.choices),
            "needs_person": self.needs_person,
            "promise": self.promise,
            "text": dict(self.text),
        }


def applicable_rights(facts: Facts, rights_policy: RightsPolicy) -> list[Right]:
    """The rights that these facts give, in the order of rights.yml; the first is the one to begin with."""
    found = []
    for rule in rights_policy.rules:
        if rule.jurisdiction != facts.jurisdiction or facts.today < rule.valid_from:
            continue
        met = next((condition for condition in rule.when if condition.holds(facts, rights_policy)), None)
        if met is None:
            continue
        until = rule.until.last_day(facts, rights_policy.region) if rule.until else None
        if until is not None and facts.today > until:
            continue
        found.append(_state(rule, met, until, facts, rights_policy))
    return found


def question(rights: list[Right], facts: Facts, rights_policy: RightsPolicy) -> Words | None:
    """The neutral question where a withdrawal was declared, or money wanted back, and it may as well be a defect."""
    forms = {right.form for right in rights}
    both = any(right.kind == "withdrawal" for right in rights) and forms & {
        "repair_or_replacement",
        "correct_delivery",
    }
    return dict(rights_policy.question) if both and facts.is_claim_for_defect is None else None


def _state(rule: RightRule, met: Condition, until: dt.date | None, facts: Facts, policy: RightsPolicy) -> Right:
    due = rule.due.last_day(facts, policy.region) if rule.due else None
    expected = met.overdue.last_day(facts, policy.region) if met.overdue else None
    text = {}
    for language in LANGUAGES:
        values = _values(facts, policy.company, language, {"until": until, "due": due, "expected_on": expected})
        said = [rule.text, *(each.text for each in rule.add if each.holds(facts, policy.region))]
        text[language] = " ".join(wording.fill(words[language], values) for words in said)
    return Right(
        rule_id=rule.id,
        kind=rule.kind,
        form=rule.form,
        paragraph=rule.paragraph,
        basis="claim",
        until=until,
        text=text,
        choices=rule.choices,
        due=due,
        needs_person=rule.needs_person,
        promise=rule.promise,
    )


def _values(facts: Facts, company: Company, language: str, computed: Mapping[str, dt.date | None]) -> dict[str, str]:
    order = facts.proven
    days: dict[str, dt.date | None] = {"today": facts.today, **computed}
    for name in ("ordered_on", "promised_on", "delivered_on", "service_on"):
        days[name] = getattr(order, name, None)
    values = {name: wording.day(day, language) if day else "–" for name, day in days.items()}
    return {**values, **company.contact, "order": company.order(order, language)}

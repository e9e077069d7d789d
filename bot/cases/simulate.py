"""What another policy would have offered and cost on the facts of stored decisions, before management signs it.

Each case counts once: with the first decision that offers money, else with its last. The other policy gets its own
monthly budget, spent in the order in which the cases came; money that people granted meanwhile is taken from it. An
offer stays reserved even where the real one was declined: the result is careful, not optimistic.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.budgets import month_of
from bot.cases.model import Decision, Offer
from bot.goodwill.engine import decide
from bot.goodwill.facts import Facts, FactsError
from bot.goodwill.policy import Policy

OUTCOMES = ("right", "offer", "gesture", "person", "none")
"""In the order of the report: what the customer hears first comes first."""


class BadPeriod(ValueError):
    """A period that cannot be understood; the message says which can."""


@dataclass(frozen=True)
class Period:
    """From one moment up to, but without, another; None where it is open."""

    start: dt.datetime | None
    end: dt.datetime | None


@dataclass
class Side:
    """One policy's figures. Amounts in cents; `offers` counts by form, `cents_by_category` what they cost."""

    outcomes: Counter[str] = field(default_factory=Counter)
    offers: Counter[str] = field(default_factory=Counter)
    cents_by_category: Counter[str] = field(default_factory=Counter)
    cents_by_month: Counter[str] = field(default_factory=Counter)

    @property
    def cents(self) -> int:
        """What all offers together cost if everybody accepts."""
        return sum(self.cents_by_category.values())

    def add(self, result: dict[str, Any], category: str, month: str) -> None:
        """Count one case."""
        self.outcomes[result["outcome"]] += 1
        offer = result.get("offer")
        if offer:
            self.offers[offer["form"]] += 1
            self.cents_by_category[category] += offer["amount_cents"]
            self.cents_by_month[month] += offer["amount_cents"]

    def to_json(self) -> dict[str, Any]:
        """Plain data for `policy simulate --json`."""
        return {
            "outcomes": dict(self.outcomes),
            "offers": dict(self.offers),
            "cents": self.cents,
            "cents_by_category": {name: cents for name, cents in sorted(self.cents_by_category.items()) if cents},
            "cents_by_month": {name: cents for name, cents in sorted(self.cents_by_month.items()) if cents},
        }


@dataclass
class Simulation:
    """Both sides of the comparison. `accepted_cents`: what customers really accepted of the stored offers."""

    version: str
    currency: str
    now: Side = field(default_factory=Side)
    then: Side = field(default_factory=Side)
    cases: int = 0
    changed: int = 0
    more: int = 0
    less: int = 0
    accepted_cents: int = 0
    unreadable: int = 0

    @property
    def expected_cents(self) -> int | None:
        """What would be accepted if customers go on accepting the same share of the money; None without any offer."""
        return self.then.cents * self.accepted_cents // self.now.cents if self.now.cents else None

    def to_json(self) -> dict[str, Any]:
        """Plain data for `policy simulate --json`."""
        counts = ("version", "currency", "cases", "changed", "more", "less", "accepted_cents", "expected_cents")
        return {
            **{name: getattr(self, name) for name in counts},
            "unreadable": self.unreadable,
            "now": self.now.to_json(),
            "then": self.then.to_json(),
        }


@dataclass(frozen=True)
class _Stored:
    case: str
    at: dt.datetime
    inputs: dict[str, Any]
    result: dict[str, Any]
    outcome: str


def period(against: str, policy: Policy, now: dt.datetime) -> Period:
    """`last-month`: the calendar month before this one; a number: so many days up to now; `all`. :class:`BadPeriod`."""
    if against == "all":
        return Period(None, None)
    if against == "last-month":
        first = now.astimezone(policy.hours.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
        before = (first.date() - dt.timedelta(days=1)).replace(day=1)
        return Period(dt.datetime.combine(before, dt.time(), policy.hours.zone), first)
    if against.isascii() and against.isdigit() and 0 < int(against) <= 36_500:
        return Period(now - dt.timedelta(days=int(against)), now)
    raise BadPeriod(f"{against} is no period: give last-month, a number of days such as 90, or all")


def simulate(session: Session, policy: Policy, within: Period) -> Simulation:
    """Decide every stored case of that period again under `policy`. Nothing is changed in the database."""
    found = Simulation(policy.version, policy.goodwill.currency)
    budget = _Budget(policy, _granted_by_people(session, within))
    for decisions in _cases(session, within):
        stored = _counting(decisions)
        month = month_of(policy, stored.at)
        then = _decide_again(decisions, policy, budget, found)
        if then is None:
            continue
        found.cases += 1
        category = str(stored.inputs.get("category") or "none")
        now = {**stored.result, "outcome": stored.outcome}
        found.now.add(now, category, month)
        found.then.add(then, category, month)
        _compare(found, now, then)
    found.accepted_cents = _accepted(session, within)
    return found


def _decide_again(
    decisions: list[_Stored], policy: Policy, budget: _Budget, found: Simulation
) -> dict[str, Any] | None:
    """The counting decision of a case under the other policy; money is taken from its budget. None: not readable."""
    result = None
    for stored in decisions:
        try:
            facts = Facts.from_json(stored.inputs)
        except FactsError:
            found.unreadable += 1
            continue
        answer = decide(replace(facts, budget_left_cents=budget.left(stored.at)), policy)
        offer = answer.offer
        result = {
            "outcome": answer.outcome,
            "reason": answer.reason,
            "rights": [{"rule_id": right.rule_id} for right in answer.rights],
            "offer": {"form": offer.form, "amount_cents": offer.amount_cents} if offer else None,
        }
        if offer and offer.amount_cents:
            budget.take(stored.at, offer.amount_cents)
            break
    return result


class _Budget:
    """The other policy's money, month by month, with what people granted at their times."""

    def __init__(self, policy: Policy, granted: Iterable[tuple[dt.datetime, int]]) -> None:
        self._policy = policy
        self._used: dict[str, int] = defaultdict(int)
        self._granted = sorted(granted)
        self._next = 0

    def left(self, at: dt.datetime) -> int:
        while self._next < len(self._granted) and self._granted[self._next][0] <= at:
            moment, cents = self._granted[self._next]
            self._used[month_of(self._policy, moment)] += cents
            self._next += 1
        return max(0, self._policy.goodwill.month_cents - self._used[month_of(self._policy, at)])

    def take(self, at: dt.datetime, cents: int) -> None:
        self._used[month_of(self._policy, at)] += cents


def _cases(session: Session, within: Period) -> Iterator[list[_Stored]]:
    """The decisions of each case, in the order in which the cases were first decided."""
    # Only what is compared is read: not the ways through the rules, which are the bigger part of a row.
    columns = (Decision.case_number, Decision.at, Decision.inputs, Decision.result, Decision.outcome)
    statement = _within(select(*columns).where(Decision.by == "bot"), Decision.at, within)
    by_case: dict[str, list[_Stored]] = defaultdict(list)
    for row in session.execute(statement.order_by(Decision.at, Decision.id)):
        by_case[row.case_number].append(_Stored(*row))
    yield from by_case.values()


def _counting(decisions: list[_Stored]) -> _Stored:
    with_money = (each for each in decisions if (each.result.get("offer") or {}).get("amount_cents"))
    return next(with_money, decisions[-1])


def _compare(found: Simulation, now: dict[str, Any], then: dict[str, Any]) -> None:
    before, after = _essence(now), _essence(then)
    found.changed += before != after
    found.more += after[-1] > before[-1]
    found.less += after[-1] < before[-1]


def _essence(result: dict[str, Any]) -> tuple[str, tuple[str, ...], str, int]:
    offer = result.get("offer") or {}
    rights = tuple(right["rule_id"] for right in result.get("rights") or ())
    return result["outcome"], rights, offer.get("form", ""), int(offer.get("amount_cents", 0))


def _granted_by_people(session: Session, within: Period) -> list[tuple[dt.datetime, int]]:
    statement = select(Offer.made_at, Offer.amount_cents).where(
        Offer.by != "bot", Offer.budget_month.is_not(None), Offer.state.in_(("open", "accepted", "fulfilled"))
    )
    return [(row.made_at, row.amount_cents) for row in session.execute(_within(statement, Offer.made_at, within))]


def _accepted(session: Session, within: Period) -> int:
    statement = select(Offer.amount_cents).where(Offer.by == "bot", Offer.state.in_(("accepted", "fulfilled")))
    return sum(session.scalars(_within(statement, Offer.made_at, within)))


def _within(statement: Any, column: Any, within: Period) -> Any:
    if within.start is not None:
        statement = statement.where(column >= within.start)
    if within.end is not None:
        statement = statement.where(column < within.end)
    return statement

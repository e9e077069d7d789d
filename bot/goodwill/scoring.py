"""The two sums of a goodwill decision: the score that finds the step, and the cap that no amount exceeds."""

from __future__ import annotations

from dataclasses import dataclass

from bot.goodwill import wording
from bot.goodwill.facts import Facts, OrderFacts
from bot.goodwill.favours import GoodwillPolicy
from bot.goodwill.periods import add_months


@dataclass(frozen=True)
class Sum:
    """A number with how it came about, in English and German."""

    value: int
    because: str
    because_de: str


def score_of(facts: Facts, order: OrderFacts, rules: GoodwillPolicy) -> Sum:
    """The points of `points` and `age_points` in goodwill.yml, summed; it may be negative."""
    points = rules.points
    parts = [
        (
            points.per_severity * facts.severity,
            f"{points.per_severity} × severity {facts.severity}",
            f"{points.per_severity} × Schwere {facts.severity}",
        )
    ]
    if is_our_fault(facts, rules):
        parts.append((points.our_fault, f"{points.our_fault} our fault", f"{points.our_fault} unser Fehler"))
    if "broken_promise" in facts.flags:
        parts.append(
            (
                points.broken_promise,
                f"{points.broken_promise} broken promise",
                f"{points.broken_promise} gebrochene Zusage",
            )
        )
    age = _age_points(facts, order, rules)
    if age:
        parts.append((age, f"{age} young for its failure", f"{age} früh kaputt"))
    since = order.customer_since
    if since is not None and facts.today >= add_months(since, 12 * points.long_customer_years):
        years = points.long_customer_years
        parts.append(
            (
                points.long_customer,
                f"{points.long_customer} customer for {years} years",
                f"{points.long_customer} seit {years} Jahren Kunde",
            )
        )
    if order.prior_grants_12m:
        value = points.per_earlier_grant * order.prior_grants_12m
        parts.append((value, f"{value} earlier grants", f"{value} frühere Kulanz"))
    return Sum(
        sum(value for value, _, _ in parts),
        " + ".join(en for _, en, _ in parts),
        " + ".join(de for _, _, de in parts),
    )


def is_our_fault(facts: Facts, rules: GoodwillPolicy) -> bool:
    """Whether the cause was ours: what is known of this case, else what its category usually means."""
    if facts.our_fault is not None:
        return facts.our_fault
    return facts.category in rules.our_fault_categories


def _age_points(facts: Facts, order: OrderFacts, rules: GoodwillPolicy) -> int:
    """Points for failing young, once the warranty is over; within it the right comes first and nothing is added."""
    start = order.handed_over_on
    if start is None or facts.category not in rules.after_warranty.categories:
        return 0
    if facts.today <= add_months(start, rules.after_warranty.months):
        return 0
    return next(
        (each.points for each in rules.age_points if facts.today < add_months(start, each.under_months)),
        0,
    )


def cap_of(facts: Facts, order: OrderFacts, rules: GoodwillPolicy) -> Sum:
    """min(authority, share of the price, budget left) in cents; 0 with the reason where one of them is not there."""
    authority = rules.authority_cents.get(facts.authority, 0)
    if facts.authority not in rules.authority_cents:
        return Sum(0, f"unknown authority {facts.authority}", f"unbekannte Befugnis {facts.authority}")
    if order.price_cents is None:
        return Sum(0, "the price is not known", "der Preis ist nicht bekannt")
    if order.currency != rules.currency:
        return Sum(
            0,
            f"paid in {order.currency}, goodwill is in {rules.currency}",
            f"bezahlt in {order.currency}, Kulanz gibt es in {rules.currency}",
        )
    share = order.price_cents * rules.share_percent // 100
    left = max(facts.budget_left_cents, 0)
    limits = [share, left] if authority is None else [authority, share, left]
    shown = {lang: [wording.money(each, rules.currency, lang) for each in limits] for lang in wording.LANGUAGES}
    if authority is None:
        shown = {"de": ["unbegrenzt", *shown["de"]], "en": ["unlimited", *shown["en"]]}
    (may, part, rest), (darf, teil, kasse) = shown["en"], shown["de"]
    return Sum(
        min(limits),
        f"min(authority {may}, {rules.share_percent} % of the price {part}, budget left {rest})",
        f"min(Befugnis {darf}, {rules.share_percent} % des Preises {teil}, Rest des Budgets {kasse})",
    )

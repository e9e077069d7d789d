"""The rules that come before any favour, in their order: each notes what it found and whether the decision goes on."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.goodwill import wording
from bot.goodwill.decision import Step
from bot.goodwill.facts import BEFORE_NAMED, Facts, OrderFacts
from bot.goodwill.favours import GoodwillPolicy
from bot.goodwill.periods import add_months
from bot.goodwill.rights import Right, RightsPolicy
from bot.goodwill.wording import LANGUAGES

PERSON_REASONS = (
    "severity",
    "facts_contradict",
    "jurisdiction",
    "beyond_prior_grants",
    "already_compensated",
    "device_compensated",
    "payment_compensated",
    "pressure",
    "no_right_found",
    "date_missing",
    "after_warranty_high_value",
)
"""Reasons of these rules for which a person decides."""

_COMPENSATED = {
    "": ("already_compensated", "not compensated yet", "noch nicht entschädigt"),
    "order": ("already_compensated", "this order was compensated before", "diese Bestellung wurde schon entschädigt"),
    "device": (
        "device_compensated",
        "this device was compensated before, with another order",
        "dieses Gerät wurde schon entschädigt, mit einer anderen Bestellung",
    ),
    "payment": (
        "payment_compensated",
        "this payment was compensated before, with another order",
        "diese Zahlung wurde schon entschädigt, mit einer anderen Bestellung",
    ),
    BEFORE_NAMED: ("already_compensated", "already compensated", "schon entschädigt"),
}
"""What brought a favour before: the reason, and its words in English and German."""


@dataclass
class Trail:
    """The way through the rules while it is walked."""

    steps: list[Step] = field(default_factory=list)

    def note(self, rule: str, passed: bool, because: str, because_de: str) -> bool:
        """Write one step down and hand `passed` back."""
        self.steps.append(Step(rule, passed, because, because_de))
        return passed


def mild(facts: Facts, rules: GoodwillPolicy, trail: Trail) -> bool:
    """Step 1: from `person.from_severity` on there is no automatic offer but a person."""
    level, limit = facts.severity, rules.person_from_severity
    return trail.note(
        "severity",
        level < limit,
        f"severity {level}, a person from {limit}",
        f"Schwere {level}, ab {limit} ein Mensch",
    )


def sound(facts: Facts, trail: Trail) -> bool:
    """Facts that contradict each other carry nothing: a person looks at them."""
    problems = facts.problems()
    if problems:
        listed = "; ".join(f"{problem.field}: {problem.message}" for problem in problems)
        return trail.note("facts", False, listed, f"Die Angaben widersprechen sich: {listed}")
    return trail.note("facts", True, "the facts fit together", "die Angaben passen zusammen")


def known_law(facts: Facts, policy: RightsPolicy, trail: Trail) -> bool:
    """Without rules for a country nobody can say that no right applies."""
    place = facts.jurisdiction
    if place in policy.jurisdictions:
        return True
    return trail.note(
        "jurisdiction", False, f"no rules for the law of {place}", f"keine Regeln für das Recht von {place}"
    )


def no_right(rights: list[Right], trail: Trail) -> bool:
    """Step 2: rights before favours."""
    if not rights:
        return trail.note("rights", True, "no statutory right found", "kein gesetzlicher Anspruch gefunden")
    listed = "; ".join(f"{right.rule_id} ({right.paragraph})" for right in rights)
    return trail.note("rights", False, f"applies: {listed}", f"greift: {listed}")


def verified(order: OrderFacts | None, trail: Trail) -> bool:
    """Step 3: no money without a proven order."""
    if order is not None:
        return trail.note("verified", True, "the order is proven", "die Bestellung ist nachgewiesen")
    return trail.note("verified", False, "no proven order: no money", "keine nachgewiesene Bestellung: kein Geld")


def earlier_favours(facts: Facts, order: OrderFacts, rules: GoodwillPolicy, trail: Trail) -> str | None:
    """Step 4: the reason why a person decides after earlier favours or under pressure, or ``None``."""
    grants, most = order.prior_grants_12m, rules.most_grants_12m
    compensated, once, einmal = _COMPENSATED[facts.compensated]
    checks = (
        (
            "beyond_prior_grants",
            "beyond_prior_grants",
            grants <= most,
            f"{grants} grants in 12 months, a person beyond {most}",
            f"{grants} Kulanzleistungen in 12 Monaten, über {most} ein Mensch",
        ),
        (
            "already_compensated",
            compensated,
            not facts.compensated,
            once,
            einmal,
        ),
        (
            "pressure",
            "pressure",
            not facts.pressure,
            "pressure was used" if facts.pressure else "no pressure",
            "es wurde Druck ausgeübt" if facts.pressure else "kein Druck",
        ),
    )
    for rule, reason, passed, because, because_de in checks:
        if not trail.note(rule, passed, because, because_de):
            return reason
    return None


def beyond_rules(facts: Facts, order: OrderFacts, rules: GoodwillPolicy, trail: Trail) -> str | None:
    """The reason why this is no case for a ladder: a dear item out of warranty, or a defect whose date is missing."""
    limits = rules.after_warranty
    if facts.intent == "ask_rights" and not facts.category:
        trail.note("no_right_found", False, "a person says when there is none", "ein Nein sagt nur ein Mensch")
        return "no_right_found"
    needed = rules.dates_needed.get(facts.category, ())
    if needed and all(getattr(order, name) is None for name in needed):
        trail.note(
            "date_missing",
            False,
            f"none of {', '.join(needed)} is known: a right cannot be ruled out",
            f"nichts bekannt von {', '.join(needed)}: ein Anspruch ist nicht auszuschließen",
        )
        return "date_missing"
    start, price = order.handed_over_on, order.price_cents or 0
    if facts.category not in limits.categories or start is None or price < limits.person_from_cents:
        return None
    if facts.today <= add_months(start, limits.months):
        return None
    amount = {language: wording.money(price, order.currency, language) for language in LANGUAGES}
    trail.note(
        "after_warranty_high_value",
        False,
        f"older than {limits.months} months and worth {amount['en']}: a person decides",
        f"älter als {limits.months} Monate und {amount['de']} wert: ein Mensch entscheidet",
    )
    return "after_warranty_high_value"

"""The goodwill rules as typed data: what management sets in goodwill.yml. The order of decision is in engine.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.goodwill.wording import Words


@dataclass(frozen=True)
class Points:
    """What makes the score. Severity, fault, promises and loyalty only add; earlier grants only take away."""

    per_severity: int
    our_fault: int
    broken_promise: int
    long_customer: int
    long_customer_years: int
    per_earlier_grant: int


@dataclass(frozen=True)
class AgePoints:
    """Points for an item younger than this, once its statutory warranty is over."""

    under_months: int
    points: int


@dataclass(frozen=True)
class AfterWarranty:
    """Defects whose statutory warranty has run out: which categories, after how many months, and the price from
    which a person decides."""

    categories: frozenset[str]
    months: int
    person_from_cents: int


@dataclass(frozen=True)
class Gift:
    """What is given, in words. ``needs_answer``: the customer accepts or declines, within ``valid_days`` (0: always).

    ``promise``: the promise of hours.yml that goes with it; ``owner``: who carries it out, empty where nobody has to.
    """

    form: str
    text: Words
    needs_answer: bool = False
    valid_days: int = 0
    promise: str | None = None
    owner: str = ""


@dataclass(frozen=True)
class LadderStep:
    """One step: reached with `score` points. Money is `amount_cents` or `percent` of the price, whichever is more.

    ``gift`` is None for a surprise: which one is chosen by the facts (delight.yml).
    """

    name: str
    score: int
    gift: Gift | None
    amount_cents: int = 0
    percent: int = 0

    @property
    def is_money(self) -> bool:
        """Whether this step costs goodwill budget."""
        return bool(self.amount_cents or self.percent)

    @property
    def is_surprise(self) -> bool:
        """Whether delight.yml says what is given."""
        return self.gift is None

    @property
    def valid_days(self) -> int:
        """How long its offer stands; 0 where that is not limited, or not said here."""
        return self.gift.valid_days if self.gift else 0


@dataclass(frozen=True)
class WhatIf:
    """A fact that, if proven, would change the decision, and the sentence that says so."""

    id: str
    set: Mapping[str, bool | int]
    categories: frozenset[str]
    text: Words


@dataclass(frozen=True)
class GoodwillPolicy:
    """goodwill.yml. Amounts are cents in ``currency``; ``None`` as an amount means without limit. ``lead_for``: reasons
    of a decision for which only a lead may take over."""

    currency: str
    person_from_severity: int
    most_grants_12m: int
    lead_for: frozenset[str]
    dates_needed: Mapping[str, tuple[str, ...]]
    our_fault_categories: frozenset[str]
    after_warranty: AfterWarranty
    points: Points
    age_points: tuple[AgePoints, ...]
    ladder: tuple[LadderStep, ...]
    share_percent: int
    smallest_cents: int
    round_to_cents: int
    month_cents: int
    authority_cents: Mapping[str, int | None]
    trust_cents: Mapping[str, int | None]
    on_top_rules: frozenset[str]
    on_top_up_to: str
    not_verified: Words
    what_if: tuple[WhatIf, ...]

    def step(self, score: int) -> int:
        """The index of the highest step that this score reaches; the first one for any score below."""
        return max([index for index, step in enumerate(self.ladder) if step.score <= score], default=0)

    def index(self, name: str) -> int:
        """The index of the step with this name."""
        return next(index for index, step in enumerate(self.ladder) if step.name == name)

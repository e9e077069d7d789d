"""Surprises as typed data: small things that cost thought and no money, chosen by rule, never in place of a right."""

from __future__ import annotations

from dataclasses import dataclass

from bot.goodwill.facts import Facts
from bot.goodwill.favours import Gift
from bot.goodwill.periods import add_months


@dataclass(frozen=True)
class Occasion:
    """When a surprise fits: all that is set must hold. Empty or 0: it does not matter."""

    categories: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    from_severity: int = 0
    customer_years: int = 0
    has: tuple[str, ...] = ()

    @property
    def always(self) -> bool:
        """Whether it fits everybody."""
        return self == Occasion()

    def fits(self, facts: Facts) -> bool:
        """Whether the facts are such an occasion. Only a proven order has days and a customer of long standing."""
        if self.categories and facts.category not in self.categories:
            return False
        if self.flags and not self.flags & facts.flags:
            return False
        if facts.severity < self.from_severity:
            return False
        if any(getattr(facts.proven, day, None) is None for day in self.has):
            return False
        since = facts.proven.customer_since if facts.proven else None
        if not self.customer_years:
            return True
        return since is not None and facts.today >= add_months(since, 12 * self.customer_years)


@dataclass(frozen=True)
class Surprise:
    """One surprise: on which occasion, and what it is."""

    when: Occasion
    gift: Gift


@dataclass(frozen=True)
class DelightPolicy:
    """delight.yml: the surprises in their order. The last one fits everybody (checked when the file is read)."""

    surprises: tuple[Surprise, ...]

    def choose(self, facts: Facts) -> Gift:
        """The first surprise that fits these facts."""
        return next(each.gift for each in self.surprises if each.when.fits(facts))

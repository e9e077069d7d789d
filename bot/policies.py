"""The policy in force in this process: read from policy/, read again when a file changes, the last good one kept."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bot.config import settings
from bot.goodwill.policy import Policy, PolicySource


@lru_cache(maxsize=4)
def _source(folder: Path) -> PolicySource:
    return PolicySource(folder)


def source() -> PolicySource:
    """Where the policy comes from; its `errors` tell why a changed file is not in force."""
    return _source(settings().policy)


def current_policy() -> Policy:
    """The policy in force now."""
    return source().current()


def company_values(language: str) -> dict[str, str]:
    """What every text may mention of the company, from policy/company.yml."""
    company = current_policy().company
    return {**company.contact, "address": company.address, "opening_hours": company.opening[language]}

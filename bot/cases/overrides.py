"""Favours that people gave beyond the rules, by what they were about: where it happens often, a rule is missing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.model import Case, Offer


@dataclass(frozen=True)
class Candidate:
    """Favours by people in one category for which the rules had given one and the same reason (`rules_said`).

    `cents` in all, `least` and `most` of one favour; `accepted`: how many customers took it; `reasons`: what people
    wrote, the newest first, each once; `cases`: their numbers.
    """

    category: str
    rules_said: str
    count: int
    accepted: int
    cents: int
    least: int
    most: int
    currency: str
    reasons: tuple[str, ...]
    cases: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data for `offers overrides --json`."""
        return asdict(self)


def overrides(session: Session, since: dt.datetime) -> list[Candidate]:
    """Candidates for a new rule from favours made since then, the most frequent first. What was taken back is none."""
    made = (
        select(Offer)
        .join(Case, Case.number == Offer.case_number)
        .where(Offer.kind == "goodwill", Offer.by != "bot", Offer.state != "revoked", Offer.made_at >= since)
        .order_by(Offer.made_at.desc())
    )
    alike: dict[tuple[str, str, str], list[Offer]] = defaultdict(list)
    for offer in session.scalars(made):
        alike[offer.case.category, _rules_said(offer), offer.currency].append(offer)
    found = [_candidate(category, said, offers) for (category, said, _), offers in alike.items()]
    return sorted(found, key=lambda each: (-each.count, -each.cents, each.category, each.rules_said))


def _rules_said(offer: Offer) -> str:
    """The reason of the decision that the person went beyond; empty where the rules were not asked before."""
    before = [decision for decision in offer.case.decisions if decision.at <= offer.made_at]
    return str(before[-1].result.get("reason") or "") if before else ""


def _candidate(category: str, rules_said: str, offers: Sequence[Offer]) -> Candidate:
    amounts = [offer.amount_cents for offer in offers]
    return Candidate(
        category=category,
        rules_said=rules_said,
        count=len(offers),
        accepted=sum(offer.state in ("accepted", "fulfilled") for offer in offers),
        cents=sum(amounts),
        least=min(amounts),
        most=max(amounts),
        currency=offers[0].currency,
        reasons=tuple(dict.fromkeys(offer.reason for offer in offers if offer.reason)),
        cases=tuple(dict.fromkeys(offer.case_number for offer in offers)),
    )

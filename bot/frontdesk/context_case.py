"""The case's part of the context package: what is proven, what was offered and why, what was promised."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.cases.model import Case, Decision, Offer

Both = Mapping[str, str]
"""A text in German and English: `{de, en}`."""


@dataclass(frozen=True)
class Fact:
    """Something the customer told us: an entity of taxonomy.yml in their words, resolved where it could be."""

    name: str
    value: str
    resolved: str = ""


@dataclass(frozen=True)
class Proven:
    """The order that the customer has proven to be theirs. `how`: postcode or email; money in cents."""

    order_number: str
    how: str
    item: str
    price_cents: int | None
    currency: str
    delivered_on: dt.date | None


@dataclass(frozen=True)
class Right:
    """What the law gives. `told`: the customer has read it; `until`: the last day it can be used."""

    rule: str
    paragraph: str
    form: str
    text: Both
    told: bool
    until: dt.date | None


@dataclass(frozen=True)
class OfferMade:
    """What was offered and what became of it. `because`: the steps of the rules, or a colleague's reason."""

    id: str
    kind: str
    form: str
    amount_cents: int
    currency: str
    by: str
    state: str
    expires_at: dt.datetime | None
    because: tuple[Both, ...]


@dataclass(frozen=True)
class Decided:
    """The newest answer of the rules: outcome, stable reason, and the steps that decided."""

    outcome: str
    reason: str
    because: tuple[Both, ...]
    what_if: tuple[Both, ...]


@dataclass(frozen=True)
class Promised:
    """A commitment. `what`: its key in hours.yml; `late`: open and its time is over."""

    what: str
    by: str
    due_at: dt.datetime
    state: str
    late: bool


def facts(case: Case) -> Iterator[Fact]:
    """What the customer told us, as the case keeps it."""
    for entity in case.entities:
        value, resolved = str(entity.get("value", "")), entity.get("resolved")
        shown = resolved if isinstance(resolved, str) and resolved != value else ""
        yield Fact(str(entity.get("entity", "")), value, shown)


def proven(case: Case) -> Proven | None:
    """The order that was proven, if one was."""
    if not case.verified or not case.order_number:
        return None
    return Proven(
        order_number=case.order_number,
        how=case.verified_how or "",
        item=case.item or "",
        price_cents=case.price_cents,
        currency=case.currency,
        delivered_on=case.delivered_on,
    )


def rights(decisions: list[Decision]) -> Iterator[Right]:
    """Each right once, as the newest decision that names it has it."""
    seen: set[str] = set()
    for decision in reversed(decisions):
        for told, key in ((True, "rights"), (False, "rights_for_person")):
            for right in decision.result.get(key) or ():
                rule = str(right.get("rule_id") or right.get("paragraph") or "")
                if rule in seen:
                    continue
                seen.add(rule)
                yield Right(
                    rule=rule,
                    paragraph=str(right.get("paragraph") or ""),
                    form=str(right.get("form") or ""),
                    text=dict(right.get("text") or {}),
                    told=told,
                    until=dt.date.fromisoformat(right["until"]) if right.get("until") else None,
                )


def offers(case: Case) -> Iterator[OfferMade]:
    """What was offered so far, each with its reasons."""
    decisions = {decision.id: decision for decision in case.decisions}
    for offer in case.offers:
        yield OfferMade(
            id=offer.id,
            kind=offer.kind,
            form=offer.form,
            amount_cents=offer.amount_cents,
            currency=offer.currency,
            by=offer.by,
            state=offer.state,
            expires_at=offer.expires_at,
            because=_because(offer, decisions.get(offer.decision_id)),
        )


def _because(offer: Offer, decision: Decision | None) -> tuple[Both, ...]:
    if offer.reason:
        return ({"de": offer.reason, "en": offer.reason},)
    return _deciding(decision) if decision is not None else ()


def decided(decision: Decision) -> Decided:
    """A stored decision, in short."""
    return Decided(
        outcome=decision.outcome,
        reason=str(decision.result.get("reason") or ""),
        because=_deciding(decision),
        what_if=tuple({"de": hint.get("de", ""), "en": hint.get("en", "")} for hint in _hints(decision)),
    )


def _hints(decision: Decision) -> list[dict[str, Any]]:
    return [hint for hint in decision.result.get("what_if") or () if isinstance(hint, dict)]


def _deciding(decision: Decision) -> tuple[Both, ...]:
    """The steps that made the difference: the sum of points, and every rule that decided or took away."""
    steps = [step for step in decision.path or () if isinstance(step, dict)]
    telling = [step for step in steps if step.get("rule") == "score" or step.get("passed") is False]
    return tuple(
        {"de": str(step.get("because_de") or ""), "en": str(step.get("because") or "")}
        for step in telling or steps[-1:]
    )


def promises(case: Case, now: dt.datetime) -> Iterator[Promised]:
    """Everything that was promised, by when, and whether its time is over."""
    for made in case.promises:
        yield Promised(made.what, made.by, made.due_at, made.state, made.state == "open" and made.due_at < now)

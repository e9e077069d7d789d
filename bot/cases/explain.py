"""Why a case was decided as it was: facts, rules passed and failed, result, rule version, what would have changed it.

For the desk, the auditor and the court. The customer's short answer is the dialogue's (`action_explain`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from bot.cases import versions
from bot.cases.explain_words import CHANGES, COMPENSATED, FACTS, FORMS, OUTCOMES, YES_NO
from bot.cases.model import Case, Decision, Offer
from bot.goodwill import wording
from bot.goodwill.engine import decide
from bot.goodwill.facts import ORDER_DATES, Facts, FactsError
from bot.goodwill.periods import add_months
from bot.goodwill.policy import Policy, PolicyInvalid


@dataclass(frozen=True)
class Rule:
    """One rule on the way: `passed` means that the decision went on after it."""

    rule: str
    passed: bool
    because: str


@dataclass(frozen=True)
class Explanation:
    """One decision in words. `inputs`: (name of the fact, label, value), only what was known."""

    decision: str
    at: str
    by: str
    rule_version: str
    outcome: str
    reason: str
    result: tuple[str, ...]
    score: int | None
    cap: str | None
    inputs: tuple[tuple[str, str, str], ...]
    rules: tuple[Rule, ...]
    what_if: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data for `case explain --json`."""
        return {
            "decision": self.decision,
            "at": self.at,
            "by": self.by,
            "rule_version": self.rule_version,
            "outcome": self.outcome,
            "reason": self.reason,
            "result": list(self.result),
            "score": self.score,
            "cap": self.cap,
            "inputs": {name: value for name, _, value in self.inputs},
            "rules": [{"rule": each.rule, "passed": each.passed, "because": each.because} for each in self.rules],
            "what_if": list(self.what_if),
        }


def explain_case(session: Session, case: Case, language: str = "de") -> list[Explanation]:
    """Every decision of a case, the oldest first, in German (`de`) or English (`en`)."""
    return [explain(session, decision, language) for decision in case.decisions]


def explain(session: Session, decision: Decision, language: str = "de") -> Explanation:
    """One stored decision, from what is stored with it. It stays readable where its policy cannot be read any more:
    then it only lacks what deciding again would add."""
    result, currency = decision.result, _currency(decision)
    cap = result.get("cap_cents")
    return Explanation(
        decision=decision.id,
        at=decision.at.isoformat(timespec="seconds"),
        by=decision.by,
        rule_version=decision.rule_version,
        outcome=decision.outcome,
        reason=str(result.get("reason") or ""),
        result=tuple(_result(result, decision.outcome, language)),
        score=result.get("score"),
        cap=wording.money(cap, currency, language) if cap is not None else None,
        inputs=tuple(_inputs(decision.inputs, language)),
        rules=tuple(
            Rule(step["rule"], step["passed"], step["because_de" if language == "de" else "because"])
            for step in decision.path
        ),
        what_if=tuple(_what_if(session, decision, language)),
    )


def describe_offer(offer: Offer, language: str = "de") -> str:
    """'Gutschein 10,00 €' / 'voucher €10.00': what was offered, in words."""
    return _form(offer.form, offer.amount_cents, offer.currency, language)


def _inputs(stored: dict[str, Any], language: str) -> Iterator[tuple[str, str, str]]:
    order = stored.get("order") or {}
    for name, value in [*((n, v) for n, v in stored.items() if n != "order"), *order.items()]:
        if value is None or value in ([], ""):
            continue
        label = FACTS.get(name, {}).get(language, name)
        yield name, label, _value(name, value, str(order.get("currency") or "EUR"), language)


def _value(name: str, value: Any, currency: str, language: str) -> str:
    if isinstance(value, bool):
        return YES_NO[value][language]
    if name == "compensated":
        return COMPENSATED[value][language]
    if name.endswith("_cents"):
        return wording.money(value, currency if name == "price_cents" else "EUR", language)
    if name == "today" or name in ORDER_DATES:
        return wording.day(dt.date.fromisoformat(value), language)
    return ", ".join(value) if isinstance(value, list) else str(value)


def _result(result: dict[str, Any], outcome: str, language: str) -> Iterator[str]:
    yield f"{OUTCOMES[outcome][language]} ({result.get('reason')})"
    for right in [*(result.get("rights") or ()), *(result.get("rights_for_person") or ())]:
        yield f"{right['paragraph']}: {right['text'][language]}"
    offer = result.get("offer")
    if offer:
        words = _form(offer["form"], offer["amount_cents"], offer["currency"], language)
        yield f"{words}: {offer['text'][language].strip()}"


def _form(form: str, cents: int, currency: str, language: str) -> str:
    name = FORMS.get(form, {}).get(language, form.replace("_", " "))
    return f"{name} {wording.money(cents, currency, language)}" if cents else name


def _what_if(session: Session, decision: Decision, language: str) -> Iterator[str]:
    """What the engine said at the time, then every single fact whose change gives another result."""
    for hint in decision.result.get("what_if") or ():
        if hint.get(language):
            yield str(hint[language])
    try:
        policy = versions.stored(session, decision.rule_version)
        facts = Facts.from_json(decision.inputs)
    except (versions.UnknownVersion, PolicyInvalid, FactsError):
        return
    before = _short(decide(facts, policy).to_json(), language)
    for key, value, changed in _changes(facts, policy):
        after = _short(decide(changed, policy).to_json(), language)
        if after != before:
            yield f"{wording.fill(CHANGES[key][language], {'value': str(value)})}: {after}"


def _changes(facts: Facts, policy: Policy) -> Iterator[tuple[str, int, Facts]]:
    """Facts that differ in one point each: only points that somebody could prove or clear up."""
    rules, order = policy.goodwill, facts.order
    if facts.severity >= rules.person_from_severity:
        lower = rules.person_from_severity - 1
        yield "severity", lower, replace(facts, severity=lower)
    if facts.pressure:
        yield "pressure", 0, replace(facts, pressure=False)
    if facts.compensated:
        yield "compensated", 0, replace(facts, compensated="")
    if facts.budget_left_cents < rules.month_cents:
        yield "budget", 0, replace(facts, budget_left_cents=rules.month_cents)
    goods = facts.category in rules.after_warranty.categories or facts.intent == "withdraw_contract"
    if goods and facts.is_claim_for_defect is not True:
        yield "defect", 0, replace(facts, is_claim_for_defect=True)
    if goods and facts.is_claim_for_defect is not False:
        yield "not_defect", 0, replace(facts, is_claim_for_defect=False)
    if order is None:
        return
    if order.prior_grants_12m:
        yield "prior_grants_12m", 0, replace(facts, order=replace(order, prior_grants_12m=0))
    ours = facts.our_fault if facts.our_fault is not None else facts.category in rules.our_fault_categories
    yield "not_our_fault" if ours else "our_fault", 0, replace(facts, our_fault=not ours)
    years = rules.points.long_customer_years
    since = add_months(facts.today, -12 * years)
    if order.customer_since is None or order.customer_since > since:
        yield "customer_since", years, replace(facts, order=replace(order, customer_since=since))


def _short(result: dict[str, Any], language: str) -> str:
    """A result in one line, for comparing: outcome, paragraphs, offer."""
    parts = [OUTCOMES[result["outcome"]][language]]
    parts += [str(right["paragraph"]) for right in result["rights"]]
    offer = result["offer"]
    if offer:
        parts.append(_form(offer["form"], offer["amount_cents"], offer["currency"], language))
    return ", ".join(parts)


def _currency(decision: Decision) -> str:
    return str((decision.result.get("offer") or {}).get("currency") or "EUR")

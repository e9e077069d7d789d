"""The order of decision: severity, rights, proof, earlier favours, score, ladder, cap. The first that applies ends it.

A pure function: the same facts under the same policy give the same decision, for whomever, in whatever tone.
Reserving the budget (the eighth step) is the caller's, in the transaction that stores the decision.
"""

from __future__ import annotations

from dataclasses import replace

from bot.goodwill import gates, wording
from bot.goodwill.decision import Decision, Outcome, Proposal, Step
from bot.goodwill.facts import Facts, OrderFacts
from bot.goodwill.favours import GoodwillPolicy, LadderStep
from bot.goodwill.gates import Trail
from bot.goodwill.policy import Policy
from bot.goodwill.rights import Right, applicable_rights, question
from bot.goodwill.scoring import Sum, cap_of, score_of
from bot.goodwill.wording import LANGUAGES

__all__ = ["Decision", "Proposal", "Step", "decide"]

TOLD = frozenset({"complain", "request_remedy", "ask_rights", "inform"})
"""Intents under which a favour is looked at: a complaint is on the table."""

PERSON_INTENTS = {
    "reject_offer": "offer_rejected",
    "request_human": "person_wanted",
    "withdraw_contract": "withdrawal_unclear",
    "delete_data": "data_request",
    "access_data": "data_request",
}
"""Intents that go to a person where no right settles them: only a person may say no."""


def decide(facts: Facts, policy: Policy) -> Decision:
    """What may be said and promised on these facts, with the whole way there (complaints.md, order of decision 1-7).

    Within the automatic range more severity never lowers an offer, and neither does a longer time as a customer. No
    offer exceeds the authority, the share of the price, or what is left of the budget.
    """
    decision = _judge(facts, policy)
    return replace(decision, what_if=_what_if(decision, facts, policy))


def _judge(facts: Facts, policy: Policy) -> Decision:
    trail, rules = Trail(), policy.goodwill

    def end(outcome: Outcome, reason: str, rights: tuple[Right, ...] = ()) -> Decision:
        return Decision(
            outcome,
            reason,
            policy.version,
            rights=() if outcome == "person" else rights,
            rights_for_person=rights if outcome == "person" else (),
            path=tuple(trail.steps),
        )

    if not gates.mild(facts, rules, trail):
        return end("person", "severity", () if facts.problems() else tuple(applicable_rights(facts, policy.rights)))
    if not gates.sound(facts, trail):
        return end("person", "facts_contradict")
    if not gates.known_law(facts, policy.rights, trail):
        return end("person", "jurisdiction")
    rights = applicable_rights(facts, policy.rights)
    if not gates.no_right(rights, trail):
        decision = replace(
            end("right", f"right:{rights[0].rule_id}", tuple(rights)), question=question(rights, facts, policy.rights)
        )
        return _on_top(decision, facts, policy, trail)
    if facts.intent in PERSON_INTENTS:
        trail.note(
            "intent", False, f"{facts.intent}: a person answers this", f"{facts.intent}: das beantwortet ein Mensch"
        )
        return end("person", PERSON_INTENTS[facts.intent])
    if facts.intent not in TOLD:
        trail.note("intent", False, f"{facts.intent}: nothing to decide", f"{facts.intent}: nichts zu entscheiden")
        return end("none", "no_complaint")
    order = facts.proven
    gates.verified(order, trail)
    if order is None:
        return replace(end("gesture", "not_verified"), offer=_apology(facts, policy))
    stop = gates.earlier_favours(facts, order, rules, trail) or gates.beyond_rules(facts, order, rules, trail)
    if stop:
        return end("person", stop)
    return _favour(end("none", ""), facts, order, policy, trail, most=len(rules.ladder) - 1)


def _on_top(decision: Decision, facts: Facts, policy: Policy, trail: Trail) -> Decision:
    """A favour beside a right, only where the policy says so and nothing speaks against it."""
    rules, order = policy.goodwill, facts.proven
    if decision.rights[0].rule_id not in rules.on_top_rules or facts.intent not in TOLD or order is None:
        return decision
    if gates.earlier_favours(facts, order, rules, trail):
        return replace(decision, path=tuple(trail.steps))
    favour = _favour(decision, facts, order, policy, trail, most=rules.index(rules.on_top_up_to))
    # Where the right is the answer, an apology or a place further up the queue is no gift worth naming.
    worth = favour.offer is not None and (favour.offer.needs_answer or favour.offer.kind == "surprise")
    return replace(favour, outcome="right", reason=decision.reason, offer=favour.offer if worth else None)


def _favour(start: Decision, facts: Facts, order: OrderFacts, policy: Policy, trail: Trail, *, most: int) -> Decision:
    """Score, ladder and cap; `most` is the highest step that may be taken."""
    rules = policy.goodwill
    score = score_of(facts, order, rules)
    trail.note("score", True, f"{score.because} = {score.value}", f"{score.because_de} = {score.value}")
    cap = cap_of(facts, order, rules)
    wanted = min(rules.step(score.value), most)
    step, amount = _affordable(wanted, order, rules, cap, trail)
    trail.note("ladder", True, f"step {step.name}", f"Stufe {step.name}")
    return replace(
        start,
        outcome="offer" if amount else "gesture",
        reason=f"ladder:{step.name}",
        offer=_proposal(step, amount, facts, policy),
        score=score.value,
        cap_cents=cap.value,
        path=tuple(trail.steps),
    )


def _affordable(
    wanted: int, order: OrderFacts, rules: GoodwillPolicy, cap: Sum, trail: Trail
) -> tuple[LadderStep, int]:
    """The step that the cap allows: the one wanted, or the next below that costs nothing, and why."""
    step = rules.ladder[wanted]
    if not step.is_money:
        return step, 0
    share = (order.price_cents or 0) * step.percent // 100
    amount = min(max(step.amount_cents, share), cap.value)
    amount -= amount % rules.round_to_cents
    enough = amount >= rules.smallest_cents
    most = {language: wording.money(cap.value, rules.currency, language) for language in LANGUAGES}
    trail.note("cap", enough, f"{cap.because} = {most['en']}", f"{cap.because_de} = {most['de']}")
    if enough:
        return step, amount
    # The first step never costs money (checked when the policy is read).
    below = next(each for each in reversed(rules.ladder[:wanted]) if not each.is_money)
    trail.note(
        "fallback",
        True,
        f"{step.name} is out of reach, {below.name} costs nothing",
        f"{step.name} ist nicht möglich, {below.name} kostet nichts",
    )
    return below, 0


def _proposal(step: LadderStep, amount: int, facts: Facts, policy: Policy) -> Proposal:
    gift, currency = step.gift or policy.delight.choose(facts), policy.goodwill.currency
    text = {}
    for language in LANGUAGES:
        values = {
            **policy.company.contact,
            "order": policy.company.order(facts.proven, language),
            "amount": wording.money(amount, currency, language),
            "valid_days": str(gift.valid_days),
        }
        text[language] = wording.fill(gift.text[language], values)
    return Proposal(
        kind="surprise" if step.is_surprise else "goodwill",
        form=gift.form,
        amount_cents=amount,
        currency=currency,
        valid_days=gift.valid_days,
        step=step.name,
        needs_answer=gift.needs_answer,
        promise=gift.promise,
        text=text,
        owner=gift.owner,
    )


def _apology(facts: Facts, policy: Policy) -> Proposal:
    """The first step of the ladder: what is said to anybody, proven or not."""
    return _proposal(policy.goodwill.ladder[0], 0, facts, policy)


def _what_if(decision: Decision, facts: Facts, policy: Policy) -> tuple[dict[str, str], ...]:
    """What would have raised the offer, each found by deciding again with one fact changed."""
    if decision.outcome not in ("offer", "gesture"):
        return ()
    rules, order = policy.goodwill, facts.proven
    if order is None:
        contact = policy.company.contact
        return ({"id": "verified", **{lang: wording.fill(rules.not_verified[lang], contact) for lang in LANGUAGES}},)
    before = decision.offer.amount_cents if decision.offer else 0
    found = []
    for candidate in rules.what_if:
        if candidate.categories and facts.category not in candidate.categories:
            continue
        changed = facts
        if "our_fault" in candidate.set:
            changed = replace(changed, our_fault=bool(candidate.set["our_fault"]))
        if "prior_grants_12m" in candidate.set:
            grants = int(candidate.set["prior_grants_12m"])
            changed = replace(changed, order=replace(order, prior_grants_12m=grants))
        other = _judge(changed, policy)
        more = (other.offer.amount_cents if other.offer else 0) - before
        if more > 0:
            found.append({"id": candidate.id, **_difference(candidate.text, more, facts, policy)})
    return tuple(found)


def _difference(text: wording.Words, cents: int, facts: Facts, policy: Policy) -> dict[str, str]:
    return {
        language: wording.fill(
            text[language],
            {
                "difference": wording.money(cents, policy.goodwill.currency, language),
                "order": policy.company.order(facts.proven, language),
            },
        )
        for language in LANGUAGES
    }

"""goodwill.yml, checked: becomes :class:`bot.goodwill.favours.GoodwillPolicy`.

Beyond the types it holds what makes a ladder fair: no gap below, no step that gives less for more, no automatic full
refund, loyalty that only adds, and the wording that keeps a favour a favour.
"""

from __future__ import annotations

from collections.abc import Collection

from babel.numbers import list_currencies

from bot.goodwill.company import CONTACT
from bot.goodwill.facts import CATEGORIES
from bot.goodwill.favours import AfterWarranty, AgePoints, Gift, GoodwillPolicy, LadderStep, Points, WhatIf
from bot.goodwill.gates import PERSON_REASONS
from bot.goodwill.reading import Node
from bot.goodwill.rights import RightRule
from bot.goodwill.wording import LANGUAGES

FORMS = ("apology", "priority", "voucher", "partial_refund")
DISCLAIMER = {"de": "ohne Anerkennung einer Rechtspflicht", "en": "without admission of liability"}
"""What every offer of money says, so that it is understood as goodwill."""

DATES = ("ordered_on", "promised_on", "delivered_on", "service_on")
WHAT_IF_FACTS = ("our_fault", "prior_grants_12m")


def read_goodwill(node: Node, promises: Collection[str] | None, rules: Collection[RightRule] | None) -> GoodwillPolicy:
    """The goodwill rules; `promises` and `rules` are those of the other files, ``None`` where these are broken."""
    person, cap, budget, unproven = (node.section(key) for key in ("person", "cap", "budget", "not_verified"))
    ladder = tuple(_step(child, promises) for child in _ladder_nodes(node))
    policy = GoodwillPolicy(
        currency=node.choice("currency", list_currencies("en")),
        person_from_severity=person.integer("from_severity", least=1, most=3),
        most_grants_12m=person.integer("more_grants_than"),
        lead_for=frozenset(person.names("lead_for", PERSON_REASONS)),
        dates_needed=_dates_needed(node.section("dates_needed")),
        our_fault_categories=frozenset(node.names("our_fault_categories", CATEGORIES, optional=False)),
        after_warranty=_after_warranty(node.section("after_warranty")),
        points=_points(node.section("points")),
        age_points=_age_points(node),
        ladder=ladder,
        share_percent=cap.integer("share_of_price_percent", most=99),
        smallest_cents=cap.integer("smallest_amount_cents", least=1),
        round_to_cents=cap.integer("round_down_to_cents", least=1, most=1000),
        month_cents=budget.integer("month_cents"),
        authority_cents=_limits(node.section("authority_cents"), needs=("bot", "staff", "lead", "manager")),
        trust_cents=_limits(budget.section("trust_month_cents"), needs=("staff", "lead", "manager")),
        on_top_rules=frozenset(_on_top(node, rules)),
        on_top_up_to=node.section("on_top_of_rights").text("up_to") or "",
        not_verified=unproven.words("text", CONTACT),
        what_if=tuple(_what_if(child) for child in node.sections("what_if", optional=True)),
    )
    _check_ladder(node, policy)
    return policy


def _ladder_nodes(node: Node) -> list[Node]:
    nodes = node.sections("ladder")
    if not nodes and node.has("ladder"):
        node.error("ladder", "the ladder has no step", "Add at least the first one, `from: 0`, without money")
    return nodes


def _step(node: Node, promises: Collection[str] | None) -> LadderStep:
    amount = node.integer("amount_cents", default=0)
    percent = node.integer("percent", default=0, most=99)
    # An amount that cannot be read is one all the same: its text speaks of money.
    is_money = bool(amount or percent) or not node.sound("amount_cents", "percent")
    surprise = node.truth("surprise", default=False)
    if surprise and (amount or percent):
        node.error("surprise", "a surprise costs no money", "Remove the amount, or make it a step of its own")
    return LadderStep(
        name=node.text("name"),
        score=node.integer("from"),
        gift=None if surprise else _gift(node, promises, is_money),
        amount_cents=amount,
        percent=percent,
    )


def _gift(node: Node, promises: Collection[str] | None, is_money: bool) -> Gift:
    form = node.choice("form", FORMS)
    words = node.words(
        "text",
        ("order", "valid_days", *(["amount"] if is_money else []), *CONTACT),
        needs=["amount"] if is_money else (),
    )
    for language in LANGUAGES if is_money else ():
        if words[language] and DISCLAIMER[language] not in words[language]:
            remedy = f'Put "{DISCLAIMER[language]}" into the sentence'
            node.error("text", f"the {language} text offers money without saying that it is goodwill", remedy)
    promise = node.text("promise", default="") or None
    if promise and promises is not None:
        promise = node.choice("promise", promises)
    return Gift(
        form=form,
        text=words,
        needs_answer=node.truth("needs_answer", default=is_money),
        valid_days=node.integer("valid_days", default=0, most=366),
        promise=promise,
    )


def _dates_needed(node: Node) -> dict[str, tuple[str, ...]]:
    for name in node.given():
        node.among(name, name, CATEGORIES)
    return {name: node.names(name, DATES, optional=False) for name in node.given()}


def _after_warranty(node: Node) -> AfterWarranty:
    return AfterWarranty(
        categories=frozenset(node.names("categories", CATEGORIES, optional=False)),
        months=node.integer("months", least=1, most=120),
        person_from_cents=node.integer("person_from_cents", least=1),
    )


def _points(node: Node) -> Points:
    for key in ("per_severity", "our_fault", "broken_promise", "long_customer"):
        value = node.plain(key)
        if isinstance(value, int) and value < 0:
            remedy = "Loyalty may only raise an offer: write 0 or more" if key == "long_customer" else "Write 0 or more"
            node.error(key, f"{value} would lower an offer", remedy)
    grants = node.plain("per_earlier_grant")
    if isinstance(grants, int) and grants > 0:
        node.error("per_earlier_grant", f"{grants} would reward earlier grants", "Write 0 or less, e.g. -2")
    return Points(
        per_severity=node.integer("per_severity", least=-99, most=99),
        our_fault=node.integer("our_fault", least=-99, most=99),
        broken_promise=node.integer("broken_promise", least=-99, most=99),
        long_customer=node.integer("long_customer", least=-99, most=99),
        long_customer_years=node.integer("long_customer_years", least=1, most=99),
        per_earlier_grant=node.integer("per_earlier_grant", least=-99, most=99),
    )


def _age_points(node: Node) -> tuple[AgePoints, ...]:
    found: list[AgePoints] = []
    for child in node.sections("age_points"):
        each = AgePoints(under_months=child.integer("under_months", least=1, most=600), points=child.integer("points"))
        if found and (each.under_months <= found[-1].under_months or each.points > found[-1].points):
            child.error(None, "an older item gets more than a younger one", "Order by age, with points that fall")
        found.append(each)
    return tuple(found)


def _limits(node: Node, needs: Collection[str]) -> dict[str, int | None]:
    return {name: node.limit(name) for name in dict.fromkeys((*needs, *node.given()))}


def _on_top(node: Node, rules: Collection[RightRule] | None) -> tuple[str, ...]:
    child = node.section("on_top_of_rights")
    names = child.names("rules", [rule.id for rule in rules] if rules is not None else None)
    for rule in rules or ():
        if rule.id in names and rule.kind == "withdrawal":
            remedy = "Remove it: nobody is talked out of a withdrawal"
            child.error("rules", f"`{rule.id}` is a withdrawal", remedy)
    return names


def _what_if(node: Node) -> WhatIf:
    changes = node.section("set")
    known: dict[str, bool | int] = {}
    if changes.has("our_fault"):
        known["our_fault"] = changes.truth("our_fault")
    if changes.has("prior_grants_12m"):
        known["prior_grants_12m"] = changes.integer("prior_grants_12m")
    if not known and not changes.mute:
        changes.error(None, "nothing is changed", f"Set one of: {', '.join(WHAT_IF_FACTS)}")
    return WhatIf(
        id=node.text("id"),
        set=known,
        categories=frozenset(node.names("categories", CATEGORIES)),
        text=node.words("text", ("difference", "order")),
    )


def _check_ladder(node: Node, policy: GoodwillPolicy) -> None:
    steps = policy.ladder
    if not steps:
        return
    children = node.sections("ladder")
    if steps[0].score != 0:
        children[0].error("from", f"there is a gap below {steps[0].score} points", "Let the first step begin `from: 0`")
    if steps[0].is_money:
        children[0].error(None, "the first step gives money", "Begin with one that costs nothing, e.g. an apology")
    names = [step.name for step in steps]
    for index, (child, step, before) in enumerate(zip(children[1:], steps[1:], steps[:-1], strict=True), start=1):
        if step.score <= before.score:
            remedy = f"Write more than {before.score}, or reorder the steps"
            child.error("from", f"{step.score} points do not come after {before.score}", remedy)
        if before.is_money and (step.amount_cents < before.amount_cents or step.percent < before.percent):
            remedy = "A higher score must never give less: raise `amount_cents` and `percent`, or reorder"
            child.error(None, f"this step gives less than `{before.name}`", remedy)
        if step.name in names[:index]:
            child.error("name", f"there are two steps `{step.name}`", "Give one of them another name")
    for child, step in zip(children, steps, strict=True):
        if step.is_money and step.amount_cents < policy.smallest_cents:
            remedy = "Raise it, or lower `smallest_amount_cents`"
            child.error("amount_cents", f"{step.amount_cents} is less than the smallest amount", remedy)
        if step.percent > policy.share_percent:
            remedy = f"Write at most {policy.share_percent}, or raise `share_of_price_percent`"
            child.error("percent", "more than the cap allows", remedy)
    if policy.on_top_up_to and policy.on_top_up_to not in names:
        node.section("on_top_of_rights").choice("up_to", names)

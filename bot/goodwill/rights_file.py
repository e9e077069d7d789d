"""rights.yml, checked: becomes :class:`bot.goodwill.rights.RightsPolicy`.

Beyond the types it holds what may never happen: a right called a favour, order data told to somebody unverified, a
day printed that need not be known, the European ODR platform (closed on 20 July 2025) recommended.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.goodwill.company import CONTACT, Company
from bot.goodwill.facts import CATEGORIES, INTENTS, REMEDIES
from bot.goodwill.periods import BASES, Period, Region
from bot.goodwill.reading import Node
from bot.goodwill.rights import FORMS, KINDS, NO_CATEGORY, ORDER_WORDS, Addition, Condition, RightRule, RightsPolicy
from bot.goodwill.wording import LANGUAGES, PLACEHOLDER

DATES = BASES[1:]
PLACEHOLDERS = (*ORDER_WORDS, "today", "due", *CONTACT)

_FAVOUR = re.compile(r"kulan|goodwill|good will", re.IGNORECASE)
_ODR = re.compile(r"ec\.europa\.eu/(consumers/)?odr|ODR|OS-Plattform")


def read_rights(node: Node, region: Region, company: Company, promises: Collection[str] | None = None) -> RightsPolicy:
    """The rules in the order of the file, which is the order in which rights are told. `promises`: those of hours.yml,
    ``None`` where that file is broken."""
    children = node.sections("rules")
    rules = tuple(_rule(child, promises) for child in children)
    seen: set[str] = set()
    for child, rule in zip(children, rules, strict=True):
        if rule.id in seen:
            child.error("id", f"there are two rules `{rule.id}`", "Give one of them another id")
        seen.add(rule.id)
    return RightsPolicy(
        rules=rules,
        defect_categories=frozenset(node.names("defect_categories", CATEGORIES, optional=False)),
        question=node.words("question"),
        region=region,
        company=company,
    )


def _rule(node: Node, promises: Collection[str] | None) -> RightRule:
    promise = node.text("promise", default="") or None
    if promise and promises is not None:
        promise = node.choice("promise", promises)
    rule = RightRule(
        id=node.text("id"),
        jurisdiction=node.text("jurisdiction"),
        paragraph=node.text("paragraph"),
        valid_from=node.day("valid_from"),
        checked_on=node.day("checked_on"),
        kind=node.choice("kind", KINDS),
        form=node.choice("form", FORMS),
        when=tuple(_condition(child) for child in node.sections("when")),
        text=node.words("text", PLACEHOLDERS),
        choices=node.names("choices", REMEDIES),
        until=_period(node, "until"),
        due=_period(node, "due"),
        add=tuple(_addition(child) for child in node.sections("add", optional=True)),
        needs_person=node.truth("needs_person", default=False),
        promise=promise,
    )
    if rule.checked_on < rule.valid_from and node.has("checked_on") and node.has("valid_from"):
        remedy = "Read the law as it is now, and write the day on which you did"
        node.error("checked_on", f"{rule.checked_on} is before it came into force on {rule.valid_from}", remedy)
    if not rule.when and node.has("when"):
        node.error("when", "this rule never applies", "Describe at least one case, each `- intents: [...]`")
    _check_words(node, rule)
    return rule


def _condition(node: Node) -> Condition:
    condition = Condition(
        intents=frozenset(node.names("intents", INTENTS)),
        categories=frozenset(node.names("categories", {*CATEGORIES, NO_CATEGORY})),
        remedies=frozenset(node.names("remedies", REMEDIES)),
        defect=node.truth("defect") if node.has("defect") else None,
        verified=None if node.says("verified", "any") else node.truth("verified", default=True),
        has=node.names("has", DATES),
        lacks=node.names("lacks", DATES),
        distance_sale=node.truth("distance_sale") if node.has("distance_sale") else None,
        overdue=_period(node, "overdue"),
        within=_period(node, "within"),
    )
    both = sorted(set(condition.has) & set(condition.lacks))
    if both:
        node.error("lacks", f"`{both[0]}` is needed and must be missing: this never applies", "Keep one of the two")
    if condition.verified is False and condition.has:
        node.error("has", "an order that is not verified has no days: this never applies", "Remove `has` or `verified`")
    return condition


def _addition(node: Node) -> Addition:
    valid_from = {"valid_from": node.day("valid_from")} if node.has("valid_from") else {}
    return Addition(
        text=node.words("text", PLACEHOLDERS),
        within=_period(node, "within"),
        after=_period(node, "after"),
        **valid_from,
    )


def _period(node: Node, key: str) -> Period | None:
    if not node.has(key):
        return None
    child = node.section(key)
    return Period(
        after=child.choice("after", BASES),
        days=child.integer("days", default=0, most=3660),
        months=child.integer("months", default=0, most=360),
        working_day=child.truth("working_day", default=False),
    )


def _check_words(node: Node, rule: RightRule) -> None:
    said = [(node, rule.text)]
    said += [(child, each.text) for child, each in zip(node.sections("add", optional=True), rule.add, strict=True)]
    for child, words in said:
        for language in LANGUAGES:
            if _FAVOUR.search(words[language]):
                remedy = "A right is no favour: say what the customer is entitled to"
                child.section("text").error(language, "this calls a right goodwill", remedy)
            if _ODR.search(words[language]):
                remedy = "Remove it: it closed on 20 July 2025"
                child.section("text").error(language, "this names the EU ODR platform", remedy)
            for name in sorted(set(PLACEHOLDER.findall(words[language]))):
                _check_placeholder(child.section("text"), language, name, rule)


def _check_placeholder(node: Node, language: str, name: str, rule: RightRule) -> None:
    if name in ORDER_WORDS and any(condition.verified is not True for condition in rule.when):
        remedy = "Remove it, or let every case under `when` need a verified order"
        node.error(language, f"{{{name}}} would tell order data to somebody unverified", remedy)
    elif name in ("until", "due") and getattr(rule, name) is None:
        node.error(language, f"{{{name}}} is used, but the rule has no `{name}`", f"Add `{name}:` or remove it")
    else:
        for day in sorted({day for condition in rule.when for day in _unknown_days(name, rule, condition)}):
            remedy = f"Add `{day}` to `has` in every case under `when`"
            node.error(language, f"{{{name}}} is used, but that day need not be known", remedy)


def _unknown_days(name: str, rule: RightRule, condition: Condition) -> set[str]:
    """The day behind a placeholder, itself or through `until` and `due`, where this case does not require it."""
    period = getattr(rule, name) if name in ("until", "due") else None
    if name == "expected_on":
        needed = condition.overdue.after if condition.overdue else "overdue"
    else:
        needed = period.after if period is not None else name
    if name != "expected_on" and needed not in DATES:
        return set()
    return {needed} - set(condition.has)

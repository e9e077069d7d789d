"""What each file allows alone but the files together do not: gaps between rights and favours, limits that contradict.

Told like every other mistake, with file, line and remedy, and at once with them: only settings that have a mistake of
their own are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from bot.goodwill.favours import GoodwillPolicy
from bot.goodwill.hours import Hours
from bot.goodwill.reading import Node
from bot.goodwill.rights import NO_CATEGORY, Condition, RightRule, RightsPolicy

RANKS = ("bot", "staff", "lead", "manager", "admin")
"""Who may give more than whom."""


def check_together(nodes: dict[str, Node], goodwill: GoodwillPolicy, rights: RightsPolicy, hours: Hours) -> None:
    """Record every contradiction at the setting where it can be mended."""
    favours, law = nodes["goodwill.yml"], nodes["rights.yml"].sound("rules", "defect_categories")
    if favours.sound("authority_cents"):
        _authority(favours.section("authority_cents"), goodwill)
    if favours.sound("authority_cents", "cap", "ladder"):
        _bot_can_give(favours, goodwill)
    if law and favours.sound("after_warranty"):
        _after_warranty(favours.section("after_warranty"), goodwill, rights)
    if law and favours.sound("dates_needed"):
        _dates_needed(favours, goodwill, rights)
    country = hours.region.country
    if law and nodes["hours.yml"].sound("country") and country not in rights.jurisdictions:
        known = ", ".join(sorted(rights.jurisdictions))
        remedy = f"Add rules with `jurisdiction: {country}`, or correct `country` in hours.yml (rules: {known})"
        nodes["rights.yml"].error("rules", f"there are no rules for {country}, the country of hours.yml", remedy)


def _authority(node: Node, goodwill: GoodwillPolicy) -> None:
    ranked = [role for role in RANKS if role in goodwill.authority_cents]
    for below, role in pairwise(ranked):
        less, more = goodwill.authority_cents[below], goodwill.authority_cents[role]
        if more is not None and (less is None or more < less):
            node.error(role, f"`{role}` may give less than `{below}`", f"Raise it, or lower `{below}`")


def _bot_can_give(node: Node, goodwill: GoodwillPolicy) -> None:
    limit = goodwill.authority_cents["bot"]
    if limit is None:
        return
    if goodwill.smallest_cents > limit:
        message = f"more than the {limit} that the bot may give: it could never offer money"
        node.section("cap").error("smallest_amount_cents", message, "Lower it, or raise `authority_cents.bot`")
        return
    for child, step in zip(node.sections("ladder"), goodwill.ladder):
        if step.amount_cents > limit:
            message = f"{step.amount_cents} is more than the {limit} that the bot may give: it is never reached"
            child.error("amount_cents", message, "Lower it, or raise `authority_cents.bot`")


def _after_warranty(node: Node, goodwill: GoodwillPolicy, rights: RightsPolicy) -> None:
    """Favours for old goods begin where the warranty ends: between the two nobody would be responsible."""
    longest: dict[str, int] = {}
    for rule in rights.rules:
        if rule.until and rule.until.months and any(condition.defect for condition in rule.when):
            longest[rule.jurisdiction] = max(longest.get(rule.jurisdiction, 0), rule.until.months)
    months = goodwill.after_warranty.months
    for jurisdiction, ends in longest.items():
        if months > ends:
            message = f"a gap: the warranty of {jurisdiction} ends after {ends} months, this begins after {months}"
            node.error("months", message, f"Write {ends}, or correct `until` in rights.yml")
    if longest and months < min(longest.values()):
        message = f"a contradiction: after {months} months the warranty of rights.yml still runs"
        node.error("months", message, f"Write {min(longest.values())}")


def _dates_needed(node: Node, goodwill: GoodwillPolicy, rights: RightsPolicy) -> None:
    """Where a right hangs on a day, a missing day must not lead to a favour in its place."""
    hanging: dict[str, str] = {}
    for rule in rights.rules:
        for category in _hang_on_a_day(rule, rights):
            hanging.setdefault(category, rule.id)
    for category, rule_id in sorted(hanging.items()):
        if category not in goodwill.dates_needed:
            message = f"a gap: `{category}` is missing, but its right {rule_id} hangs on a day"
            node.error("dates_needed", message, f"Add `{category}:` with the days that it needs")


def _hang_on_a_day(rule: RightRule, rights: RightsPolicy) -> Iterator[str]:
    if rule.kind != "entitlement":
        return
    for condition in rule.when:
        if condition.has and condition.verified:
            yield from _categories(condition, rights) - {NO_CATEGORY}


def _categories(condition: Condition, rights: RightsPolicy) -> frozenset[str]:
    return condition.categories or (rights.defect_categories if condition.defect else frozenset())

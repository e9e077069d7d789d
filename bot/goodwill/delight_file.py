"""delight.yml, checked: becomes :class:`bot.goodwill.delight.DelightPolicy`.

Beyond the types it holds what makes a surprise one that arrives: it costs no money, somebody has to do it by a time,
and there is one for everybody.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.goodwill.company import CONTACT
from bot.goodwill.delight import DelightPolicy, Occasion, Surprise
from bot.goodwill.facts import CATEGORIES, FLAGS
from bot.goodwill.favours import Gift
from bot.goodwill.periods import BASES
from bot.goodwill.reading import Node
from bot.goodwill.wording import LANGUAGES

FORMS = ("manager_call", "loaner", "handwritten_note")
"""What there is: each has its name in the desk's languages and its words in the dialogue."""

_MONEY = re.compile(r"€|\bEUR\b|\beuros?\b|\bcents?\b", re.IGNORECASE)


def read_delight(node: Node, promises: Collection[str] | None) -> DelightPolicy:
    """The surprises; `promises` are those of hours.yml, ``None`` where that file is broken."""
    children = node.sections("surprises")
    found = tuple(_surprise(child, promises) for child in children)
    for child, each in zip(children[:-1], found[:-1], strict=True):
        if each.when.always:
            child.error("when", "it fits everybody, so none of those below is ever taken", "Move it to the end")
    if found and not found[-1].when.always:
        children[-1].error(
            "when", "there is a gap: some customers have no surprise", "Let the last one be for everybody"
        )
    if not found and node.has("surprises"):
        node.error("surprises", "there is no surprise", "Add at least one, without `when`")
    return DelightPolicy(found)


def _surprise(node: Node, promises: Collection[str] | None) -> Surprise:
    words = node.words("text", ("order", "valid_days", *CONTACT))
    for language in LANGUAGES:
        if _MONEY.search(words[language]):
            remedy = "Money belongs on the ladder of goodwill.yml"
            node.section("text").error(language, "this surprise names an amount of money", remedy)
    promise = node.text("promise")
    if promise and promises is not None:
        promise = node.choice("promise", promises)
    gift = Gift(
        form=node.choice("form", FORMS),
        text=words,
        needs_answer=node.truth("needs_answer", default=False),
        valid_days=node.integer("valid_days", default=0, most=366),
        promise=promise or None,
        owner=node.text("owner"),
    )
    return Surprise(_occasion(node), gift)


def _occasion(node: Node) -> Occasion:
    if not node.has("when"):
        return Occasion()
    when = node.section("when")
    return Occasion(
        categories=frozenset(when.names("categories", CATEGORIES)),
        flags=frozenset(when.names("flags", FLAGS)),
        from_severity=when.integer("from_severity", default=0, most=2),
        customer_years=when.integer("customer_years", default=0, most=99),
        has=when.names("has", BASES[1:]),
    )

"""company.yml: who the company is, and the phrases that its texts share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.goodwill.facts import OrderFacts
from bot.goodwill.reading import Node
from bot.goodwill.wording import Words, fill

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Company:
    """Name and contact in the words customers read. ``promises``: what each promise of hours.yml is called, with
    {when}. ``phrases``: how an order is named in a sentence (`goods`, `goods_unnamed`, `work`, `work_unnamed`)."""

    name: str
    phone: str
    email: str
    address: str
    opening: Words
    privacy_url: str
    withdrawal_url: str
    promises: Mapping[str, Words]
    phrases: Mapping[str, Words]

    @property
    def contact(self) -> dict[str, str]:
        """The placeholders that any text may use."""
        return {
            "company": self.name,
            "phone": self.phone,
            "email": self.email,
            "privacy_url": self.privacy_url,
            "withdrawal_url": self.withdrawal_url,
        }

    def order(self, order: OrderFacts | None, language: str) -> str:
        """The order as a sentence names it: 'Ihre Bestellung „Dachbox“', 'our work on “Zahnriemenwechsel”'."""
        work = order is not None and order.service_on is not None and order.delivered_on is None
        item = order.item.strip() if order else ""
        phrase = ("work" if work else "goods") + ("" if item else "_unnamed")
        return fill(self.phrases[phrase][language], {"item": item})


CONTACT = ("company", "phone", "email", "privacy_url", "withdrawal_url")
"""Names of the placeholders in :attr:`Company.contact`."""


def read_company(node: Node, promises: Mapping[str, object] | None) -> Company:
    """The company, with one text for every promise of hours.yml (not compared where that file is broken)."""
    email = node.text("email")
    if email and not _EMAIL.fullmatch(email):
        node.error("email", f"`{email}` is no e-mail address", "Write it like service@example.org")
    return Company(
        name=node.text("name"),
        phone=node.text("phone"),
        email=email,
        address=node.text("address"),
        opening=node.words("opening"),
        privacy_url=_url(node, "privacy_url"),
        withdrawal_url=_url(node, "withdrawal_url"),
        promises=_promises(node, promises),
        phrases=_phrases(node),
    )


def _url(node: Node, key: str) -> str:
    url = node.text(key)
    if url and not re.fullmatch(r"https://\S+", url):
        node.error(key, f"`{url}` is no safe address", "Write it with https:// at the beginning")
    return url


def _promises(node: Node, promises: Mapping[str, object] | None) -> dict[str, Words]:
    table = node.section("promises")
    found = {name: table.words(name, ("when",), needs=("when",)) for name in table.given()}
    if promises is None or table.mute:
        return found
    for name in promises:
        if name not in found:
            table.error(None, f"the promise `{name}` of hours.yml has no text", f"Add `{name}:` with de and en here")
    for name in found:
        if name not in promises:
            table.error(name, "hours.yml has no such promise", "Add it there, or remove it here")
    return found


def _phrases(node: Node) -> dict[str, Words]:
    table = node.section("phrases")
    named = {name: table.words(name, ("item",), needs=("item",)) for name in ("goods", "work")}
    return {**named, **{f"{name}_unnamed": table.words(f"{name}_unnamed") for name in ("goods", "work")}}

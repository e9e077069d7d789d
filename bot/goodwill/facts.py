"""What a decision is made from: plain facts about one complaint, verified against the order, with nothing personal.

Fair by construction: neither name, language, politeness nor channel is among them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from babel.numbers import list_currencies

# The names of taxonomy.yml that rules may use; a test holds them together.
INTENTS = frozenset(
    [
        "complain",
        "request_remedy",
        "inform",
        "ask_status",
        "request_human",
        "accept_offer",
        "reject_offer",
        "affirm",
        "deny",
        "withdraw_contract",
        "withdraw_complaint",
        "cancel",
        "ask_rights",
        "ask_contact",
        "ask_bot",
        "ask_help",
        "ask_rephrase",
        "change_language",
        "delete_data",
        "access_data",
        "praise",
        "thank",
        "greet",
        "goodbye",
        "insult",
        "out_of_scope",
    ]
)
CATEGORIES = frozenset(
    [
        "product_defect",
        "transport_damage",
        "wrong_or_incomplete",
        "not_as_described",
        "late_delivery",
        "lost_delivery",
        "repair_quality",
        "missed_appointment",
        "billing",
        "refund_delay",
        "staff_conduct",
        "unreachable_service",
        "website_or_app",
        "privacy",
        "other",
    ]
)
FLAGS = frozenset(
    [
        "safety",
        "injury",
        "crisis",
        "legal",
        "publicity",
        "discrimination",
        "data_breach",
        "vulnerable",
        "repeat_contact",
        "broken_promise",
        "third_party",
        "threat",
    ]
)
REMEDIES = frozenset(["refund", "replacement", "repair", "discount", "apology", "callback", "explanation"])

COMPENSATED = ("order", "device", "payment")
"""What may have brought a favour before: this order, or another one of the same device or payment."""

BEFORE_NAMED = "unnamed"
"""Stands for one of :data:`COMPENSATED` in facts that were stored before it was noted which."""

ORDER_DATES = ("ordered_on", "promised_on", "delivered_on", "service_on", "customer_since", "guarantee_until")

ABSURD_PRICE_CENTS = 100_000_000
"""One million: no single order of a shop costs more, so it is a slip in the data."""

EARLIEST = dt.date(1990, 1, 1)
LATEST = dt.date(2200, 1, 1)


class FactsError(ValueError):
    """Stored facts that cannot be read again; the message names the field."""


@dataclass(frozen=True)
class Problem:
    """A contradiction in the facts: the field, and what is wrong with it in words for the desk."""

    field: str
    message: str


@dataclass(frozen=True)
class OrderFacts:
    """One order as the shop's list has it. Cents and days; ``None`` where the shop gave nothing.

    ``distance_sale`` is false for a purchase on the premises, which has no right of withdrawal.
    ``guarantee_until`` is the last day of a guarantee that was promised with this order, if one was.
    """

    item: str = ""
    price_cents: int | None = None
    currency: str = "EUR"
    ordered_on: dt.date | None = None
    promised_on: dt.date | None = None
    delivered_on: dt.date | None = None
    service_on: dt.date | None = None
    customer_since: dt.date | None = None
    prior_grants_12m: int = 0
    distance_sale: bool = True
    guarantee_until: dt.date | None = None

    @property
    def handed_over_on(self) -> dt.date | None:
        """The day from which age counts: delivery of goods, else the day of the service."""
        return self.delivered_on or self.service_on


@dataclass(frozen=True)
class Facts:
    """Everything a decision depends on; the same facts and the same policy give the same decision.

    ``category`` is empty where no complaint was told yet. ``order`` counts only when ``verified`` (order number with
    postcode or e-mail). ``is_claim_for_defect`` is the customer's answer to "a defect, or just not wanted?";
    ``our_fault`` overrides what the category suggests. ``compensated``: which of :data:`COMPENSATED` brought a favour
    before, empty where none did. ``None`` means: not said, or not known.
    """

    today: dt.date
    category: str
    severity: int
    flags: frozenset[str]
    remedies: frozenset[str]
    verified: bool
    order: OrderFacts | None
    compensated: str = ""
    pressure: bool = False
    budget_left_cents: int = 0
    authority: str = "bot"
    jurisdiction: str = "DE"
    intent: str = "complain"
    is_claim_for_defect: bool | None = None
    our_fault: bool | None = None

    @property
    def proven(self) -> OrderFacts | None:
        """The order, where the customer proved that it is theirs; nothing else may carry dates, prices or rights."""
        return self.order if self.verified else None

    def problems(self) -> tuple[Problem, ...]:
        """What cannot be true. Facts with a problem never lead to money but to a person."""
        return (*_name_problems(self), *(_order_problems(self.order, self.today) if self.order else ()))

    def to_json(self) -> dict[str, Any]:
        """Plain data for storage; :meth:`from_json` gives equal facts back."""
        data = {field.name: getattr(self, field.name) for field in fields(self)}
        data["today"] = self.today.isoformat()
        data["flags"], data["remedies"] = sorted(self.flags), sorted(self.remedies)
        if self.order is not None:
            order = {field.name: getattr(self.order, field.name) for field in fields(self.order)}
            for name in ORDER_DATES:
                order[name] = order[name].isoformat() if order[name] else None
            data["order"] = order
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Facts:
        """Facts from :meth:`to_json`; fields that came later take their defaults. Raises :class:`FactsError`."""
        values = _known(cls, _of_today(data), "facts")
        values["today"] = _day("today", values.get("today"))
        for name in ("flags", "remedies"):
            values[name] = frozenset(values.get(name) or ())
        if values.get("order") is not None:
            order = _known(OrderFacts, values["order"], "order")
            for name in ORDER_DATES:
                if order.get(name) is not None:
                    order[name] = _day(f"order.{name}", order[name])
            values["order"] = OrderFacts(**order)
        try:
            return cls(**values)
        except TypeError as error:
            raise FactsError(f"these facts are incomplete: {error}") from None


def _of_today(data: Any) -> Any:
    """Facts as they are written today, whatever they were called when they were stored."""
    if isinstance(data, Mapping) and "already_compensated" in data:
        before = BEFORE_NAMED if data["already_compensated"] else ""
        return {**{name: value for name, value in data.items() if name != "already_compensated"}, "compensated": before}
    return data


def _known(kind: type, data: Any, where: str) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise FactsError(f"{where}: expected an object with named fields, found {type(data).__name__}")
    unknown = sorted(set(data) - {field.name for field in fields(kind)})
    if unknown:
        raise FactsError(f"{where}: unknown field {unknown[0]!r}; these facts come from a newer version")
    return dict(data)


def _day(name: str, value: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise FactsError(f"{name}: expected a day like 2026-11-27, found {value!r}") from None


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies("en"))


def _name_problems(facts: Facts) -> list[Problem]:
    found = []
    if not EARLIEST <= facts.today < LATEST:
        found.append(Problem("today", f"{facts.today} cannot be today"))
    if not 0 <= facts.severity <= 4:
        found.append(Problem("severity", f"severity {facts.severity} is not between 0 and 4"))
    if facts.category and facts.category not in CATEGORIES:
        found.append(Problem("category", f"unknown category {facts.category!r}"))
    if facts.intent not in INTENTS:
        found.append(Problem("intent", f"unknown intent {facts.intent!r}"))
    if facts.compensated not in ("", *COMPENSATED, BEFORE_NAMED):
        found.append(Problem("compensated", f"unknown name {facts.compensated!r}"))
    for field, given, known in (("flags", facts.flags, FLAGS), ("remedies", facts.remedies, REMEDIES)):
        found += [Problem(field, f"unknown name {name!r}") for name in sorted(given - known)]
    return found


def _order_problems(order: OrderFacts, today: dt.date) -> list[Problem]:
    found = []
    if order.price_cents is not None and not 0 <= order.price_cents <= ABSURD_PRICE_CENTS:
        found.append(Problem("price_cents", f"a price of {order.price_cents / 100:,.2f} cannot be right"))
    if order.currency not in _currencies():
        found.append(Problem("currency", f"unknown currency {order.currency!r}"))
    if order.prior_grants_12m < 0:
        found.append(Problem("prior_grants_12m", "fewer than no earlier grants"))
    for name in ORDER_DATES:
        day = getattr(order, name)
        if day is not None and not EARLIEST <= day < LATEST:
            found.append(Problem(name, f"{day} is out of the question"))
    for name in ("ordered_on", "delivered_on", "customer_since"):
        day = getattr(order, name)
        if day is not None and day > today:
            found.append(Problem(name, f"{day} is in the future"))
    if order.ordered_on:
        for name in ("delivered_on", "promised_on"):
            day = getattr(order, name)
            if day is not None and day < order.ordered_on:
                found.append(Problem(name, f"{day} is before the order of {order.ordered_on}"))
    return found

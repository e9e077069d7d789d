"""The complaint and everything that belongs to it, as tables.

Money is integer cents with a currency. Times are UTC. Names of categories, flags and remedies come from taxonomy.yml.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from bot.database import Base, UtcTime, utcnow
from bot.search.index import Entry, follow

STATES: dict[str, tuple[str, ...]] = {
    "new": ("acknowledged", "in_review", "offer_made", "resolved", "withdrawn"),
    "acknowledged": ("in_review", "offer_made", "resolved", "withdrawn"),
    "in_review": ("acknowledged", "offer_made", "resolved", "withdrawn"),
    "offer_made": ("accepted", "declined", "in_review", "acknowledged", "resolved", "withdrawn"),
    "accepted": ("resolved", "in_review", "withdrawn"),
    "declined": ("in_review", "offer_made", "resolved", "withdrawn"),
    "resolved": ("closed", "reopened"),
    "closed": ("reopened",),
    "withdrawn": ("reopened",),
    "reopened": ("acknowledged", "in_review", "offer_made", "resolved", "withdrawn"),
}
"""Which state may follow which; checked in :func:`bot.cases.store.move`, nowhere else."""

FINAL_STATES = ("resolved", "closed", "withdrawn")


class Case(Base):
    """One complaint. `number` is EK-YYYY-NNNNNN, gapless per year."""

    __tablename__ = "cases"

    number: Mapped[str] = Column(String(16), primary_key=True)
    state: Mapped[str] = Column(String(16), nullable=False, default="new", index=True)
    channel: Mapped[str] = Column(String(16), nullable=False)
    language: Mapped[str] = Column(String(2), nullable=False)
    conversation: Mapped[str] = Column(String(40), nullable=False, index=True)
    received_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    incident_on: Mapped[dt.date | None] = Column(Date)
    category: Mapped[str] = Column(String(32), nullable=False)
    subject: Mapped[str] = Column(String(200), nullable=False, default="")
    text: Mapped[str] = Column(Text, nullable=False, default="")  # verbatim, every message about it
    order_number: Mapped[str | None] = Column(String(64), index=True)
    item: Mapped[str | None] = Column(String(200))
    price_cents: Mapped[int | None] = Column(Integer)
    currency: Mapped[str] = Column(String(3), nullable=False, default="EUR")
    delivered_on: Mapped[dt.date | None] = Column(Date)
    verified: Mapped[bool] = Column(Boolean, nullable=False, default=False)
    verified_how: Mapped[str | None] = Column(String(16))  # postcode | email
    remedies: Mapped[list[str]] = Column(JSON, nullable=False, default=list)
    severity: Mapped[int] = Column(Integer, nullable=False, default=1)
    flags: Mapped[list[str]] = Column(JSON, nullable=False, default=list)
    entities: Mapped[list[dict[str, Any]]] = Column(JSON, nullable=False, default=list)  # entity, value, resolved
    submitted_by: Mapped[str] = Column(String(16), nullable=False, default="customer")  # relative, law_firm, authority
    authorised: Mapped[bool] = Column(Boolean, nullable=False, default=True)
    repeat_of: Mapped[str | None] = Column(ForeignKey("cases.number"))
    basis: Mapped[str | None] = Column(String(8))  # claim | kulanz
    root_cause: Mapped[str | None] = Column(Text)
    resolution: Mapped[str | None] = Column(String(24))
    csat: Mapped[int | None] = Column(Integer)  # 1-5
    recommendation: Mapped[int | None] = Column(Integer)  # 0-10
    feedback: Mapped[str | None] = Column(Text)
    updated_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow, onupdate=utcnow)

    offers: Mapped[list[Offer]] = relationship("Offer", order_by="Offer.made_at", back_populates="case")
    decisions: Mapped[list[Decision]] = relationship("Decision", order_by="Decision.at", back_populates="case")
    promises: Mapped[list[Promise]] = relationship("Promise", order_by="Promise.due_at", back_populates="case")
    audit: Mapped[list[Audit]] = relationship("Audit", order_by="Audit.id", back_populates="case")

    @property
    def confidential(self) -> bool:
        """Whether it belongs into the confidential queue: about staff, or about discrimination."""
        return self.category == "staff_conduct" or "discrimination" in self.flags


_FOUND_BY = ("number", "order_number", "item", "text", "feedback", "root_cause")


def _to_find(case: Case) -> Entry:
    words = " ".join(str(getattr(case, name) or "") for name in _FOUND_BY)
    return Entry("case", case.number, case.conversation, case.received_at, words)


follow(Case, _to_find, (*_FOUND_BY, "conversation"))


class CaseCounter(Base):
    """The last serial given in a year; its row lock makes the numbers gapless."""

    __tablename__ = "case_counters"

    year: Mapped[int] = Column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = Column(Integer, nullable=False, default=0)


class Decision(Base):
    """What the rule engine said, with everything needed to compute it again."""

    __tablename__ = "decisions"

    id: Mapped[str] = Column(String(32), primary_key=True)
    case_number: Mapped[str] = Column(ForeignKey("cases.number"), nullable=False, index=True)
    at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    by: Mapped[str] = Column(String(80), nullable=False)  # bot | user name
    outcome: Mapped[str] = Column(String(16), nullable=False)  # person | right | offer | gesture | none
    inputs: Mapped[dict[str, Any]] = Column(JSON, nullable=False)
    path: Mapped[list[dict[str, Any]]] = Column(JSON, nullable=False)
    result: Mapped[dict[str, Any]] = Column(JSON, nullable=False)
    rule_version: Mapped[str] = Column(String(64), nullable=False)

    case: Mapped[Case] = relationship("Case", back_populates="decisions")


class PolicyVersion(Base):
    """The text of every policy that a decision was made with, so that it can be replayed."""

    __tablename__ = "policy_versions"

    version: Mapped[str] = Column(String(64), primary_key=True)
    files: Mapped[dict[str, str]] = Column(JSON, nullable=False)
    first_used: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)


class Offer(Base):
    """Something offered: a right put into words, a favour, a surprise. One per case, kind, form and rule version."""

    __tablename__ = "offers"
    __table_args__ = (UniqueConstraint("case_number", "kind", "form", "rule_version", "by"),)

    id: Mapped[str] = Column(String(32), primary_key=True)
    case_number: Mapped[str] = Column(ForeignKey("cases.number"), nullable=False, index=True)
    decision_id: Mapped[str | None] = Column(ForeignKey("decisions.id"))
    kind: Mapped[str] = Column(String(16), nullable=False)  # withdrawal | entitlement | goodwill | surprise
    form: Mapped[str] = Column(String(24), nullable=False)  # voucher | partial_refund | repair_or_replacement | ...
    amount_cents: Mapped[int] = Column(Integer, nullable=False, default=0)
    currency: Mapped[str] = Column(String(3), nullable=False, default="EUR")
    by: Mapped[str] = Column(String(80), nullable=False)  # bot | user name
    reason: Mapped[str | None] = Column(Text)  # for an override by staff
    state: Mapped[str] = Column(
        String(12), nullable=False, default="open"
    )  # accepted declined expired revoked fulfilled
    made_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    expires_at: Mapped[dt.datetime | None] = Column(UtcTime)
    answered_at: Mapped[dt.datetime | None] = Column(UtcTime)
    rule_version: Mapped[str] = Column(String(64), nullable=False)
    code: Mapped[str | None] = Column(String(32))  # the voucher's code once accepted
    budget_month: Mapped[str | None] = Column(String(7))  # YYYY-MM whose budget the amount is reserved in

    case: Mapped[Case] = relationship("Case", back_populates="offers")


class Budget(Base):
    """Goodwill money of one month: for everybody (`scope` all) or one person's trust budget (`scope` user name)."""

    __tablename__ = "budgets"

    month: Mapped[str] = Column(String(7), primary_key=True)  # YYYY-MM
    scope: Mapped[str] = Column(String(80), primary_key=True)
    reserved_cents: Mapped[int] = Column(Integer, nullable=False, default=0)


class Approval(Base):
    """Somebody asks to give more than their authority; a lead or manager says yes or no."""

    __tablename__ = "approvals"

    id: Mapped[str] = Column(String(32), primary_key=True)
    case_number: Mapped[str] = Column(ForeignKey("cases.number"), nullable=False, index=True)
    form: Mapped[str] = Column(String(24), nullable=False)  # voucher | partial_refund | refund
    amount_cents: Mapped[int] = Column(Integer, nullable=False)
    currency: Mapped[str] = Column(String(3), nullable=False, default="EUR")
    asked_by: Mapped[str] = Column(String(80), nullable=False)
    asked_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    reason: Mapped[str] = Column(Text, nullable=False)
    state: Mapped[str] = Column(String(12), nullable=False, default="open", index=True)  # approved refused
    answered_by: Mapped[str | None] = Column(String(80))
    answered_at: Mapped[dt.datetime | None] = Column(UtcTime)
    answer: Mapped[str | None] = Column(Text)  # why it was refused, or what is added to the yes
    offer_id: Mapped[str | None] = Column(ForeignKey("offers.id"))  # what came of the yes

    case: Mapped[Case] = relationship("Case")


class Promise(Base):
    """A commitment with a due time. `what` is a key of the promise texts in policy/company.yml."""

    __tablename__ = "promises"

    id: Mapped[str] = Column(String(32), primary_key=True)
    case_number: Mapped[str] = Column(ForeignKey("cases.number"), nullable=False, index=True)
    what: Mapped[str] = Column(String(32), nullable=False)
    by: Mapped[str] = Column(String(80), nullable=False)
    made_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    due_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, index=True)
    state: Mapped[str] = Column(String(12), nullable=False, default="open")  # kept | broken
    reminded_at: Mapped[dt.datetime | None] = Column(UtcTime)
    ended_at: Mapped[dt.datetime | None] = Column(UtcTime)

    case: Mapped[Case] = relationship("Case", back_populates="promises")


class Audit(Base):
    """Who changed what of a case, when and why, before and after."""

    __tablename__ = "audit"

    id: Mapped[int] = Column(Integer, primary_key=True)
    case_number: Mapped[str] = Column(ForeignKey("cases.number"), nullable=False, index=True)
    at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    who: Mapped[str] = Column(String(80), nullable=False)
    what: Mapped[str] = Column(String(40), nullable=False)
    why: Mapped[str] = Column(String(200), nullable=False, default="")
    before: Mapped[Any] = Column(JSON)
    after: Mapped[Any] = Column(JSON)

    case: Mapped[Case] = relationship("Case", back_populates="audit")


class Order(Base):
    """A row of the shop's order list, as imported. Amounts in cents, days as dates; empty where the shop gave none."""

    __tablename__ = "orders"

    order_number: Mapped[str] = Column(String(64), primary_key=True)
    item: Mapped[str] = Column(String(200), nullable=False)
    price_cents: Mapped[int | None] = Column(Integer)
    currency: Mapped[str] = Column(String(3), nullable=False, default="EUR")
    ordered_on: Mapped[dt.date | None] = Column(Date)
    promised_on: Mapped[dt.date | None] = Column(Date)
    delivered_on: Mapped[dt.date | None] = Column(Date)
    service_on: Mapped[dt.date | None] = Column(Date)
    email: Mapped[str | None] = Column(String(200))
    postcode: Mapped[str | None] = Column(String(16))
    licence_plate: Mapped[str | None] = Column(String(16))
    customer_since: Mapped[dt.date | None] = Column(Date)
    prior_grants_12m: Mapped[int] = Column(Integer, nullable=False, default=0)
    guarantee_until: Mapped[dt.date | None] = Column(Date)  # the last day of a guarantee that was promised with it
    distance_sale: Mapped[bool | None] = Column(Boolean)  # empty: goods were sent, work was done in the workshop
    device: Mapped[str | None] = Column(String(64), index=True)  # names the very thing, as identifier() writes it
    payment: Mapped[str | None] = Column(String(64), index=True)  # names the payment, written the same way


class Verification(Base):
    """How often a conversation tried to prove that an order is its own; three wrong tries end it."""

    __tablename__ = "verifications"

    conversation: Mapped[str] = Column(String(40), primary_key=True)
    failures: Mapped[int] = Column(Integer, nullable=False, default=0)
    order_number: Mapped[str | None] = Column(String(64))  # proven
    how: Mapped[str | None] = Column(String(16))


class OrderTries(Base):
    """Wrong proofs for an order number in whatever conversation. `order_key`: the number's hash; `since`: the first."""

    __tablename__ = "order_tries"

    order_key: Mapped[str] = Column(String(64), primary_key=True)
    failures: Mapped[int] = Column(Integer, nullable=False, default=0)
    since: Mapped[dt.datetime] = Column(UtcTime, nullable=False, index=True)

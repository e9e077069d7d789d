"""The complaint and everything that belongs to it, as tables.

Money is integer cents with a currency. Times are UTC. Names of categories, flags and remedies come from taxonomy.yml.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import relationship

from bot.database import Base, UtcTime, utcnow

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

    number: str = Column(String(16), primary_key=True)
    state: str = Column(String(16), nullable=False, default="new", index=True)
    channel: str = Column(String(16), nullable=False)
    language: str = Column(String(2), nullable=False)
    conversation: str = Column(String(40), nullable=False, index=True)
    received_at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)
    incident_on: dt.date | None = Column(Date)
    category: str = Column(String(32), nullable=False)
    subject: str = Column(String(200), nullable=False, default="")
    text: str = Column(Text, nullable=False, default="")  # verbatim, every message about it
    order_number: str | None = Column(String(64), index=True)
    item: str | None = Column(String(200))
    price_cents: int | None = Column(Integer)
    currency: str = Column(String(3), nullable=False, default="EUR")
    delivered_on: dt.date | None = Column(Date)
    verified: bool = Column(Boolean, nullable=False, default=False)
    verified_how: str | None = Column(String(16))  # postcode | email
    remedies: list[str] = Column(JSON, nullable=False, default=list)
    severity: int = Column(Integer, nullable=False, default=1)
    flags: list[str] = Column(JSON, nullable=False, default=list)
    entities: list[dict[str, Any]] = Column(JSON, nullable=False, default=list)  # entity, value, resolved
    submitted_by: str = Column(String(16), nullable=False, default="customer")  # relative, law_firm, authority
    authorised: bool = Column(Boolean, nullable=False, default=True)
    repeat_of: str | None = Column(ForeignKey("cases.number"))
    basis: str | None = Column(String(8))  # claim | kulanz
    root_cause: str | None = Column(Text)
    resolution: str | None = Column(String(24))
    csat: int | None = Column(Integer)  # 1-5
    recommendation: int | None = Column(Integer)  # 0-10
    feedback: str | None = Column(Text)
    updated_at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow, onupdate=utcnow)

    offers: list[Offer] = relationship("Offer", order_by="Offer.made_at", back_populates="case")
    decisions: list[Decision] = relationship("Decision", order_by="Decision.at", back_populates="case")
    promises: list[Promise] = relationship("Promise", order_by="Promise.due_at", back_populates="case")
    audit: list[Audit] = relationship("Audit", order_by="Audit.id", back_populates="case")


class CaseCounter(Base):
    """The last serial given in a year; its row lock makes the numbers gapless."""

    __tablename__ = "case_counters"

    year: int = Column(Integer, primary_key=True, autoincrement=False)
    last: int = Column(Integer, nullable=False, default=0)


class Decision(Base):
    """What the rule engine said, with everything needed to compute it again."""

    __tablename__ = "decisions"

    id: str = Column(String(32), primary_key=True)
    case_number: str = Column(ForeignKey("cases.number"), nullable=False, index=True)
    at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)
    by: str = Column(String(80), nullable=False)  # bot | user name
    outcome: str = Column(String(16), nullable=False)  # person | right | offer | gesture | none
    inputs: dict[str, Any] = Column(JSON, nullable=False)
    path: list[dict[str, Any]] = Column(JSON, nullable=False)
    result: dict[str, Any] = Column(JSON, nullable=False)
    rule_version: str = Column(String(64), nullable=False)

    case: Case = relationship("Case", back_populates="decisions")


class PolicyVersion(Base):
    """The text of every policy that a decision was made with, so that it can be replayed."""

    __tablename__ = "policy_versions"

    version: str = Column(String(64), primary_key=True)
    files: dict[str, str] = Column(JSON, nullable=False)
    first_used: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)


class Offer(Base):
    """Something offered: a right put into words, a favour, a surprise. One per case, kind and rule version."""

    __tablename__ = "offers"
    __table_args__ = (UniqueConstraint("case_number", "kind", "rule_version", "by"),)

    id: str = Column(String(32), primary_key=True)
    case_number: str = Column(ForeignKey("cases.number"), nullable=False, index=True)
    decision_id: str | None = Column(ForeignKey("decisions.id"))
    kind: str = Column(String(16), nullable=False)  # withdrawal | entitlement | goodwill | surprise
    form: str = Column(String(24), nullable=False)  # voucher | partial_refund | repair_or_replacement | ...
    amount_cents: int = Column(Integer, nullable=False, default=0)
    currency: str = Column(String(3), nullable=False, default="EUR")
    by: str = Column(String(80), nullable=False)  # bot | user name
    reason: str | None = Column(Text)  # for an override by staff
    state: str = Column(String(12), nullable=False, default="open")  # accepted declined expired revoked fulfilled
    made_at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)
    expires_at: dt.datetime | None = Column(UtcTime)
    answered_at: dt.datetime | None = Column(UtcTime)
    rule_version: str = Column(String(64), nullable=False)
    code: str | None = Column(String(32))  # the voucher's code once accepted
    budget_month: str | None = Column(String(7))  # YYYY-MM whose budget the amount is reserved in

    case: Case = relationship("Case", back_populates="offers")


class Budget(Base):
    """Goodwill money of one month: for everybody (`scope` all) or one person's trust budget (`scope` user name)."""

    __tablename__ = "budgets"

    month: str = Column(String(7), primary_key=True)  # YYYY-MM
    scope: str = Column(String(80), primary_key=True)
    reserved_cents: int = Column(Integer, nullable=False, default=0)


class Promise(Base):
    """A commitment with a due time. `what` is a key of the promise texts in policy/company.yml."""

    __tablename__ = "promises"

    id: str = Column(String(32), primary_key=True)
    case_number: str = Column(ForeignKey("cases.number"), nullable=False, index=True)
    what: str = Column(String(32), nullable=False)
    by: str = Column(String(80), nullable=False)
    made_at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)
    due_at: dt.datetime = Column(UtcTime, nullable=False, index=True)
    state: str = Column(String(12), nullable=False, default="open")  # kept | broken
    reminded_at: dt.datetime | None = Column(UtcTime)
    ended_at: dt.datetime | None = Column(UtcTime)

    case: Case = relationship("Case", back_populates="promises")


class Audit(Base):
    """Who changed what of a case, when and why, before and after."""

    __tablename__ = "audit"

    id: int = Column(Integer, primary_key=True)
    case_number: str = Column(ForeignKey("cases.number"), nullable=False, index=True)
    at: dt.datetime = Column(UtcTime, nullable=False, default=utcnow)
    who: str = Column(String(80), nullable=False)
    what: str = Column(String(40), nullable=False)
    why: str = Column(String(200), nullable=False, default="")
    before: Any = Column(JSON)
    after: Any = Column(JSON)

    case: Case = relationship("Case", back_populates="audit")


class Order(Base):
    """A row of the shop's order list, as imported. Amounts in cents, days as dates; empty where the shop gave none."""

    __tablename__ = "orders"

    order_number: str = Column(String(64), primary_key=True)
    item: str = Column(String(200), nullable=False)
    price_cents: int | None = Column(Integer)
    currency: str = Column(String(3), nullable=False, default="EUR")
    ordered_on: dt.date | None = Column(Date)
    promised_on: dt.date | None = Column(Date)
    delivered_on: dt.date | None = Column(Date)
    service_on: dt.date | None = Column(Date)
    email: str | None = Column(String(200))
    postcode: str | None = Column(String(16))
    licence_plate: str | None = Column(String(16))
    customer_since: dt.date | None = Column(Date)
    prior_grants_12m: int = Column(Integer, nullable=False, default=0)


class Verification(Base):
    """How often a conversation tried to prove that an order is its own; three wrong tries end it."""

    __tablename__ = "verifications"

    conversation: str = Column(String(40), primary_key=True)
    failures: int = Column(Integer, nullable=False, default=0)
    order_number: str | None = Column(String(64))  # proven
    how: str | None = Column(String(16))

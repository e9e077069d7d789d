"""What the rule engine answers: the outcome, the way it took through the rules, and what would have changed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bot.goodwill.rights import Right
from bot.goodwill.wording import Words

Outcome = Literal["person", "right", "offer", "gesture", "none"]


@dataclass(frozen=True)
class Step:
    """One rule on the way. ``passed``: the decision went on after it; False: this rule decided, or took away.

    ``because`` in English, ``because_de`` in German: for the desk, the customer, the auditor, the court.
    """

    rule: str
    passed: bool
    because: str
    because_de: str

    def to_json(self) -> dict[str, Any]:
        """Plain data for storage."""
        return {
            "rule": self.rule,
            "passed": self.passed,
            "because": self.because,
            "because_de": self.because_de,
        }


@dataclass(frozen=True)
class Proposal:
    """Something beyond the rights. ``step`` is its step of the ladder; an apology and a priority need no answer.

    ``amount_cents`` is 0 unless it is money; ``valid_days`` from the day it is made (0: it does not expire);
    ``promise`` is the key in hours.yml of the promise that goes with it; ``owner`` is who carries it out, where
    somebody has to; ``text`` is ready for the customer.
    """

    kind: str
    form: str
    amount_cents: int
    currency: str
    valid_days: int
    step: str
    needs_answer: bool
    promise: str | None
    text: Words
    owner: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data for storage."""
        return {
            "kind": self.kind,
            "form": self.form,
            "amount_cents": self.amount_cents,
            "currency": self.currency,
            "valid_days": self.valid_days,
            "step": self.step,
            "needs_answer": self.needs_answer,
            "promise": self.promise,
            "owner": self.owner,
            "text": dict(self.text),
        }


@dataclass(frozen=True)
class Decision:
    """The answer to one set of facts under one policy.

    ``outcome``: a person takes over, a right is stated (``offer`` may stand beside it), money is offered, a gesture
    without money, or nothing to decide. ``reason`` is a stable key. ``rights`` are to be told to the customer;
    ``rights_for_person`` are those that the person who takes over should know of. ``question`` is asked where a
    withdrawal may as well be a defect. ``cap_cents``: the most that could have been offered, ``None`` where no
    amount was looked at.
    """

    outcome: Outcome
    reason: str
    rule_version: str
    rights: tuple[Right, ...] = ()
    offer: Proposal | None = None
    score: int | None = None
    cap_cents: int | None = None
    path: tuple[Step, ...] = ()
    what_if: tuple[dict[str, str], ...] = ()
    question: Words | None = None
    rights_for_person: tuple[Right, ...] = ()

    @property
    def needs_person(self) -> bool:
        """Whether somebody has to act: a person takes over, or carries out a right that was stated."""
        return self.outcome == "person" or any(right.needs_person for right in self.rights)

    @property
    def basis(self) -> str | None:
        """The basis of the case: `claim` where a right applies, `kulanz` where a favour is offered."""
        if self.rights or self.rights_for_person:
            return "claim"
        return "kulanz" if self.offer is not None and self.offer.needs_answer else None

    def to_json(self) -> dict[str, Any]:
        """Plain data for storage; a replay of the stored facts and policy texts gives the same."""
        return {
            "outcome": self.outcome,
            "reason": self.reason,
            "rights": [right.to_json() for right in self.rights],
            "offer": self.offer.to_json() if self.offer else None,
            "score": self.score,
            "cap_cents": self.cap_cents,
            "path": [step.to_json() for step in self.path],
            "what_if": [dict(each) for each in self.what_if],
            "question": dict(self.question) if self.question else None,
            "rights_for_person": [right.to_json() for right in self.rights_for_person],
            "rule_version": self.rule_version,
        }

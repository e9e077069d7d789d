"""A stored decision computed again from its stored facts and policy texts: the same, or not, and where it differs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.cases import versions
from bot.cases.model import Case, Decision
from bot.goodwill.engine import decide
from bot.goodwill.facts import Facts, FactsError
from bot.goodwill.policy import PolicyInvalid

_EMPTY: tuple[Any, ...] = (None, "", [], False)
"""Values of a field that say nothing."""


@dataclass(frozen=True)
class Replayed:
    """The comparison of one decision. `problem`: why it could not be computed again; None where it could.

    `differences`: the parts of the result that are not as stored, each with its stored and its new value.
    """

    decision: str
    at: str
    rule_version: str
    outcome: str
    differences: dict[str, tuple[Any, Any]]
    problem: str | None = None

    @property
    def same(self) -> bool:
        """Whether the decision stands as it was stored."""
        return self.problem is None and not self.differences

    def to_json(self) -> dict[str, Any]:
        """Plain data for `case replay --json`."""
        return {
            "decision": self.decision,
            "at": self.at,
            "rule_version": self.rule_version,
            "outcome": self.outcome,
            "same": self.same,
            "problem": self.problem,
            "differences": {
                name: {"stored": before, "again": after} for name, (before, after) in self.differences.items()
            },
        }


def replay(session: Session, decision: Decision) -> Replayed:
    """Decide again what `decision` decided, under the policy of that time. A changed engine or row shows up here."""

    def answer(differences: dict[str, tuple[Any, Any]], problem: str | None = None) -> Replayed:
        at = decision.at.isoformat(timespec="seconds")
        return Replayed(decision.id, at, decision.rule_version, decision.outcome, differences, problem)

    try:
        policy = versions.stored(session, decision.rule_version)
        again = decide(Facts.from_json(decision.inputs), policy).to_json()
    except (versions.UnknownVersion, FactsError) as error:
        return answer({}, str(error))
    except PolicyInvalid as error:
        return answer({}, f"this version of the program cannot read the policy {decision.rule_version}: {error}")
    after = _plain(again)
    before = _with_added(_plain({**decision.result, "path": decision.path, "outcome": decision.outcome}), after)
    names = dict.fromkeys([*before, *after])
    return answer({n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)})


def replay_case(session: Session, case: Case) -> list[Replayed]:
    """Every decision of a case, the oldest first."""
    return [replay(session, decision) for decision in case.decisions]


def _with_added(before: Any, after: Any) -> Any:
    """What was stored, with the fields that came later where they are empty: they say nothing that was not said."""
    if isinstance(before, dict) and isinstance(after, dict):
        added = {name: value for name, value in after.items() if name not in before and value in _EMPTY}
        return {**{name: _with_added(value, after.get(name)) for name, value in before.items()}, **added}
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [*map(_with_added, before, after)]
    return before


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """As the database gives it back: tuples are lists, dates are texts."""
    plain: dict[str, Any] = json.loads(json.dumps(value))
    return plain

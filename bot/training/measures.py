"""How well messages were understood: labelled cases against a model's answers. Pure functions, no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.taxonomy import SEVERE_FROM, severity
from bot.training.label import COMPLAIN

Answer = dict[str, Any]

MEASURES = (
    "intent",
    "category",
    "severe found",
    "severe false",
    "flags F1",
    "remedies F1",
    "entities F1",
    "product F1",
    "language",
    "calibration error",
)
"""In the order of reports. All are shares from 0 to 1; of "severe false" less is better."""

LESS_IS_BETTER = ("severe false", "calibration error")

BINS = 10


@dataclass(frozen=True)
class Case:
    """A message and what a careful person says it means. `entities` are (entity, surface)."""

    id: str
    text: str
    language: str
    intent: str
    category: str | None = None
    flags: frozenset[str] = frozenset()
    remedies: frozenset[str] = frozenset()
    entities: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        return f"{self.intent}_{self.category}" if self.category else self.intent


def measure(cases: Sequence[Case], answers: dict[str, Answer]) -> dict[str, float | None]:
    """All :data:`MEASURES` of these cases; None where nothing was there to be measured."""
    pairs = [(case, answers[case.text]) for case in cases]
    grave = [(case, answer) for case, answer in pairs if _severe(case.flags)]
    harmless = [(case, answer) for case, answer in pairs if not _severe(case.flags)]
    found = [(case, _found_entities(answer)) for case, answer in pairs]
    return {
        "intent": _share(case.intent == answer["intent"] for case, answer in pairs),
        "category": _share(c.category == a["category"] for c, a in pairs if c.intent == COMPLAIN),
        # at least one of the severe flags that the message has
        "severe found": _share(bool(_severe(c.flags) & set(a["flags"])) for c, a in grave),
        "severe false": _share(bool(_severe(a["flags"])) for _c, a in harmless),
        "flags F1": _f1((Counter(c.flags), Counter(a["flags"])) for c, a in pairs),
        "remedies F1": _f1((Counter(c.remedies), Counter(a["remedies"])) for c, a in pairs),
        "entities F1": _f1((_only(c.entities, product=False), _only(f, product=False)) for c, f in found),
        "product F1": _f1((_only(c.entities, product=True), _only(f, product=True)) for c, f in found),
        "language": _share(case.language == answer["language"] for case, answer in pairs),
        "calibration error": calibration_error(
            [(float(answer["confidence"]), case.intent == answer["intent"]) for case, answer in pairs]
        ),
    }


def calibration_error(sure: Sequence[tuple[float, bool]]) -> float | None:
    """Expected calibration error of (confidence, was it right): how far "80 % sure" is from being right in 80 %.

    The gap between confidence and accuracy in :data:`BINS` equal steps, weighted by how many fall there (Guo 2017).
    """
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in sure:
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    gaps = (abs(sum(confidence - right for confidence, right in inside)) for inside in bins.values())
    return sum(gaps) / len(sure) if sure else None


def by_label(cases: Sequence[Case], answers: dict[str, Answer]) -> dict[str, tuple[int, int]]:
    """Label (intent, or complain with its category) -> (understood rightly, all)."""
    table: dict[str, tuple[int, int]] = {}
    for case in cases:
        right, all_ = table.get(case.label, (0, 0))
        table[case.label] = (right + (case.label == label_of_answer(answers[case.text])), all_ + 1)
    return dict(sorted(table.items()))


def by_flag(cases: Sequence[Case], answers: dict[str, Answer]) -> dict[str, tuple[int, int, int]]:
    """Flag -> (found, missed, false alarms)."""
    table: dict[str, tuple[int, int, int]] = {}
    for case in cases:
        said = set(answers[case.text]["flags"])
        for flag in case.flags | said:
            found, missed, false = table.get(flag, (0, 0, 0))
            hit, there = flag in said, flag in case.flags
            table[flag] = (found + (hit and there), missed + (there and not hit), false + (hit and not there))
    return dict(sorted(table.items()))


def confusion(pairs: Iterable[tuple[str, str]]) -> tuple[list[str], list[str], list[list[int]]]:
    """(meant, understood) pairs -> rows, columns, and how often the name of a row was taken for that of a column.

    Rows are what was meant; the columns begin with the same names, so that what is right stands on the diagonal.
    """
    counted = Counter(pairs)
    rows = sorted({meant for meant, _taken in counted})
    columns = rows + sorted({taken for _meant, taken in counted} - set(rows))
    return rows, columns, [[counted[meant, taken] for taken in columns] for meant in rows]


def label_of_answer(answer: Answer) -> str:
    """`complain_billing`, `greet`: what an answer says, in the form of :attr:`Case.label`."""
    return f"{answer['intent']}_{answer['category']}" if answer["category"] else str(answer["intent"])


def _severe(flags: Iterable[str]) -> set[str]:
    return {flag for flag in flags if severity([flag], complaint=False) >= SEVERE_FROM}


def _found_entities(answer: Answer) -> list[tuple[str, str]]:
    return [(str(each["entity"]), str(each["value"])) for each in answer["entities"]]


def _only(entities: Iterable[tuple[str, str]], *, product: bool) -> Counter[tuple[str, str]]:
    return Counter((name, value.casefold().strip()) for name, value in entities if (name == "product") == product)


def _share(answers: Iterable[bool]) -> float | None:
    known = list(answers)
    return sum(known) / len(known) if known else None


def _f1(pairs: Iterable[tuple[Counter[Any], Counter[Any]]]) -> float | None:
    hits = wanted = given = 0
    for gold, said in pairs:
        hits += sum((gold & said).values())
        wanted += sum(gold.values())
        given += sum(said.values())
    return 2 * hits / (wanted + given) if wanted + given else None

"""Cases that may never be understood worse than now: data/protected.yml. They decide whether a model may go live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot import taxonomy
from bot.config import ROOT
from bot.taxonomy import severity
from bot.training.label import LANGUAGES, BadExample

FILE = ROOT / "data" / "protected.yml"

Answer = dict[str, Any]


@dataclass(frozen=True)
class Expectation:
    """One thing that has to be true of an answer: `key` is intent, category, flag, no_flag, remedy or severity."""

    key: str
    value: str

    def met(self, answer: Answer) -> bool:
        """Whether an answer fulfils it. Several intents are parted by `|`; `severity` is >=3 or <3."""
        if self.key == "intent":
            return answer["intent"] in self.value.split("|")
        if self.key == "category":
            return answer["category"] in self.value.split("|")
        if self.key == "flag":
            return self.value in answer["flags"]
        if self.key == "no_flag":
            return self.value not in answer["flags"]
        if self.key == "remedy":
            return self.value in answer["remedies"]
        grave = severity(answer["flags"], complaint=True) >= taxonomy.SEVERE_FROM
        return grave == self.value.startswith(">")

    def __str__(self) -> str:
        return f"{self.key} {self.value}"


@dataclass(frozen=True)
class Protected:
    """A message with what has to be understood of it."""

    id: str
    language: str
    text: str
    expect: tuple[Expectation, ...]

    def missed(self, answer: Answer) -> set[Expectation]:
        return {each for each in self.expect if not each.met(answer)}


@dataclass(frozen=True)
class Worse:
    """A protected case of which the candidate misses something that the live model understands."""

    case: Protected
    lost: tuple[Expectation, ...]

    def __str__(self) -> str:
        return f"{self.case.id}: {', '.join(map(str, self.lost))} - {self.case.text}"


def read_protected(path: Path = FILE) -> list[Protected]:
    """All protected cases; raises :class:`bot.training.label.BadExample` for a name that does not exist."""
    entries = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["cases"]
    cases = [_case(entry, path.name) for entry in entries]
    ids = [case.id for case in cases]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise BadExample(f"the id {twice[0]} stands there twice", "give each case its own", path.name)
    return cases


def worse(cases: Sequence[Protected], live: dict[str, Answer], candidate: dict[str, Answer]) -> list[Worse]:
    """Where the candidate misses what the live model understands."""
    found = []
    for case in cases:
        lost = case.missed(candidate[case.text]) - case.missed(live[case.text])
        if lost:
            found.append(Worse(case, tuple(each for each in case.expect if each in lost)))
    return found


def _case(entry: dict[str, Any], file: str) -> Protected:
    names = {
        "intent": taxonomy.intents(), "category": taxonomy.categories(), "flag": taxonomy.flags(),
        "no_flag": taxonomy.flags(), "remedy": taxonomy.remedies(), "severity": (">=3", "<3"),
    }  # fmt: skip
    place = f"{file}, {entry.get('id')}"
    if entry.get("language") not in LANGUAGES or not entry.get("text") or not entry.get("expect"):
        raise BadExample("a case needs id, language (de, en), text and expect", "complete it", place)
    expect = []
    for key, values in entry["expect"].items():
        for value in values if isinstance(values, list) else [values]:
            unknown = [name for name in str(value).split("|") if name not in names.get(key, ())]
            if unknown:
                raise BadExample(
                    f"there is no {key} {unknown[0]!r}", f"one of {', '.join(names.get(key, names))}", place
                )
            expect.append(Expectation(key, str(value)))
    return Protected(str(entry["id"]), entry["language"], str(entry["text"]), tuple(expect))

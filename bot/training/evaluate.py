"""A candidate beside the live model: measures per language and label, and the protected cases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.config import ROOT
from bot.training.answers import ModelUnusable, Reader, answers
from bot.training.label import LANGUAGES, BadExample
from bot.training.measures import Case, measure
from bot.training.protected import Protected, Worse, read_protected, worse

HELD_OUT = ROOT / "data" / "heldout"

Answers = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Evaluation:
    """Both models on the same cases. `live_answers` is None when there is no live model, or it cannot be read."""

    candidate: Path
    live: Path | None
    cases: list[Case]
    protected: list[Protected]
    candidate_answers: Answers
    live_answers: Answers | None

    def of(self, language: str) -> list[Case]:
        return [case for case in self.cases if case.language == language]

    def measures(self, language: str, *, live: bool) -> dict[str, float | None]:
        """The measures of one language; empty where there is no live model."""
        known = self.live_answers if live else self.candidate_answers
        return measure(self.of(language), known) if known is not None else {}

    @property
    def worse(self) -> list[Worse]:
        """Protected cases that forbid the candidate to go live."""
        if self.live_answers is None:
            return []
        return worse(self.protected, self.live_answers, self.candidate_answers)

    @property
    def missed(self) -> list[Worse]:
        """Protected cases that the candidate does not understand entirely, whatever the live model does."""
        lost = [(case, case.missed(self.candidate_answers[case.text])) for case in self.protected]
        return [Worse(case, tuple(each for each in case.expect if each in gone)) for case, gone in lost if gone]


def evaluate(
    candidate: Path,
    live: Path | None,
    cases: Sequence[Case],
    protected: Sequence[Protected] | None = None,
    *,
    reader: Reader | None = None,
) -> Evaluation:
    """Ask both models, at once. `reader` reads with the candidate: one that has been started early saves time.

    Raises :class:`bot.training.answers.ModelUnusable` when the candidate cannot be loaded; a live model that cannot
    be read (its code has changed) is treated as none.
    """
    protected = read_protected() if protected is None else list(protected)
    texts = [*(case.text for case in cases), *(case.text for case in protected)]
    with ThreadPoolExecutor(2) as both:
        asked = both.submit(answers, candidate, texts, reader)
        before = both.submit(answers, live, texts) if live is not None else None
        try:
            live_answers = before.result() if before is not None else None
        except ModelUnusable:
            live_answers = None
        return Evaluation(candidate, live, list(cases), list(protected), asked.result(), live_answers)


def read_cases(place: Path = HELD_OUT) -> list[Case]:
    """Labelled messages from a .jsonl file or a folder with de.jsonl and en.jsonl.

    A line has text, language, intent, category, flags, remedies, entities [{entity, value}] and an id. Raises
    :class:`bot.training.label.BadExample` naming file and line.
    """
    files = [place / f"{language}.jsonl" for language in LANGUAGES] if place.is_dir() else [place]
    cases: list[Case] = []
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise BadExample("cannot be read", "give a .jsonl file or a folder with de.jsonl and en.jsonl",
                             str(file)) from error  # fmt: skip
        for number, line in enumerate(lines, 1):
            if line.strip():
                cases.append(_case(line, f"{file.name}:{number}"))
    if not cases:
        raise BadExample("holds no messages", "one JSON object a line: text, language, intent, ...", str(place))
    return cases


def _case(line: str, where: str) -> Case:
    try:
        fields = json.loads(line)
        return Case(
            str(fields.get("id") or where),
            str(fields["text"]),
            str(fields["language"]),
            str(fields["intent"]),
            fields.get("category") or None,
            frozenset(fields.get("flags") or ()),
            frozenset(fields.get("remedies") or ()),
            tuple((str(each["entity"]), str(each["value"])) for each in fields.get("entities") or ()),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadExample("no labelled message", "needs at least text, language and intent as JSON", where) from error

"""An evaluation to look at: confusion pictures (PNG) and one HTML page that holds everything."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.training.evaluate import Evaluation
from bot.training.label import COMPLAIN, LANGUAGES
from bot.training.measures import LESS_IS_BETTER, MEASURES, Case, by_flag, by_label, confusion

PAGE = "report.html"

_LANGUAGE_NAMES = {"de": "German", "en": "English"}


def write_report(evaluation: Evaluation, folder: Path) -> Path:
    """Write the pictures and report.html into `folder`; the page's path. Takes some seconds for the drawing."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for language in LANGUAGES:
        cases = evaluation.of(language)
        for kind, pairs in (("intents", _intents(cases, evaluation)), ("categories", _categories(cases, evaluation))):
            if not pairs:
                continue
            png = draw(pairs, f"{kind}, {_LANGUAGE_NAMES[language]}: {evaluation.candidate.name}")
            (folder / f"{kind}_{language}.png").write_bytes(png)
            alt = f"Confusion of {kind} in {_LANGUAGE_NAMES[language]}: rows are what was meant"
            pictures.append((alt, base64.b64encode(png).decode()))
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page = folder / PAGE
    page.write_text(templates.get_template("report_page.html").render(**_values(evaluation), pictures=pictures),
                    encoding="utf-8")  # fmt: skip
    return page


def draw(pairs: Sequence[tuple[str, str]], title: str) -> bytes:
    """A confusion picture of (meant, understood) pairs as PNG; colours by row, so that rare names show too."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, columns, counts = confusion(pairs)
    figure = Figure(figsize=(3.5 + 0.36 * len(columns), 3.0 + 0.36 * len(rows)), dpi=110)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    axes.imshow(shares, cmap="YlGnBu", vmin=0, vmax=1)
    axes.set_xticks(range(len(columns)), columns, rotation=90)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel("understood as")
    axes.set_ylabel("meant")
    axes.set_title(title, fontsize=10)
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            if count:
                axes.text(x, y, str(count), ha="center", va="center", fontsize=7,
                          color="white" if shares[y][x] > 0.6 else "black")  # fmt: skip
    figure.tight_layout()
    target = io.BytesIO()
    figure.savefig(target, format="png")
    return target.getvalue()


def rows_of_measures(evaluation: Evaluation) -> list[tuple[str, list[tuple[float | None, float | None, str]]]]:
    """For each measure and language: live, candidate, and whether that is "better", "worse" or "same"."""
    values = {
        language: (evaluation.measures(language, live=True), evaluation.measures(language, live=False))
        for language in LANGUAGES
    }
    rows = []
    for name in MEASURES:
        cells = []
        for language in LANGUAGES:
            live, candidate = (side.get(name) for side in values[language])
            cells.append((live, candidate, _change(live, candidate, name in LESS_IS_BETTER)))
        rows.append((name, cells))
    return rows


def rows_of_labels(evaluation: Evaluation) -> list[tuple[str, list[tuple[int | None, int, int]]]]:
    """For each label and language: rightly understood by live (None without one), by the candidate, and all."""
    tables: dict[str, list[tuple[int | None, int, int]]] = {}
    for place, language in enumerate(LANGUAGES):
        cases = evaluation.of(language)
        new = by_label(cases, evaluation.candidate_answers)
        old = by_label(cases, evaluation.live_answers) if evaluation.live_answers is not None else {}
        for label, (right, all_) in new.items():
            cells = tables.setdefault(label, [(None, 0, 0), (None, 0, 0)])
            cells[place] = (old[label][0] if label in old else None, right, all_)
    return sorted(tables.items())


def _values(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "evaluation": evaluation,
        "measures": rows_of_measures(evaluation),
        "labels": rows_of_labels(evaluation),
        "flags": by_flag(evaluation.cases, evaluation.candidate_answers),
        "languages": _LANGUAGE_NAMES,
    }


def _change(live: float | None, candidate: float | None, less_is_better: bool) -> str:
    if live is None or candidate is None or abs(live - candidate) < 0.0005:
        return "same"
    return "better" if (candidate > live) != less_is_better else "worse"


def _intents(cases: Sequence[Case], evaluation: Evaluation) -> list[tuple[str, str]]:
    return [(case.intent, str(evaluation.candidate_answers[case.text]["intent"])) for case in cases]


def _categories(cases: Sequence[Case], evaluation: Evaluation) -> list[tuple[str, str]]:
    """Complaints by category; one that was taken for something else counts as that intent in brackets."""
    pairs = []
    for case in cases:
        if case.intent == COMPLAIN and case.category:
            answer = evaluation.candidate_answers[case.text]
            pairs.append((case.category, str(answer["category"] or f"({answer['intent']})")))
    return pairs

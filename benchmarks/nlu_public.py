"""Public sets: how far encoder, n-grams and SVM carry on messages that are not ours, in German and English.

The sets stay where they are; nothing of them is committed. A file is `NAME.jsonl.gz` with text, lang, label and split
(train, valid, test) a line. Where there is no train split, valid is trained on. `out_of_scope` is no class: it is
decided by the threshold, chosen on the valid split alone.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.nlu.model import Labels, Meaning, UnderstandingModel
from bot.nlu.vectors import Encoder

OUT_OF_SCOPE = "out_of_scope"
SHOTS = 10

Row = dict[str, Any]


def main(folder: Path, console: Console) -> int:
    files = sorted(folder.glob("*.jsonl.gz"))
    if not files:
        console.print(f"no *.jsonl.gz in {folder}: name the folder with the public sets")
        return 1
    encoder = Encoder()
    table = Table("set", "trained on", "accuracy", "out of scope: found / false", "training", box=None)
    sets = {file.name.removesuffix(".jsonl.gz"): _rows(file) for file in files}
    for name, rows in sets.items():
        train = [row for row in rows if row["split"] == "train"] or [row for row in rows if row["split"] == "valid"]
        table.add_row(name, f"{len(train)}", *_judge(encoder, rows, train))
        if name.startswith("banking77"):
            few = _few(train)
            table.add_row(f"{name}, {SHOTS} per intent", f"{len(few)}", *_judge(encoder, rows, few))
    for here, there in (("de", "en"), ("en", "de")):
        pair = [sets.get(f"generic_intent_{language}") for language in (here, there)]
        if pair[0] and pair[1]:
            train = [row for row in pair[0] if row["split"] == "valid"]
            table.add_row(f"generic_intent {here} -> {there}", f"{len(train)}", *_judge(encoder, pair[1], train))
    console.print(table)
    return 0


def _judge(encoder: Encoder, rows: list[Row], train: list[Row]) -> tuple[str, str, str]:
    known = [row for row in train if row["label"] != OUT_OF_SCOPE]
    began = time.perf_counter()
    texts = [row["text"] for row in known]
    model = UnderstandingModel().fit(texts, encoder.encode(texts), [Labels(row["label"]) for row in known])
    took = time.perf_counter() - began
    test = [row for row in rows if row["split"] == "test"]
    read = _read(encoder, model, test)
    inside = [(row, meaning) for row, meaning in zip(test, read) if row["label"] != OUT_OF_SCOPE]
    accuracy = float(np.mean([meaning.intent == row["label"] for row, meaning in inside]))
    strange = [meaning for row, meaning in zip(test, read) if row["label"] == OUT_OF_SCOPE]
    if not strange:
        return f"{accuracy:.1%}", "", f"{took:.0f} s"
    valid = [row for row in rows if row["split"] == "valid"]
    threshold = _threshold(valid, _read(encoder, model, valid))
    found = np.mean([_sure(meaning) < threshold for meaning in strange])
    false = np.mean([_sure(meaning) < threshold for _row, meaning in inside])
    return f"{accuracy:.1%}", f"{found:.1%} / {false:.1%} (at {threshold:.2f})", f"{took:.0f} s"


def _read(encoder: Encoder, model: UnderstandingModel, rows: Iterable[Row]) -> list[Meaning]:
    texts = [row["text"] for row in rows]
    return model.meanings(texts, list(encoder.encode(texts)))


def _threshold(rows: list[Row], read: list[Meaning]) -> float:
    """The confidence below which most messages are out of scope and few are not."""
    sure = np.array([_sure(meaning) for meaning in read])
    strange = np.array([row["label"] == OUT_OF_SCOPE for row in rows])
    candidates = np.arange(0.05, 0.95, 0.01)
    gains = [(sure[strange] < each).mean() - (sure[~strange] < each).mean() for each in candidates]
    return float(candidates[int(np.argmax(gains))])


def _sure(meaning: Meaning) -> float:
    return max(meaning.intents.values())


def _few(rows: list[Row]) -> list[Row]:
    seen: dict[str, int] = {}
    kept = []
    for row in rows:
        seen[row["label"]] = seen.get(row["label"], 0) + 1
        if seen[row["label"]] <= SHOTS:
            kept.append(row)
    return kept


def _rows(file: Path) -> list[Row]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    # A slash stands between intent and category in our own labels.
    return [row | {"label": row["label"].replace("/", "_")} for row in rows]

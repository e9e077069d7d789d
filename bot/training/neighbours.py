"""Before an example is saved: what is there already that says nearly the same, and does it agree?"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.config import ROOT
from bot.nlu.vectors import Encoder
from bot.training.examples import DATA, Example, plain, read
from bot.training.label import Label

CACHE = ROOT / ".rasa" / "sentence-vectors.npz"
"""Shared with the training: what is encoded here need not be encoded there."""

NEAR = 0.60
"""Cosine from which two sentences say nearly the same, in either language."""

SAME = 0.97
SHOWN = 8


@dataclass(frozen=True)
class Neighbour:
    """An example nearby; `likeness` is the cosine of the two sentence vectors."""

    example: Example
    likeness: float


@dataclass(frozen=True)
class Check:
    """What is near a new example: the nearest ones, how many of which label, and what that means."""

    nearest: list[Neighbour]
    labels: list[tuple[str, int]]
    duplicates: list[Example]
    against: tuple[str, int] | None

    def sentences(self) -> list[str]:
        """The warnings, for the terminal: "27 near neighbours say ask_status"."""
        said = [f"the same stands in {example.place} as {example.label.name}" for example in self.duplicates]
        if self.against is not None:
            name, count = self.against
            said.append(f"{count} near neighbour{'s say' if count > 1 else ' says'} {name}")
        return said


class Neighbours:
    """All examples with their vectors; read again by :meth:`check` when a file has changed. For several threads."""

    def __init__(self, data: Path = DATA, cache: Path = CACHE) -> None:
        self._data, self._cache = data, cache
        self._lock = threading.Lock()
        self._stamp: tuple[tuple[str, int], ...] = ()
        self._encoder: Encoder | None = None

    def check(self, marked: str, label: Label | None) -> Check:
        """Compare a text with all examples; `label` is what it is about to be called, None when not known yet."""
        with self._lock:
            self._refresh()
            assert self._encoder is not None
            vector = self._encoder.encode([plain(marked)])[0]
            likeness = self._vectors @ vector
        order = np.argsort(-likeness)
        near = [Neighbour(self._examples[i], float(likeness[i])) for i in order[:400] if likeness[i] >= NEAR]
        nearest = near[:SHOWN] or [Neighbour(self._examples[i], float(likeness[i])) for i in order[:3]]
        counts = Counter(neighbour.example.label.name for neighbour in near).most_common()
        duplicates = [
            neighbour.example for neighbour in near
            if neighbour.likeness >= SAME or plain(marked).casefold() == neighbour.example.text.casefold()
        ]  # fmt: skip
        return Check(nearest, counts, duplicates[:3], _against(counts, label))

    def _refresh(self) -> None:
        files = sorted(self._data.rglob("*.yml"))
        stamp = tuple((path.name, path.stat().st_mtime_ns) for path in files)
        if stamp == self._stamp:
            return
        self._encoder = self._encoder or Encoder()
        self._examples, _problems = read(self._data)
        vectors = self._encoder.encode_cached([example.text for example in self._examples], self._cache)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self._vectors = vectors / np.maximum(lengths, 1e-9)
        self._stamp = stamp


def _against(counts: list[tuple[str, int]], label: Label | None) -> tuple[str, int] | None:
    """The label that most neighbours have, if it is another one and outnumbers the given one."""
    if label is None or not counts:
        return None
    agreeing = dict(counts).get(label.name, 0)
    others = [(name, count) for name, count in counts if name != label.name]
    return others[0] if others and others[0][1] > agreeing else None

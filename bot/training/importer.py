"""How Rasa reads this project's training data: each example file once a training, and only what is training data.

Rasa's own importer parses every YAML file to find out what it is, parses the examples three times in one training,
and copies and hashes each of them deeply again and again; with thousands of examples that is most of the waiting.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import rasa.shared.data
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.importers import utils
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.training.examples import groups_of, marks, plain
from bot.training.label import BadExample

EXAMPLES = "nlu"
"""Files below a folder of this name are examples."""

NOT_TRAINING = frozenset({"heldout", "protected.yml"})
"""What lies in data/ to measure with: never trained on."""


class ProjectImporter(RasaFileImporter):
    """Named under `importers` in config.yml."""

    _domains: dict[tuple[str, int, int], Domain] = {}  # noqa: RUF012
    _parsed: dict[tuple[tuple[str, int, int], ...], TrainingData] = {}  # noqa: RUF012 - one for the whole training

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        given = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or []
        files = sorted(file for path in given for file in _files(Path(path)))
        self._domain_path, self.config_file = domain_path, config_file
        self._nlu_files = [str(file) for file in files if EXAMPLES in file.parts]
        others = [str(file) for file in files if EXAMPLES not in file.parts]
        self._nlu_files += rasa.shared.data.get_data_files(others, rasa.shared.data.is_nlu_file)
        self._story_files = rasa.shared.data.get_data_files(others, YAMLStoryReader.is_stories_file)
        self._conversation_test_files = rasa.shared.data.get_data_files(others, YAMLStoryReader.is_test_stories_file)

    def get_domain(self) -> Domain:
        """Parsed and checked once: what is asked for in one training is the same each time."""
        if self._domain_path is None or not Path(self._domain_path).is_file():
            return super().get_domain()
        key = (self._domain_path, *_version(Path(self._domain_path)))
        if key not in self._domains:
            self._domains[key] = super().get_domain()
        return self._domains[key]

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples, each time as a copy of its own: components write into them."""
        key = tuple((file, *_version(Path(file))) for file in self._nlu_files)
        if key not in self._parsed:
            self._parsed[key] = _read(self._nlu_files, language)
        known = self._parsed[key]
        return TrainingData([m.copy() if isinstance(m, LightMessage) else m for m in known.training_examples]).merge(
            TrainingData([], known.entity_synonyms, known.regex_features, known.lookup_tables, known.responses)
        )


class LightMessage(Message):
    """A training example that Rasa passes on without copying it at each step, and that is hashed in microseconds.

    What decides about its identity is what was written and labelled, and its features; tokens follow from the text.
    """

    _cached_fingerprint: str | None

    def copy(self) -> LightMessage:
        """One that may be written into."""
        data = self.data.copy()
        data[ENTITIES] = [entity.copy() for entity in data.get(ENTITIES) or ()]
        copied = LightMessage(data, set(self.output_properties), self.time, list(self.features))
        copied._cached_fingerprint = self._cached_fingerprint
        return copied

    def __deepcopy__(self, _memo: dict[int, Any]) -> LightMessage:
        return self  # Rasa merges a training's data five times; the importer has handed out a copy already

    def __hash__(self) -> int:
        return hash(self.fingerprint())

    def set(self, prop: str, info: Any, add_to_output: bool = False) -> None:
        known = None if self.data.get(prop) != info else self._cached_fingerprint
        super().set(prop, info, add_to_output)
        self._cached_fingerprint = known

    def fingerprint(self) -> str:
        if self._cached_fingerprint is None:
            known = [self.data.get(name) for name in (TEXT, INTENT, METADATA, ENTITIES)]
            digest = hashlib.blake2b(repr((known, sorted(self.data))).encode(), digest_size=16)
            for feature in self.features:
                digest.update(feature.origin.encode() + feature.features.tobytes())
            self._cached_fingerprint = digest.hexdigest()
        return self._cached_fingerprint


def _read(files: list[str], language: str | None) -> TrainingData:
    """Our own files by our own reader; what that does not know (synonyms, look-up tables) by Rasa's."""
    examples: list[Message] = []
    others: list[str] = []
    for file in files:
        problems: list[BadExample] = []
        path = Path(file)
        name = path.relative_to(path.parents[1]).as_posix()
        groups = groups_of(path.read_text(encoding="utf-8", errors="replace"), name, problems)
        if problems:
            others.append(file)
            continue
        for group in groups:
            label = group.label
            metadata = {
                "intent": {
                    "language": label.language,
                    "category": label.category,
                    "flags": sorted(label.flags),
                    "remedies": sorted(label.remedies),
                }
            }
            for example in group.examples:
                entities = [
                    {"start": start, "end": end, "value": value, "entity": entity}
                    for start, end, entity, value in marks(example.marked)
                ]
                data = {TEXT: plain(example.marked), INTENT: label.intent, METADATA: metadata, ENTITIES: entities}
                examples.append(LightMessage(data))
    return TrainingData(examples).merge(utils.training_data_from_paths(others, language) if others else None)


def _files(path: Path) -> list[Path]:
    found = [path] if path.is_file() else [file for file in path.rglob("*.y*ml") if file.is_file()]
    return [file for file in found if not NOT_TRAINING & set(file.parts)]


def _version(file: Path) -> tuple[int, int]:
    stat = file.stat()
    return stat.st_mtime_ns, stat.st_size

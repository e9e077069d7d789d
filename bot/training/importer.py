"""How Rasa reads this project's training data: each example file once a training, and only what is training data.

Rasa's own importer parses every YAML file to find out what it is, and parses the examples three times in one
training; with thousands of examples that is most of the waiting.
"""

from __future__ import annotations

import pickle
from pathlib import Path

import rasa.shared.data
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.importers import utils
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData

EXAMPLES = "nlu"
"""Files below a folder of this name are examples."""

NOT_TRAINING = frozenset({"heldout", "protected.yml"})
"""What lies in data/ to measure with: never trained on."""


class ProjectImporter(RasaFileImporter):
    """Named under `importers` in config.yml."""

    _parsed: dict[tuple[tuple[str, int, int], ...], bytes] = {}  # noqa: RUF012 - one for the whole training

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

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples, each time as a copy of its own: components write into them."""
        key = tuple((file, *_version(Path(file))) for file in self._nlu_files)
        if key not in self._parsed:
            self._parsed[key] = pickle.dumps(utils.training_data_from_paths(self._nlu_files, language))
        return pickle.loads(self._parsed[key])


def _files(path: Path) -> list[Path]:
    found = [path] if path.is_file() else [file for file in path.rglob("*.y*ml") if file.is_file()]
    return [file for file in found if not NOT_TRAINING & set(file.parts)]


def _version(file: Path) -> tuple[int, int]:
    stat = file.stat()
    return stat.st_mtime_ns, stat.st_size

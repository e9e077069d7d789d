"""Rasa without TensorFlow: for pipelines that do not need it, a start that takes half the time and memory.

Rasa imports TensorFlow wherever it might be used; it is most of the seconds before a process does anything. Our own
components are numpy and scikit-learn. So here `import tensorflow` gives an empty stand-in, as long as config.yml
names nothing that computes with it; with DIETClassifier or TEDPolicy in config.yml the real one is imported.

As a program it is Rasa's command line: ``python -m bot.light_rasa train`` is `rasa train`.
"""

from __future__ import annotations

import gc
import hashlib
import importlib.abc
import importlib.machinery
import os
import runpy
import sys
import tarfile
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from ruamel.yaml import YAML

from bot.config import ROOT

CHECKED = ROOT / ".rasa" / "checked"

WORKERS = 4
"""Threads in which a training's components run."""

_HEAVY = frozenset({"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras"})

_LIGHT = frozenset(
    {
        "WhitespaceTokenizer",
        "RegexEntityExtractor",
        "EntitySynonymMapper",
        "KeywordIntentClassifier",
        "FallbackClassifier",
        "RulePolicy",
        "MemoizationPolicy",
        "AugmentedMemoizationPolicy",
    }
)
"""Rasa's own components that compute without TensorFlow, as far as anybody may want them here."""


def lighten(config: Path = ROOT / "config.yml") -> bool:
    """From now on this process imports Rasa without TensorFlow, if `config` allows; call it before Rasa is imported."""
    if "tensorflow" in sys.modules or not _is_light(config):
        return False
    sys.meta_path.insert(0, _Finder())
    return True


def _is_light(config: Path) -> bool:
    read = YAML(typ="safe").load(config.read_text(encoding="utf-8"))
    names = [str(step["name"]) for part in ("pipeline", "policies") for step in read.get(part) or []]
    return all(name in _LIGHT or name.startswith("bot.") for name in names)


class _Anything(type):
    """Whatever is asked of a stand-in is another stand-in: it can be a base class, a decorator, a type."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent

    def __getitem__(cls, _item: Any) -> Any:
        return cls


class _Absent(metaclass=_Anything):
    """A class, function or value of TensorFlow that is named somewhere and used nowhere."""

    def __new__(cls, *given: Any, **_options: Any) -> Any:
        decorated = cls is _Absent and len(given) == 1 and callable(given[0])
        return given[0] if decorated else super().__new__(cls)

    def __init__(self, *_given: Any, **_options: Any) -> None:
        pass

    def __call__(self, decorated: Any) -> Any:
        return decorated


class _Module(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in _HEAVY:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def _train_side_by_side() -> None:
    """Components that do not wait for each other train at once; Rasa would take one after the other.

    It must, with TensorFlow in them; ours leave Python's lock to others while they compute. Rasa's cache is made for
    one thread: only for a training that does not ask it.
    """
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    import dask
    import dask.threaded

    vars(dask)["get"] = partial(dask.threaded.get, num_workers=WORKERS)


def check_once() -> None:
    """What Rasa found valid is not checked by it again, word for word the same: that takes seconds of each training,
    each start and each change of the model. Marks of it lie in .rasa/checked. Call it after :func:`lighten`.
    """
    from rasa import __version__
    from rasa.shared.utils import validation

    check = validation.validate_yaml_schema

    def checked(content: str, schema: str, *package: str) -> None:
        digest = hashlib.sha256(repr((__version__, schema, package, content)).encode()).hexdigest()
        mark = CHECKED / digest
        if mark.exists():
            return
        check(content, schema, *package)
        with suppress(OSError):  # a folder that cannot be written to: then it is checked each time
            CHECKED.mkdir(parents=True, exist_ok=True)
            mark.touch()

    validation.validate_yaml_schema = checked


def main() -> None:
    """Rasa's command line. Archives are packed at gzip's level 1: a tenth larger than at 9, in a fifth of the time."""
    if lighten() and "train" in sys.argv[1:2]:
        gc.disable()  # what a training makes lives to its end: looking for rubbish among it costs seconds
        if "--force" in sys.argv:
            _train_side_by_side()
    check_once()
    tarfile.TarFile.gzopen = partial(tarfile.TarFile.gzopen, compresslevel=1)  # type: ignore[method-assign]
    runpy.run_module("rasa", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

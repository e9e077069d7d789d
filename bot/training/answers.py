"""What a model makes of many messages, found out in a process of its own and remembered.

Rasa and its libraries stay out of the command that asks; two models can be asked at once. As a program,
``python -m bot.training.answers``, it loads Rasa first and then waits for the model's path on standard input.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bot.config import ROOT
from bot.trained import QUIET, sources

CACHE = ROOT / ".rasa" / "answers"
KEPT = 8

Answer = dict[str, Any]


class ModelUnusable(Exception):
    """The model cannot be loaded or does not answer; the message holds its last words."""


class Reader:
    """A process that reads messages with one model. Make it early: it loads its libraries meanwhile."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot.training.answers"],
            cwd=ROOT,
            env=os.environ | QUIET,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def read(self, model: Path, texts: Iterable[str]) -> list[Answer]:
        """One answer per text, as `erstkontakt parse` gives it. Ends the process; raises :class:`ModelUnusable`."""
        todo = list(texts)
        lines = [str(model.resolve()), *(json.dumps({"text": text}, ensure_ascii=False) for text in todo)]
        said, errors = self._process.communicate("\n".join(lines) + "\n")
        answers = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        if self._process.returncode != 0 or len(answers) != len(todo):
            last = "\n".join(errors.strip().splitlines()[-4:])
            raise ModelUnusable(f"{model.name} cannot be used: train a new one with erstkontakt train\n{last}")
        return answers

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.communicate()


def answers(model: Path, texts: Iterable[str], reader: Callable[[], Reader] = Reader) -> dict[str, Answer]:
    """Text -> answer of `model`. What it answered before is remembered; `reader` makes a process when one is needed."""
    wanted = list(dict.fromkeys(texts))
    path = CACHE / f"{_key(model)}.json"
    known = _load(path)
    missing = [text for text in wanted if text not in known]
    if missing:
        known.update(zip(missing, reader().read(model, missing)))
        _store(path, known)
    return {text: known[text] for text in wanted}


def _key(model: Path) -> str:
    """A model's answers depend on its archive and on the code and packages that read it."""
    stat = model.stat()
    code = sorted((name, digest) for name, digest in sources().items() if not name.startswith("data"))
    return hashlib.sha1(repr((model.name, stat.st_size, stat.st_mtime_ns, code)).encode()).hexdigest()[:20]


def _load(path: Path) -> dict[str, Answer]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}  # none yet, or written half: it is only a cache


def _store(path: Path, known: dict[str, Answer]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}")
    half.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    os.replace(half, path)
    for old in sorted(CACHE.glob("*.json"), key=lambda each: each.stat().st_mtime, reverse=True)[KEPT:]:
        old.unlink(missing_ok=True)


def main() -> None:
    """Read the model's path and then one JSON message a line; write one JSON answer a line."""
    answer_to = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    from bot.nlu.parse import parse_lines

    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    model = Path(sys.stdin.readline().strip())
    if model.name:
        for line in parse_lines(sys.stdin, model):
            answer_to.write(line + "\n")
        answer_to.flush()


if __name__ == "__main__":
    main()

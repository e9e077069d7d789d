"""What a model makes of many messages, found out in a process of its own and remembered.

Rasa and its libraries stay out of the command that asks; two models can be asked at once. As a program,
``python -m bot.training.answers``, it loads Rasa first and then waits for questions on standard input.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from contextlib import nullcontext
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
    """A process that reads messages with models, one question after the other. Make it early: it loads its libraries
    meanwhile, and a second model in half the time of the first."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - its process's
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot.training.answers"],
            cwd=ROOT,
            env=os.environ | QUIET,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
        )

    def read(self, model: Path, texts: Iterable[str]) -> list[Answer]:
        """One answer per text, as `erstkontakt parse` gives it. Raises :class:`ModelUnusable`; the process goes on."""
        question = json.dumps({"model": str(model.resolve()), "texts": list(texts)})
        with self._one_at_a_time:
            answer = self._ask(question)
        if "error" in answer:
            raise ModelUnusable(
                f"{model.name} cannot be used: train a new one with erstkontakt train\n{answer['error']}"
            )
        return list(answer["answers"])

    def _ask(self, question: str) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(question + "\n")
            self._process.stdin.flush()
            said = self._process.stdout.readline()
            return dict(json.loads(said)) if said else {"error": self._last_words()}
        except (BrokenPipeError, ValueError):  # it has ended, or was ended: its pipes are closed
            return {"error": self._last_words()}

    def _last_words(self) -> str:
        self._process.wait()
        if self._errors.closed:
            return ""
        self._errors.seek(0)
        return "\n".join(self._errors.read().strip().splitlines()[-4:])

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_error: object) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        with self._one_at_a_time:  # who waits for an answer reads the end first
            self._process.communicate()
            self._errors.close()


def answers(model: Path, texts: Iterable[str], reader: Reader | None = None) -> dict[str, Answer]:
    """Text -> answer of `model`. What it answered before is remembered; the rest says `reader`, or one made for it."""
    wanted = list(dict.fromkeys(texts))
    path = CACHE / f"{_key(model)}.json"
    known = _load(path)
    missing = [text for text in wanted if text not in known]
    if missing:
        with nullcontext(reader) if reader else Reader() as asked:
            known.update(zip(missing, asked.read(model, missing)))
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
    """Read a question a line, {"model": path, "texts": [...]}; write {"answers": [...]} or {"error": "..."}."""
    answer_to = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    from bot.nlu.parse import ModelUnusable as OtherCode
    from bot.nlu.parse import Parser

    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    last, parser = "", None
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if question["model"] != last or parser is None:
                parser = Parser(Path(question["model"]))
                last = question["model"]
            said: dict[str, Any] = {"answers": parser.parse_all(question["texts"])}
        except (OtherCode, OSError) as error:
            said = {"error": str(error)}
        answer_to.write(json.dumps(said, ensure_ascii=False) + "\n")
        answer_to.flush()


if __name__ == "__main__":
    main()

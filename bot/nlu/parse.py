"""`erstkontakt parse`: what the live NLU model makes of messages, one JSON object a line."""

from __future__ import annotations

import json
import queue
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bot.light_rasa import lighten

lighten()
from rasa.core.channels.channel import UserMessage  # noqa: E402 - after what decides how Rasa is imported
from rasa.engine.graph import ExecutionContext  # noqa: E402
from rasa.engine.runner.dask import DaskGraphRunner  # noqa: E402
from rasa.engine.storage.local_model_storage import LocalModelStorage  # noqa: E402

from bot.trained import newest_model  # noqa: E402

MAX_CHARACTERS = 8_000

BATCH = 64
"""Messages understood together when so many wait: the encoder and the linear model are faster at it."""


class ModelUnusable(Exception):
    """A model that this code cannot load; the message says what to do."""


class Parser:
    """A trained model, loaded once: of its graph what understands, not what leads the dialogue.

    `model` is an archive or a folder of archives (the newest counts). Raises :class:`ModelUnusable`.
    """

    def __init__(self, model: Path) -> None:
        archive = newest_model(model) if model.is_dir() else model
        if archive is None or not archive.exists():
            raise FileNotFoundError(f"no model in {model}: run `erstkontakt train` first")
        try:
            with tempfile.TemporaryDirectory() as folder:
                storage, metadata = LocalModelStorage.from_model_archive(Path(folder), archive)
                self._target = metadata.nlu_target
                graph = metadata.predict_schema.minimal_graph_schema([self._target])
                self._runner = DaskGraphRunner.create(graph, storage, ExecutionContext(graph, metadata.model_id))
        except Exception as error:  # whatever a component of another version says
            raise ModelUnusable(
                f"{archive.name} was made by other code: `erstkontakt train --promote` makes one that fits"
            ) from error

    def parse(self, text: str) -> dict[str, Any]:
        """The contract of the command: names from taxonomy.yml, `category` null unless complain."""
        return self.parse_all([text])[0]

    def parse_all(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """:meth:`parse` of each, understood together."""
        texts = [text[:MAX_CHARACTERS] for text in texts]
        # A leading slash is Rasa's shortcut for intents: what a person typed is text.
        shown = [text.lstrip("/ \t") for text in texts]
        messages = [UserMessage(text or "?") for text in shown]
        results = self._runner.run(inputs={"__message__": messages, "__tracker__": None}, targets=[self._target])
        return [
            _as_contract(message.as_dict(only_output_properties=True), text, len(text) - len(rest))
            for message, text, rest in zip(results[self._target], texts, shown)
        ]


def parse_lines(lines: Iterable[str], model: Path) -> Iterator[str]:
    """One JSON line for each input line: plain text, or a JSON object with `text` (its other keys are ignored).

    A line is answered as soon as it is there; where many wait, they are understood together.
    """
    parser = Parser(model)
    for batch in _batches(lines):
        for answer in parser.parse_all(batch):
            yield json.dumps(answer, ensure_ascii=False)


def _batches(lines: Iterable[str]) -> Iterator[list[str]]:
    """The texts of the lines, as many at once as are there already."""
    waiting: queue.Queue[str | None] = queue.Queue(4 * BATCH)

    def read() -> None:
        for line in lines:
            if line.rstrip("\r\n"):
                waiting.put(_text(line.rstrip("\r\n")))
        waiting.put(None)

    threading.Thread(target=read, daemon=True).start()
    ended = False
    while not ended:
        batch = [waiting.get()]
        while len(batch) < BATCH and not waiting.empty():
            batch.append(waiting.get())
        ended = batch[-1] is None
        texts = [text for text in batch if text is not None]
        if texts:
            yield texts


def _text(line: str) -> str:
    if line.startswith("{"):
        try:
            read = json.loads(line)
        except ValueError:
            return line  # a message that happens to begin with a brace
        if isinstance(read, dict) and isinstance(read.get("text"), str):
            return str(read["text"])
    return line


def _as_contract(parsed: dict[str, Any], text: str, skipped: int) -> dict[str, Any]:
    # The fallback is a decision about the dialogue: here the best reading is named all the same.
    best = next(i for i in parsed["intent_ranking"] if i["name"] != "nlu_fallback")
    return {
        "text": text,
        "language": parsed["language"],
        "intent": best["name"],
        "confidence": round(float(best["confidence"]), 4),
        "category": parsed.get("category"),
        "flags": parsed.get("flags", []),
        "severity": parsed.get("severity", 0),
        "remedies": parsed.get("remedies", []),
        "entities": [
            {
                "entity": e["entity"],
                "value": e.get("surface", e["value"]),
                "start": e["start"] + skipped,
                "end": e["end"] + skipped,
                "resolved": e.get("resolved"),
            }
            for e in parsed.get("entities", [])
            if e["entity"] != "language"
        ],
        "why": parsed.get("why", {}),
    }

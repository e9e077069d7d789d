"""`erstkontakt parse`: what the live NLU model makes of messages, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

MAX_CHARACTERS = 8_000


class Parser:
    """A trained model, loaded once. `model` is an archive or a folder of archives (the newest counts)."""

    def __init__(self, model: Path) -> None:
        agent = Agent.load(str(model))
        if agent.processor is None:
            raise FileNotFoundError(f"no model in {model}: run `erstkontakt train` first")
        self._runner = agent.processor.graph_runner
        self._target = agent.processor.model_metadata.nlu_target

    def parse(self, text: str) -> dict[str, Any]:
        """The contract of the command: names from taxonomy.yml, `category` null unless complain."""
        text = text[:MAX_CHARACTERS]
        # A leading slash is Rasa's shortcut for intents: what a person typed is text.
        shown, skipped = text.lstrip("/ \t"), len(text) - len(text.lstrip("/ \t"))
        message = UserMessage(shown or "?")
        results = self._runner.run(inputs={"__message__": [message], "__tracker__": None}, targets=[self._target])
        return _as_contract(results[self._target][0].as_dict(only_output_properties=True), text, skipped)


def parse_lines(lines: Iterable[str], model: Path) -> Iterator[str]:
    """One JSON line for each input line: plain text, or a JSON object with `text` (its other keys are ignored)."""
    parser = Parser(model)
    for line in lines:
        line = line.rstrip("\r\n")
        if line:
            yield json.dumps(parser.parse(_text(line)), ensure_ascii=False)


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

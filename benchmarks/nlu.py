"""Our understanding beside stock Rasa, on the same examples and the same held-out messages.

    make bench-nlu                                        # every 10th example: some minutes for each pipeline
    python -m benchmarks.nlu --every 1 --pipelines ours   # all examples
    python -m benchmarks.nlu --public FOLDER              # public sets, read from a folder of yours

Three pipelines: ours (config.yml), the one that `rasa init` gives, and DIET with our sentence encoder. The two others
know only intents, so each category of complaint is an intent of its own for them. DIET's time grows with the examples
(hours on two cores for all of them), hence `--every`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from ruamel.yaml import YAML

from bot.config import ROOT
from bot.trained import QUIET
from bot.training.evaluate import read_cases
from bot.training.examples import Example, read
from bot.training.label import LANGUAGES
from bot.training.measures import Case

console = Console()

_DIET = {"name": "DIETClassifier", "epochs": 100, "random_seed": 7}
DEFAULT: list[dict[str, Any]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    _DIET,
    {"name": "EntitySynonymMapper"},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]
"""What `rasa init` writes in 3.6; ResponseSelector is left out: nothing here is for it to select."""

PIPELINES: dict[str, list[dict[str, Any]] | None] = {
    "ours": None,
    "rasa init": DEFAULT,
    "DIET + our encoder": [
        {"name": "WhitespaceTokenizer"},
        {"name": "bot.nlu.encoder.SentenceEncoder"},
        {"name": "LexicalSyntacticFeaturizer"},  # DIET wants something of each word
        {**_DIET, "entity_recognition": False},  # entities are not compared here
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ],
}


@dataclass(frozen=True)
class Result:
    """Shares by language; training in seconds, waited for and of processor time; milliseconds; megabytes."""

    name: str
    intent: dict[str, float]
    category: dict[str, float]
    training: float
    processor: float
    p50: float
    memory: float


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--every", type=int, default=10, help="train on every n-th example of each label")
    arguments.add_argument("--pipelines", default=",".join(PIPELINES), help="comma separated")
    arguments.add_argument("--public", type=Path, help="a folder with *.jsonl.gz: text, lang, label, split")
    arguments.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments.add_argument("--light", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.read:
        return _read_messages(given.read, light=given.light)
    if given.public:
        from benchmarks.nlu_public import main as public

        return public(given.public, console)
    examples = _sample(read()[0], given.every)
    cases = read_cases()
    console.print(f"{len(examples)} examples, {len(cases)} held-out messages")
    results = []
    for name in given.pipelines.split(","):
        results.append(_measure(name, PIPELINES[name], examples, cases))
        console.print(_table(results))  # each time: the next one may take an hour
    return 0


def _sample(examples: list[Example], every: int) -> list[Example]:
    seen: dict[tuple[str, str], int] = {}
    kept = []
    for example in examples:
        key = (_joint(example), example.label.language)
        if seen.setdefault(key, 0) % every == 0:
            kept.append(example)
        seen[key] += 1
    return kept


def _joint(example: Example) -> str:
    return "_".join(filter(None, (example.label.intent, example.label.category)))


def _measure(name: str, pipeline: list[dict[str, Any]] | None, examples: list[Example], cases: list[Case]) -> Result:
    with tempfile.TemporaryDirectory() as place, Progress(
        SpinnerColumn(), TextColumn(name), TimeElapsedColumn(), TextColumn("{task.description}"), console=console,
        transient=True,
    ) as progress:  # fmt: skip
        task = progress.add_task("training", total=None)
        folder = Path(place)
        (folder / "nlu").mkdir()
        _write_yaml(folder / "nlu" / "examples.yml", {"version": "3.1", "nlu": _groups(examples, whole=not pipeline)})
        config = YAML(typ="safe").load((ROOT / "config.yml").read_text(encoding="utf-8"))
        config["policies"] = []
        if pipeline:
            config["pipeline"] = pipeline
        else:
            for step in config["pipeline"]:  # a cache from before would hide the time that encoding takes
                step.update({"cache": str(folder / "vectors.npz")} if step["name"].endswith("SentenceEncoder") else {})
        _write_yaml(folder / "config.yml", config)
        began, used = time.perf_counter(), _processor_time()
        rasa = "rasa" if pipeline else "bot.light_rasa"
        command = ["-m", rasa, "train", "nlu", "--config", str(folder / "config.yml"), "--nlu", str(folder / "nlu")]
        _run([*command, "--out", str(folder / "models")], cwd=folder)
        training, processor = time.perf_counter() - began, _processor_time() - used
        progress.update(task, description="reading the held-out messages")
        model = next((folder / "models").glob("*.tar.gz"))
        said = _run(["-m", "benchmarks.nlu", "--read", str(model), *([] if pipeline else ["--light"])], cwd=ROOT,
                    stdin="\n".join(json.dumps(case.text) for case in cases))  # fmt: skip
    answers = json.loads(said.splitlines()[-1])
    names = [_named(answer) for answer in answers["intents"]]
    by_language = {language: [i for i, case in enumerate(cases) if case.language == language] for language in LANGUAGES}
    return Result(
        name,
        {k: _share([names[i][0] == cases[i].intent for i in all_]) for k, all_ in by_language.items()},
        {
            k: _share([names[i] == (c.intent, c.category) for i in all_ if (c := cases[i]).intent == "complain"])
            for k, all_ in by_language.items()
        },
        training,
        processor,
        answers["p50_ms"],
        answers["memory_mb"],
    )


def _groups(examples: list[Example], *, whole: bool) -> list[dict[str, Any]]:
    """Rasa's groups; `whole` with our metadata, else with the category as part of the intent's name."""
    groups: dict[tuple[Any, ...], list[Example]] = {}
    for example in examples:
        label = example.label
        key = (label.intent, label.category, tuple(sorted(label.flags)), tuple(sorted(label.remedies)), label.language)
        groups.setdefault(key if whole else (_joint(example),), []).append(example)
    made = []
    for key, members in groups.items():
        group: dict[str, Any] = {"intent": key[0]}
        if whole:
            _intent, category, flags, remedies, language = key
            group["metadata"] = {"language": language, "flags": list(flags), "remedies": list(remedies)}
            group["metadata"].update({"category": category} if category else {})
        group["examples"] = "".join(f"- {example.marked}\n" for example in members)
        made.append(group)
    return made


def _named(intent: str) -> tuple[str, str | None]:
    """`complain_billing` as intent and category; `/` is what our own pipeline puts between the two."""
    for separator in ("/", "_"):
        if intent.startswith(f"complain{separator}"):
            return "complain", intent.removeprefix(f"complain{separator}")
    return intent, None


def _share(right: list[bool]) -> float:
    return sum(right) / len(right)


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    yaml = YAML()
    yaml.width = 10_000
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(json.loads(json.dumps(content)), file)


def _run(arguments: list[str], cwd: Path, stdin: str = "") -> str:
    environment = os.environ | QUIET | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, input=stdin, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(arguments[:3])} failed:\n{done.stdout[-1500:]}\n{done.stderr[-3000:]}")
    return done.stdout


def _processor_time() -> float:
    """Of the children that have ended, in seconds: what another program takes from us is not in it."""
    spent = os.times()
    return spent.children_user + spent.children_system


def _read_messages(model: Path, *, light: bool) -> int:
    """In a process of its own: what the model makes of the messages on standard input, one after the other."""
    import resource

    from bot.light_rasa import lighten

    if light:
        lighten()
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    texts = [json.loads(line) for line in sys.stdin]
    processor = Agent.load(str(model)).processor
    assert processor is not None
    runner, target = processor.graph_runner, processor.model_metadata.nlu_target
    intents, times = [], []
    for text in texts:
        began = time.perf_counter()
        inputs = {"__message__": [UserMessage(text)], "__tracker__": None}
        read = runner.run(inputs=inputs, targets=[target])[target][0].as_dict(only_output_properties=True)
        times.append(time.perf_counter() - began)
        best = next(i["name"] for i in read["intent_ranking"] if i["name"] != "nlu_fallback")
        category = read.get("category")
        intents.append(f"{best}/{category}" if category else best)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"intents": intents, "p50_ms": statistics.median(times) * 1000, "memory_mb": memory}))
    return 0


def _table(results: list[Result]) -> Table:
    table = Table(
        "pipeline", "intent de", "en", "category de", "en", "training", "processor", "p50", "memory", box=None
    )
    for each in results:
        figures = [f"{share:.1%}" for share in (*each.intent.values(), *each.category.values())]
        table.add_row(
            each.name,
            *figures,
            f"{each.training:.0f} s",
            f"{each.processor:.0f} s",
            f"{each.p50:.1f} ms",
            f"{each.memory:.0f} MB",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())

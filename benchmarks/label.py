"""From "label saved" to "live": how long a trainer waits until customers are understood with a new example.

    python -m benchmarks.label

Works in a copy of this checkout, with its own data, models and processes. There: a running server with a live model;
an example is labelled on the command line, trained and promoted, as a trainer does it; the clock runs from the saved
label until the running server says that it answers with the new model.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bot.config import ROOT, settings
from bot.run import Stack
from bot.training.live import live_model

EXAMPLES = (
    "na prima, der bestellte [Wasserkocher](product) ist schon wieder nicht dabei gewesen",
    "von den vier [Sitzbezügen](product) sind bei uns bloß drei angekommen, einer fehlt",
)


def main() -> int:
    if Path.cwd() != ROOT or "--here" not in sys.argv:
        return _in_a_copy()
    print(f"full training: {_command('train'):.1f} s", flush=True)
    with Stack({"var": ROOT / "var"}, model=live_model(settings().models)) as stack:
        os.environ["ERSTKONTAKT_RASA_PORT"] = str(stack.settings.rasa_port)
        means = ["--intent", "complain", "--category", "wrong_or_incomplete", "--language", "de", "--yes"]
        for example in EXAMPLES:  # the first time the live model, too, has to say what it makes of the protected cases
            print(f"labelled: {_command('examples', 'label', '--text', example, *means):.1f} s", flush=True)
            print(f"from label saved to live: {_command('train', '--promote'):.1f} s", flush=True)
    return 0


def _command(*words: str) -> float:
    """Seconds that `erstkontakt` with these words takes."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bot.cli", *words], check=True)
    return time.perf_counter() - began


def _in_a_copy() -> int:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder).resolve()
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
        for name in listed.stdout.splitlines():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
        known = ROOT / ".rasa" / "sentence-vectors.npz"  # a trainer's installation knows the vectors of its examples
        if known.exists():
            (copy / ".rasa").mkdir()
            shutil.copy(known, copy / ".rasa")
        environment = os.environ | {"PYTHONPATH": str(copy)}
        return subprocess.run(
            [sys.executable, "-m", "benchmarks.label", "--here"], cwd=copy, env=environment
        ).returncode


if __name__ == "__main__":
    sys.exit(main())

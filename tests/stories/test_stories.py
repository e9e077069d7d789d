"""The dialogue as a Rasa user tests it: `rasa test core` over tests/stories, with the real model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bot.config import ROOT


def test_every_story_is_predicted_as_written(model: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rasa", "test", "core", "--stories", "tests/stories", "--model", str(model)]
    done = subprocess.run(
        [*command, "--out", str(tmp_path), "--fail-on-prediction-errors"],
        cwd=ROOT, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    failed = tmp_path / "failed_test_stories.yml"  # written in any case
    assert done.returncode == 0, failed.read_text() if failed.exists() else done.stderr[-3000:]
    assert "None of the test stories failed" in failed.read_text()

"""The model is made again when, and only when, something it was made from changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.trained import TrainingFailed, changes, newest_model, train

RASA = """
import pathlib, sys, time
print("INFO rasa  - training with", " ".join(sys.argv[1:]))
if pathlib.Path("broken").exists():
    sys.exit("YamlException: domain.yml line 3")
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
(out / f"{time.time_ns()}.tar.gz").write_text("model")
"""
"""Stands where `python -m rasa` looks first: a real process, without the minute of a real training."""


@pytest.fixture()
def project(tmp_path: Path) -> Path:
    for name, text in {
        "rasa/__init__.py": "__version__ = 'double'",
        "rasa/shared/utils/validation.py": "validate_yaml_schema = None",
        "rasa/__main__.py": RASA,
        "config.yml": "pipeline: []",
        "domain.yml": "responses: {}",
        "data/nlu/de/greet.yml": "hallo",
        "bot/nlu/encoder.py": "X = 1",
        "bot/nlu/__pycache__/encoder.pyc": "1",
        "bot/desk/pages.py": "Y = 1",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def trained(project: Path) -> list[str]:
    said: list[str] = []
    train(project / "models", said.append, project)
    return said


def test_without_a_model_there_is_everything_to_do(project: Path) -> None:
    assert changes(project / "models", project) == ["no model yet"]
    trained(project)
    assert changes(project / "models", project) == []


@pytest.mark.parametrize("name", ["config.yml", "domain.yml", "data/nlu/de/greet.yml", "bot/nlu/encoder.py"])
def test_a_changed_source_is_named(project: Path, name: str) -> None:
    trained(project)
    (project / name).write_text("changed")
    assert changes(project / "models", project) == [name]


def test_new_and_deleted_files_count_and_other_code_does_not(project: Path) -> None:
    trained(project)
    (project / "data/nlu/de/greet.yml").unlink()
    (project / "data/nlu/de/thank.yml").write_text("danke")
    (project / "bot/desk/pages.py").write_text("Y = 2")
    (project / "bot/nlu/__pycache__/encoder.pyc").write_text("2")
    assert changes(project / "models", project) == ["data/nlu/de/greet.yml", "data/nlu/de/thank.yml"]


def test_edited_rules_are_validated_and_a_first_start_or_a_new_example_is_quick(project: Path) -> None:
    assert any("--skip-validation" in line for line in trained(project))
    (project / "data/nlu/de/greet.yml").write_text("servus")
    assert any("--skip-validation" in line for line in trained(project))
    (project / "domain.yml").write_text("responses: {utter_x: []}")
    assert not any("--skip-validation" in line for line in trained(project))


def test_a_training_killed_half_way_leaves_only_what_the_next_one_clears_away(project: Path) -> None:
    trained(project)
    before = newest_model(project / "models")
    left = project / "models/.training-4194999"  # no such process
    left.mkdir()
    (left / "half.tar.gz").write_text("half")
    assert newest_model(project / "models") == before
    (project / "data/nlu/de/greet.yml").write_text("servus")
    trained(project)
    assert not left.exists()
    assert [path.name for path in (project / "models").glob(".*")] == []


def test_a_failed_training_tells_why_and_keeps_the_model_in_force(project: Path) -> None:
    trained(project)
    before = newest_model(project / "models")
    (project / "broken").touch()
    (project / "domain.yml").write_text("changed")
    with pytest.raises(TrainingFailed, match="YamlException"):
        trained(project)
    assert newest_model(project / "models") == before
    assert changes(project / "models", project) == ["domain.yml"]

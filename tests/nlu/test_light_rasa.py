"""Rasa starts without TensorFlow where nothing needs it, and with it where something does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot import light_rasa
from bot.config import ROOT
from bot.light_rasa import lighten


def test_our_pipeline_loads_no_tensorflow() -> None:
    code = (
        "from bot.light_rasa import lighten; assert lighten()\n"
        "import rasa.core.agent, rasa.engine.recipes.default_recipe, sys\n"
        "print(getattr(sys.modules['tensorflow'], '__file__', None), 'keras' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.split()[0] == "None"


@pytest.mark.parametrize("component", ["DIETClassifier", "TEDPolicy", "somebody.elses.Component"])
def test_a_pipeline_that_computes_with_it_gets_the_real_one(tmp_path: Path, component: str) -> None:
    config = tmp_path / "config.yml"
    config.write_text(f"pipeline:\n- name: WhitespaceTokenizer\n- name: {component}\n", encoding="utf-8")
    before = list(sys.meta_path)
    assert not lighten(config)
    assert sys.meta_path == before


def test_what_is_valid_is_checked_once_and_what_is_wrong_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rasa.shared.constants import DOMAIN_SCHEMA_FILE
    from rasa.shared.utils import validation

    checks = []
    check = validation.validate_yaml_schema

    def counted(content: str, *schema: str) -> None:
        checks.append(content)
        check(content, *schema)

    monkeypatch.setattr(validation, "validate_yaml_schema", counted)
    monkeypatch.setattr(light_rasa, "CHECKED", tmp_path)
    light_rasa.check_once()
    good, bad = 'version: "3.1"\nintents: [greet]\n', 'version: "3.1"\nintents: 7\n'
    for _twice in range(2):
        validation.validate_yaml_schema(good, DOMAIN_SCHEMA_FILE)
        with pytest.raises(validation.YamlValidationException):
            validation.validate_yaml_schema(bad, DOMAIN_SCHEMA_FILE)
    assert checks == [good, bad, bad]

"""`make lint` notices when German and English drift apart, and real people in the data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.config import ROOT
from bot.training.examples import DATA
from bot.training.parity import DOMAIN, findings


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "nlu"))


def said(data: Path, domain: Path = DOMAIN) -> str:
    return "\n".join(findings(data, domain))


def test_what_is_shipped_is_clean() -> None:
    assert findings(other_texts=ROOT / "data") == []


def append(data: Path, file: str, *lines: str) -> None:
    with open(data / file, "a", encoding="utf-8") as opened:
        opened.writelines(f"    - {line}\n" for line in lines)


def test_a_file_of_one_language_only_is_found(copy: Path) -> None:
    (copy / "en" / "greet.yml").unlink()
    assert "data/nlu/en/greet.yml: is missing" in said(copy)


def test_an_example_under_two_labels_or_twice_is_found(copy: Path) -> None:
    append(copy, "de/greet.yml", "Das Radio knarzt seit gestern sehr", "Guten Tag, liebes Team vom Radio!")
    append(copy, "de/thank.yml", "das radio knarzt seit gestern sehr!", "Danke euch vom Radio", "danke euch vom radio")
    found = said(copy)
    assert "is greet at data/nlu/de/greet.yml" in found
    assert "stands at data/nlu/de/thank.yml" in found


@pytest.mark.parametrize("text", ["mail an sabine.wolff@gmx.de bitte", "IBAN DE68 2105 0170 0012 3456 78 nehmen"])
def test_real_people_are_found(copy: Path, text: str) -> None:
    append(copy, "de/inform.yml", text)
    assert "may be" in said(copy) or "may belong to somebody" in said(copy)


def test_an_entity_that_only_one_language_knows_is_found(copy: Path) -> None:
    for path in (copy / "en").glob("*.yml"):
        path.write_text(path.read_text(encoding="utf-8").replace("](iban)", "](phone)"), encoding="utf-8")
    assert "data/nlu/en: no example has the entity iban" in said(copy)


def test_texts_that_differ_between_the_languages_are_found(tmp_path: Path) -> None:
    domain = tmp_path / "domain.yml"
    domain.write_text(
        """responses:
  utter_a:
  - {text: "Hallo {name}", condition: [{type: slot, name: language, value: de}]}
  - {text: "Hello", condition: [{type: slot, name: language, value: en}]}
  - {text: "Hello {name}"}
  utter_b:
  - {text: "Hallo", condition: [{type: slot, name: language, value: de}]}
  - {text: "Hello"}
""",
        encoding="utf-8",
    )
    found = said(DATA, domain)
    assert "utter_a: {name} only in one of de and en" in found
    assert "utter_b: no text for en" in found


def test_a_test_message_among_the_examples_is_found(copy: Path) -> None:
    append(
        copy, "de/complain_product_defect.yml", "Getriebeschaden nach 3 Jahren und 2 Monaten, das kann doch nicht sein"
    )
    assert "is a test message (data/protected.yml, hard-gearbox-de)" in "\n".join(findings(copy, DOMAIN, ROOT / "data"))

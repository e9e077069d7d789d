"""`make lint` notices when German and English drift apart, and real people in the data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.config import ROOT
from bot.training.examples import DATA
from bot.training.parity import findings

DOMAIN = """responses:
  utter_a:
  - {text: "Hallo {name}", condition: [{type: slot, name: language, value: de}]}
  - {text: "Hello", condition: [{type: slot, name: language, value: en}]}
  - {text: "Hello {name}"}
  utter_b:
  - {text: "Hallo", condition: [{type: slot, name: language, value: de}]}
  - {text: "Hello"}
"""

ADDED = {
    "de/greet.yml": ["Das Radio knarzt seit gestern sehr", "Guten Tag, liebes Team vom Radio!"],
    "de/thank.yml": ["das radio knarzt seit gestern sehr!", "Danke euch vom Radio", "danke euch vom radio"],
    "de/inform.yml": ["mail an sabine.wolff@gmx.de bitte", "IBAN DE68 2105 0170 0012 3456 78 nehmen"],
    "de/complain_product_defect.yml": ["Getriebeschaden nach 3 Jahren und 2 Monaten, das kann doch nicht sein"],
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is found in a copy of our data in which everything went wrong at once."""
    folder = tmp_path_factory.mktemp("drifted")
    data = Path(shutil.copytree(DATA, folder / "nlu"))
    (data / "en" / "greet.yml").unlink()
    for path in (data / "en").glob("*.yml"):
        path.write_text(path.read_text(encoding="utf-8").replace("](iban)", "](phone)"), encoding="utf-8")
    for file, lines in ADDED.items():
        with (data / file).open("a", encoding="utf-8") as opened:
            opened.writelines(f"    - {line}\n" for line in lines)
    (folder / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    return "\n".join(findings(data, folder / "domain.yml", ROOT / "data"))


def test_what_is_shipped_is_clean() -> None:
    assert findings(other_texts=ROOT / "data") == []


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("data/nlu/en/greet.yml: is missing", id="a file of one language only"),
        pytest.param("is greet at data/nlu/de/greet.yml", id="an example under two labels"),
        pytest.param("stands at data/nlu/de/thank.yml", id="an example twice"),
        pytest.param("sabine.wolff@gmx.de may belong to somebody", id="an address that can exist"),
        pytest.param("DE68 2105 0170 0012 3456 78 may be a real account", id="an account that can exist"),
        pytest.param("data/nlu/en: no example has the entity iban", id="an entity that only one language knows"),
        pytest.param("utter_a: {name} only in one of de and en", id="a placeholder of one language only"),
        pytest.param("utter_b: no text for en", id="a response of one language only"),
        pytest.param("is a test message (data/protected.yml, hard-gearbox-de)", id="a test message as example"),
    ],
)
def test_what_is_wrong_is_found(found: str, said: str) -> None:
    assert said in found

"""A new model goes live while customers are writing, and nobody notices."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.run import Stack
from bot.training import promote
from tests.e2e.conftest import Customer


@pytest.fixture
def next_model(model: Path, stack: Stack, tmp_path: Path) -> Iterator[Path]:
    """The same model under another name, as a training would leave it; the old one serves again afterwards."""
    yield Path(shutil.copy(model, tmp_path / "next.tar.gz"))
    promote.swap(stack.settings, model)


def serving(stack: Stack) -> str:
    status = httpx.get(f"{stack.settings.rasa_url}/status", params={"token": stack.rasa_token}, timeout=30)
    return Path(status.json()["model_file"]).name


def test_a_conversation_goes_on_where_it_was(stack: Stack, customer: Customer, next_model: Path) -> None:
    chat = customer("de")
    chat.say("Meine Kaffeemaschine geht nach zwei Wochen nicht mehr an")
    number = chat.case()["number"] if chat.cases() else None
    swap = threading.Thread(target=promote.swap, args=(stack.settings, next_model))
    swap.start()
    answers = chat.say("Die Bestellnummer habe ich gerade nicht")  # written while the model is being changed
    swap.join()
    assert answers
    assert serving(stack) == "next.tar.gz"
    chat.say("Wie geht es jetzt weiter?")
    case = chat.case()  # the same one, not a second
    assert case["category"] == "product_defect"
    assert number in (None, case["number"])


def test_a_broken_model_is_refused_and_the_old_one_answers_on(
    stack: Stack, customer: Customer, model: Path, tmp_path: Path
) -> None:
    before = serving(stack)
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(model.read_bytes()[:100_000])
    with pytest.raises(promote.NotPromoted, match="the live model stays"):
        promote.swap(stack.settings, broken)
    assert serving(stack) == before
    assert customer("en").say("hello")

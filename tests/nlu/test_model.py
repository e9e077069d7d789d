"""What a message means is learned from few examples, also from a label that has only one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.model import Labels, UnderstandingModel, drawn

TEXTS = [f"{word} {thing}" for thing in ("lamp", "chair", "phone", "coat") for word in ("broken", "late", "thanks for")]
LABELS = [
    Labels("complain", "product_defect", remedies=frozenset({"repair"})),
    Labels("complain", "late_delivery"),
    Labels("praise"),
] * 4


def fitted(texts: list[str], labels: list[Labels]) -> UnderstandingModel:
    return UnderstandingModel().fit(texts, vectors(texts), labels)


def vectors(texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
    chance = np.random.default_rng(7)
    return chance.normal(size=(len(texts), 512)).astype(np.float32) / 100


def test_a_trainer_may_begin_a_label_with_one_example() -> None:
    model = fitted([*TEXTS, "what is the time"], [*LABELS, Labels("out_of_scope", flags=frozenset({"crisis"}))])
    assert "out_of_scope" in model.classes and model.flag_names == ["crisis"]
    assert model.meaning("broken phone", vectors(["x"])[0]).category == "product_defect"


def test_probabilities_are_shares_of_one() -> None:
    meaning = fitted(TEXTS, LABELS).meaning("the lamp is late", vectors(["x"])[0])
    assert sum(meaning.intents.values()) == pytest.approx(1)
    assert sum(meaning.categories.values()) == pytest.approx(1)
    assert all(0 <= p <= 1 for p in (*meaning.remedies.values(), *meaning.flags.values()))


def test_who_praises_wishes_for_nothing() -> None:
    model = fitted(TEXTS, LABELS)
    vector = vectors(["x"])[0]
    assert model.meaning("broken chair", vector).remedies["repair"] > 0.5
    assert model.meaning("thanks for the repair, thanks for everything", vector).remedies["repair"] < 0.3


def test_a_command_of_a_machine_is_nothing_we_know() -> None:
    model = fitted(TEXTS, LABELS)
    assert model.knows('intent{"a":1}') == 0
    assert model.knows("the lamp is broken, 4711") > 0
    assert model.knows("4711") == 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=6)), min_size=1, unique=True), st.text(max_size=6))
def test_one_more_example_leaves_the_others_where_they_are(examples: list[tuple[str, str]], more: str) -> None:
    answers, texts = [answer for answer, _ in examples], [text for _, text in examples]
    before = set(drawn(np.array(answers), texts)[1])
    learned, held = drawn(np.array([*answers, "a"]), [*texts, more])
    assert sorted([*learned, *held]) == list(range(len(texts) + 1))
    assert len(before ^ set(held)) <= 2  # it takes a place, or makes one

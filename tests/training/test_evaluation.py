"""A candidate is measured beside the live model, and one worse protected case is enough to refuse it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot import taxonomy
from bot.training.evaluate import Evaluation, read_cases
from bot.training.label import BadExample
from bot.training.measures import Case, by_flag, by_label, calibration_error, confusion, measure
from bot.training.protected import Protected, read_protected, worse
from bot.training.report import rows_of_labels, rows_of_measures, write_report

FIRE = Case("1", "Der Akku brennt!", "de", "complain", "product_defect", frozenset({"safety"}), frozenset({"refund"}))
HELLO = Case("2", "hello there", "en", "greet", entities=(("product", "lamp"), ("money", "5 €")))
CASES = [FIRE, HELLO]


def answer(intent: str, category: str | None = None, language: str = "de", **more: Any) -> dict[str, Any]:
    return {
        "intent": intent,
        "category": category,
        "language": language,
        "confidence": 0.9,
        "flags": [],
        "remedies": [],
        "entities": [],
    } | more


GOOD = {
    FIRE.text: answer("complain", "product_defect", flags=["safety", "injury"], remedies=["refund"]),
    HELLO.text: answer("greet", language="en", entities=[{"entity": "product", "value": "Lamp"}]),
}
BAD = {
    FIRE.text: answer("complain", "billing", language="en"),
    HELLO.text: answer("thank", language="en", flags=["legal"]),
}


def test_each_measure_is_what_its_name_says() -> None:
    assert measure(CASES, GOOD) == {
        "intent": 1.0, "category": 1.0, "severe found": 1.0, "severe false": 0.0, "flags F1": pytest.approx(2 / 3),
        "remedies F1": 1.0, "entities F1": 0.0, "product F1": 1.0, "language": 1.0,
        "calibration error": pytest.approx(0.1),
    }  # fmt: skip
    bad = measure(CASES, BAD)
    assert (bad["intent"], bad["category"], bad["severe found"], bad["severe false"]) == (0.5, 0.0, 0.0, 1.0)
    assert measure([HELLO], GOOD)["category"] is None
    assert by_label(CASES, BAD) == {"complain_product_defect": (0, 1), "greet": (0, 1)}
    assert by_flag(CASES, GOOD) == {"safety": (1, 0, 0), "injury": (0, 0, 1)}


def test_who_is_80_percent_sure_should_be_right_in_80_percent() -> None:
    assert calibration_error([(0.8, True)] * 4 + [(0.8, False)]) == pytest.approx(0)
    assert calibration_error([(0.95, False), (0.15, False)]) == pytest.approx((0.95 + 0.15) / 2)
    assert calibration_error([(1.0, True)]) == 0
    assert calibration_error([]) is None


def evaluation(live: dict[str, Any] | None, candidate: dict[str, Any]) -> Evaluation:
    case = {"id": "fire", "language": "de", "text": FIRE.text, "expect": {"intent": "complain", "flag": "safety"}}
    protected = _protected([case])
    return Evaluation(Path("new.tar.gz"), Path("old.tar.gz"), CASES, protected, candidate, live)


def _protected(cases: list[dict[str, Any]], folder: Path | None = None) -> list[Protected]:
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        path = (folder or Path(temporary)) / "protected.yml"
        path.write_text(json.dumps({"cases": cases}), encoding="utf-8")
        return read_protected(path)


def test_a_protected_case_that_gets_worse_is_named_with_what_is_lost() -> None:
    (lost,) = evaluation(GOOD, BAD).worse
    assert str(lost) == "fire: flag safety - Der Akku brennt!"
    assert evaluation(BAD, GOOD).worse == []
    assert evaluation(BAD, BAD).worse == []  # it was no better before
    assert [str(each) for each in evaluation(BAD, BAD).missed] == ["fire: flag safety - Der Akku brennt!"]
    assert evaluation(None, BAD).worse == []  # nothing to be worse than


def test_the_page_holds_everything_and_needs_nothing_else(tmp_path: Path) -> None:
    page = write_report(evaluation(GOOD, BAD), tmp_path / "report").read_text(encoding="utf-8")
    assert "May not go live: 1 protected case gets worse" in page
    assert "fire: flag safety" in page
    assert page.count("data:image/png;base64,") == 3  # no English complaint here
    assert "http://" not in page and "https://" not in page and "<script" not in page
    assert (tmp_path / "report/intents_de.png").read_bytes().startswith(b"\x89PNG")
    rows = dict(rows_of_measures(evaluation(GOOD, BAD)))
    assert [change for _live, _candidate, change in rows["category"]] == ["worse", "same"]
    assert [change for _live, _candidate, change in rows["severe false"]] == ["same", "worse"]
    assert dict(rows_of_labels(evaluation(GOOD, BAD)))["greet"] == [(None, 0, 0), (1, 0, 1)]


def test_the_protected_cases_cover_every_severe_flag_in_both_languages() -> None:
    cases = read_protected()
    for language in ("de", "en"):
        named = {
            each.value for case in cases if case.language == language for each in case.expect if each.key == "flag"
        }
        severe = {flag for flag in taxonomy.flags() if taxonomy.severity([flag], complaint=True) >= 3}
        assert severe <= named, language
        assert sum(case.language == language and case.id.startswith("hard-") for case in cases) == 10
    assert worse(cases, {c.text: answer("greet") for c in cases}, {c.text: answer("greet") for c in cases}) == []


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ({"id": "x", "language": "de", "text": "a", "expect": {"flag": "fire"}}, "there is no flag 'fire'"),
        ({"id": "x", "language": "de", "text": "a", "expect": {"mood": "bad"}}, "there is no mood 'bad'"),
        ({"id": "x", "language": "fr", "text": "a", "expect": {"flag": "legal"}}, "needs id, language"),
    ],
)
def test_a_wrong_protected_case_is_named(case: dict[str, Any], said: str) -> None:
    with pytest.raises(BadExample, match=said):
        _protected([case])


def test_labelled_messages_are_read_and_broken_lines_are_named(tmp_path: Path) -> None:
    assert len(read_cases()) >= 500
    file = tmp_path / "own.jsonl"
    file.write_text('{"text": "hi", "language": "en", "intent": "greet"}\n\n{"text": "hi"}\n', encoding="utf-8")
    with pytest.raises(BadExample, match=r"own.jsonl:3: no labelled message"):
        read_cases(file)
    with pytest.raises(BadExample, match="cannot be read"):
        read_cases(tmp_path / "none.jsonl")


def test_what_is_right_stands_on_the_diagonal() -> None:
    pairs = [("billing", "billing"), ("billing", "(praise)"), ("other", "billing")]
    assert confusion(pairs) == (["billing", "other"], ["billing", "other", "(praise)"], [[1, 0, 1], [1, 0, 0]])

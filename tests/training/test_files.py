"""An example goes into the right file and group, and comes out again; not one other character changes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.database import Database
from bot.training import files
from bot.training.examples import checked_text, entities, groups_of, plain, read
from bot.training.label import BadExample, Label
from bot.training.model import ExampleChange

from .conftest import BILLING, GREET

LEGAL = Label("de", "complain", "billing", frozenset({"repeat_contact", "legal"}), frozenset({"refund"}))


def text_of(data: Path, name: str) -> str:
    return (data / name).read_text(encoding="utf-8")


def added(before: str, after: str) -> list[str]:
    """The lines that are new; fails when anything else has changed."""
    old, new = before.splitlines(), after.splitlines()
    fresh = []
    while new:
        if old and old[0] == new[0]:
            old.pop(0)
        else:
            fresh.append(new[0])
        new.pop(0)
    assert old == []
    return fresh


def test_an_example_is_one_new_line_in_the_group_with_its_labels(session: Session, data: Path) -> None:
    change = files.add(session, "Vierte Mahnung,  ich nehme mir\neinen Anwalt", LEGAL, "Mira", data)
    after = text_of(data, "de/complain_billing.yml")
    assert added(BILLING, after) == ["    - Vierte Mahnung, ich nehme mir einen Anwalt"]
    assert after.index("Dritte Mahnung") < after.index("Vierte Mahnung") < after.index("# the end")
    assert (change.who, change.file) == ("Mira", "de/complain_billing.yml")


def test_a_new_combination_of_labels_gets_a_group_of_its_own(session: Session, data: Path) -> None:
    label = Label("de", "complain", "billing", frozenset({"publicity"}))
    files.add(session, "Das kommt in die Zeitung: [39 €](money) zu viel", label, "Mira", data)
    assert added(BILLING, text_of(data, "de/complain_billing.yml")) == [
        "- intent: complain",
        "  metadata:",
        "    language: de",
        "    category: billing",
        "    flags: [publicity]",
        "  examples: |",
        "    - Das kommt in die Zeitung: [39 €](money) zu viel",
    ]
    examples, problems = read(data)
    assert problems == []
    assert examples[3].label == label


def test_a_file_that_is_not_there_yet_is_made(session: Session, data: Path) -> None:
    change = files.add(session, "ta very much", Label("en", "thank"), "Mira", data)
    assert 'version: "3.1"\nnlu:\n- intent: thank' in text_of(data, "en/thank.yml")
    files.undo(session, change.id, "Mira", data)
    assert not (data / "en/thank.yml").exists()


@pytest.mark.parametrize(
    "label", [LEGAL, Label("de", "complain", "billing"), Label("de", "complain", "billing", frozenset({"threat"}))]
)
def test_undo_puts_the_file_back_as_it_was(session: Session, data: Path, label: Label) -> None:
    change = files.add(session, "Noch einmal abgebucht", label, "Mira", data)
    done = files.undo(session, change.id, "Robin", data)
    assert text_of(data, "de/complain_billing.yml") == BILLING
    assert (done.who, done.undone_by) == ("Mira", "Robin")
    with pytest.raises(BadExample, match="undone by Robin"):
        files.undo(session, change.id, "Robin", data)


def test_undo_does_not_guess_when_somebody_edited_the_line(session: Session, data: Path) -> None:
    change = files.add(session, "Grüß Gott", Label("de", "greet"), "Mira", data)
    path = data / "de/greet.yml"
    path.write_text(text_of(data, "de/greet.yml").replace("Grüß Gott", "Grüß Gott!"), encoding="utf-8")
    with pytest.raises(BadExample, match="not there any more"):
        files.undo(session, change.id, "Mira", data)
    assert "Grüß Gott!" in text_of(data, "de/greet.yml")


def test_windows_line_ends_and_a_missing_last_one_survive(session: Session, data: Path) -> None:
    path = data / "de/greet.yml"
    path.write_bytes(GREET.rstrip("\n").replace("\n", "\r\n").encode())
    files.add(session, "Moin", Label("de", "greet"), "Mira", data)
    assert path.read_bytes().endswith(b"    - Servus\r\n    - Moin\r\n")


@pytest.mark.parametrize(
    ("text", "label", "said"),
    [
        ("Moin", Label("de", "gret"), "did you mean"),
        ("Moin", Label("fr", "greet"), "no language 'fr'"),
        ("Moin", Label("de", "complain"), "a complaint without a category"),
        ("Moin", Label("de", "greet", "billing"), "greet has a category"),
        ("Moin", Label("de", "greet", None, frozenset({"danger"})), "no flag 'danger'"),
        ("  \n ", Label("de", "greet"), "without words"),
        ("Frau [Keller](name) grüßen", Label("de", "greet"), "no entity 'name'"),
        ("[39 €](money, bitte", Label("de", "greet"), "does not end"),
        ("[ 39 €](money) bitte", Label("de", "greet"), "mark exactly the words"),
        ("guten tag", Label("de", "greet"), "de/greet.yml:8: this example is there already"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_example_is_refused_with_a_remedy(
    session: Session, data: Path, text: str, label: Label, said: str
) -> None:
    with pytest.raises(BadExample) as refused:
        files.add(session, text, label, "Mira", data)
    assert said in str(refused.value)
    assert text_of(data, "de/greet.yml") == GREET
    assert session.query(ExampleChange).count() == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (GREET.replace("    - Servus", "  - Servus\n   x: ["), "greet.yml:9: no valid YAML"),
        (GREET.replace("nlu:", "nlu: [", 1), "no valid YAML"),
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ('version: "3.1"\n', "no list `nlu:`"),
        (GREET.replace("intent: greet", "intent: grete"), "greet.yml:4: there is no intent 'grete' - did you mean"),
        (GREET.replace("language: de", "language: en"), "greet.yml:4: greet (en) stands in the wrong file"),
        (GREET.replace("    language: de", "    language: de\n    flag: [legal]"), "metadata has flag"),
        (GREET.replace("- Servus", "Servus"), "greet.yml:9: 'Servus' is no example - begin the line with `- `"),
        (GREET.replace("Servus", "Servus [Frau Keller](persn)"), "greet.yml:9: there is no entity 'persn'"),
        (GREET.replace("examples: |", "examples:"), "a group without `examples: |`"),
        (GREET.replace("Servus", "Ser\x07vus"), "no valid YAML"),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_line_and_remedy(session: Session, data: Path, content: str, said: str) -> None:
    (data / "de/greet.yml").write_text(content, encoding="utf-8")
    _examples, problems = read(data)
    assert said in "\n".join(map(str, problems))
    assert all(problem.remedy for problem in problems)
    with pytest.raises(BadExample):
        files.add(session, "Moin", Label("de", "greet"), "Mira", data)
    assert text_of(data, "de/greet.yml") == content


def test_two_trainers_at_once_lose_nothing(database: Database, data: Path) -> None:
    def write(number: int) -> None:
        with database.begin() as session:
            files.add(session, f"Hallo Nummer {'x' * number}", Label("de", "greet"), f"trainer {number}", data)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(1, 13)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(added(GREET, text_of(data, "de/greet.yml"))) == 12
    assert list(data.glob("**/.*")) == []


def test_ten_thousand_examples_are_no_problem(session: Session, data: Path) -> None:
    lines = "".join(f"    - Hallo zum {number}. Mal\n" for number in range(10_000))
    (data / "de/greet.yml").write_text(GREET + lines, encoding="utf-8")
    files.add(session, "Moin Moin", Label("de", "greet"), "Mira", data)
    examples, problems = read(data)
    assert problems == []
    assert sum(example.label.name == "greet" for example in examples) == 10_003


def test_marks_are_read_as_rasa_reads_them() -> None:
    marked = checked_text("[49,90 €](money) für die [Jacke](product) [sic]")
    assert plain(marked) == "49,90 € für die Jacke [sic]"
    assert entities(marked) == [("money", "49,90 €"), ("product", "Jacke")]


def test_every_shipped_example_knows_its_line() -> None:
    examples, problems = read()
    assert problems == []
    assert len(examples) > 5_000
    one = next(example for example in examples if example.file == "en/complain_billing.yml")
    problems = []
    source = "\n".join(["# a comment", *Path("data/nlu/en/complain_billing.yml").read_text("utf-8").splitlines()])
    assert groups_of(source, one.file, problems)[0].examples[0].line == one.line + 1

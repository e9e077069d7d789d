"""`erstkontakt examples` as a trainer types it, in its own process. Nothing here writes into data/."""

from __future__ import annotations

from pathlib import Path

import pytest

import bot.cases.model
import bot.training.model  # noqa: F401
from bot.database import Base, Database
from bot.migrate import upgrade
from tests.services import commands

from .conftest import Customers


@pytest.fixture
def var(tmp_path: Path) -> Path:
    url = f"sqlite:///{tmp_path / 'erstkontakt.db'}"
    upgrade(url)
    database = Database(url)
    Base.metadata.create_all(database.engine)
    with database.begin() as session:
        Customers(session).say("Frau Demir, wo isses denn", sure=0.2, intent="ask_status")
    database.dispose()
    return tmp_path


def erstkontakt(var: Path, *arguments: str, code: int = 0) -> str:
    done = commands.erstkontakt(var, *arguments, code=code)
    return done.stdout + done.stderr


def test_the_list_shows_masked_messages_and_the_next_step(var: Path) -> None:
    said = erstkontakt(var, "examples", "list")
    assert "Frau Sommer, wo isses denn" in said and "Demir" not in said
    assert "ask_status 20%" in said and "erstkontakt examples label" in said
    assert "Nothing was misunderstood" in erstkontakt(var, "examples", "list", "--language", "en")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["label", "0000"], "there is no message 0000 in the inbox"),
        (["label"], "what should be labelled?"),
        (["label", "--text", "Hallo", "--language", "de", "--intent", "gret", "--yes"], "did you mean greet?"),
        (["label", "--text", "[x](y)", "--language", "de", "--intent", "greet", "--yes"], "there is no entity 'y'"),
        (["undo"], "there is nothing to undo"),
        (["undo", "7"], "there is no change 7"),
        (["dismiss", "0000"], "there is no message 0000"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(var: Path, arguments: list[str], said: str) -> None:
    output = erstkontakt(var, "examples", *arguments, code=1)
    assert said in output and "Traceback" not in output


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["evaluate"], "erstkontakt train makes it"),
        (["promote"], "erstkontakt train makes it"),
        (["promote", "none.tar.gz"], "there is no model none.tar.gz"),
        (["rollback"], "no earlier model was live here"),
    ],
)
def test_without_models_each_command_says_what_to_do(var: Path, command: list[str], said: str) -> None:
    assert said in erstkontakt(var, *command, code=1)

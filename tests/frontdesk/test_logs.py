"""What customers write and who they are never reaches the log."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Settings
from bot.frontdesk import messages
from bot.frontdesk.hub import Hub
from bot.frontdesk.logs import configure_logs
from bot.frontdesk.rasa import Dialogue
from bot.frontdesk.router import Router
from bot.services import free_ports
from tests.frontdesk.conftest import Desk

WORDS = "Mein Geheimnis ist ein Schnurrbart"

Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What the front desk has logged so far."""
    stream, root = io.StringIO(), logging.getLogger()
    before = (root.handlers, root.level)
    monkeypatch.setattr("sys.stderr", stream)
    configure_logs(Settings())
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = before


async def test_a_dialogue_that_is_down_is_logged_without_the_message(desk: Desk, logged: Lines, tmp_path: Path) -> None:
    (nobody,) = free_ports(1)
    settings = Settings(var=tmp_path, rasa_port=nobody, retry_delay=600)
    dialogue = Dialogue(settings)
    router = Router(desk.database, dialogue, Hub(), settings)
    talk = desk.talk()
    with desk.database.begin() as session:
        messages.receive(session, talk, text=WORDS)
    await router._work(talk)
    await router.stop()
    await dialogue.close()
    lines = logged()
    assert any(line["conversation"] == talk for line in lines)
    assert "Schnurrbart" not in json.dumps(lines, ensure_ascii=False)


def test_an_error_of_the_database_does_not_quote_what_was_written(desk: Desk, logged: Lines) -> None:
    talk = desk.talk()
    with desk.database.begin() as session:
        session.execute(text("ALTER TABLE messages RENAME TO elsewhere"))
    try:
        with desk.database.begin() as session:
            session.execute(text("INSERT INTO messages (id, text) VALUES (:id, :text)"), {"id": talk, "text": WORDS})
    except SQLAlchemyError:
        logging.getLogger("bot").exception("request failed", extra={"conversation": talk})
    (line,) = logged()
    assert "no such table" in str(line["exception"])
    assert "Schnurrbart" not in json.dumps(line, ensure_ascii=False)


@pytest.mark.parametrize(
    ("written", "sign"),
    [
        ("bounced: petra.lang+shop@example.org", "[e-mail]"),
        ("bad account DE89 3704 0044 0532 0130 00", "[iban]"),
        ("no answer from +49 171 5550123", "[phone]"),
    ],
)
def test_what_somebody_elses_error_quotes_is_masked(logged: Lines, written: str, sign: str) -> None:
    logging.getLogger("library").error("sending failed: %s", written)
    (line,) = logged()
    assert sign in str(line["event"])
    assert written.split()[-1] not in str(line["event"])


def test_what_a_line_needs_stays_readable(logged: Lines) -> None:
    about = {"conversation": "a1b2c3d4e5f60718293a4b5c6d7e8f90", "number": "EK-2026-000123", "port": 8000}
    logging.getLogger("bot").warning("retry in 60 s after 2026-11-23T10:00:00Z", extra=about)
    (line,) = logged()
    assert line["event"] == "retry in 60 s after 2026-11-23T10:00:00Z"
    assert {key: line[key] for key in about} == about


@pytest.mark.usefixtures("logged")
def test_an_operator_may_ask_for_everything(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(log_texts=True))
    logging.getLogger("bot").warning("from anna@example.org")
    assert json.loads(capsys.readouterr().err)["event"] == "from anna@example.org"

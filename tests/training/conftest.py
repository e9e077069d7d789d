"""Small training data of its own, and a database with conversations in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

import bot.cases.model  # its tables belong to the same metadata
import bot.training.model  # noqa: F401
from bot.database import Database, utcnow
from bot.frontdesk import messages
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Message
from tests.services.tables import create_tables

GREET = """version: "3.1"
# how people say hello
nlu:
- intent: greet
  metadata:
    language: de
  examples: |
    - Guten Tag
    - Servus
"""

BILLING = """version: "3.1"
nlu:
# plain ones first
- intent: complain
  metadata:
    language: de
    category: billing
  examples: |
    - Doppelt abgebucht!
    - [Fitnessabo](product) gekündigt, trotzdem eingezogen

- intent: complain
  metadata: {language: de, category: billing, flags: [legal, repeat_contact], remedies: [refund]}
  examples: |
    - Dritte Mahnung, mein Anwalt will das Geld zurück
# the end
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder like data/nlu with two files."""
    folder = tmp_path / "nlu"
    (folder / "de").mkdir(parents=True)
    (folder / "en").mkdir()
    (folder / "de" / "greet.yml").write_text(GREET, encoding="utf-8")
    (folder / "de" / "complain_billing.yml").write_text(BILLING, encoding="utf-8")
    return folder


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(f"sqlite:///{tmp_path / 'training.db'}")
    create_tables(found)
    yield found
    found.dispose()


@dataclass
class Customers:
    """Writes messages as the front desk would have, with what the model made of them."""

    session: Session

    def say(
        self,
        text: str,
        *,
        intent: str = "greet",
        sure: float = 0.9,
        second: float = 0.05,
        conversation: str | None = None,
        days_ago: float = 0.0,
        minutes_ago: float = 1.0,
        language: str = "de",
        **understood: Any,
    ) -> Message:
        talk = (
            messages.locked(self.session, conversation)
            if conversation is not None
            else messages.open_conversation(self.session, "web", language)
        )
        ranking = [{"name": intent, "confidence": sure}, {"name": "thank", "confidence": second}]
        message = messages.append(self.session, talk, Reply("customer", text), state="answered")
        message.at = utcnow() - dt.timedelta(days=days_ago, minutes=minutes_ago)
        message.understood = {"intent": ranking[0], "intent_ranking": ranking, "language": language, **understood}
        self.session.flush()
        return message


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.begin() as opened:
        yield opened


@pytest.fixture
def customers(session: Session) -> Customers:
    return Customers(session)

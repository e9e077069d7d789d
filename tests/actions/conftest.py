"""Turns made by hand: a tracker as Rasa sends it, a database of its own, no server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from sqlalchemy.orm import Session

from actions.base import Turn
from bot.config import ROOT
from bot.database import Database, utcnow
from bot.goodwill.policy import load_policy
from bot.migrate import load_models
from tests.services.tables import create_tables

TurnMaker = Callable[..., Turn]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    load_models()
    database = Database(f"sqlite:///{tmp_path / 'actions.db'}")
    create_tables(database)
    with database.begin() as opened:
        yield opened
    database.dispose()


@pytest.fixture
def turn(session: Session) -> TurnMaker:
    """A customer's message on its way: text or button, what was understood, what the bot said just before."""
    policy = load_policy(ROOT / "policy")

    def make(
        text: str,
        intent: str = "inform",
        *,
        entities: dict[str, str] | None = None,
        bot_said: str | None = None,
        language: str = "de",
        slots: dict[str, Any] | None = None,
        **understood: Any,
    ) -> Turn:
        message = {
            "text": text,
            "message_id": "m1",
            "intent": {"name": intent, "confidence": 1.0},
            "entities": [{"entity": name, "value": value} for name, value in (entities or {}).items()],
            "metadata": {"channel": "web", "language": language},
            **understood,
        }
        events: list[dict[str, Any]] = [{"event": "user", "text": "vorher"}]
        events += [{"event": "bot", "text": bot_said}] if bot_said is not None else []
        events += [{"event": "action", "name": "action_listen"}, {"event": "user", "text": text, "parse_data": message}]
        held = {"language": language, "misunderstood": 0.0, **(slots or {})}
        tracker = Tracker("c1", held, message, events, False, None, {}, "action_listen")
        return Turn(tracker, session, utcnow(), policy)

    return make

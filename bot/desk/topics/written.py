"""A message of a colleague in a topic, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.desk.actions import Step, on_handoff
from bot.desk.wording import Words
from bot.frontdesk.attachments import Examined
from bot.frontdesk.model import Topic, User

SENT, NOTED = "👍", "✍"
"""Signs put under a colleague's message: it goes to the customer; it is kept as a note. Telegram allows only some."""


@dataclass(frozen=True)
class Written:
    """One message of a colleague in a topic. `post`: its number in the group; `command`: empty for plain words.

    `has_file`: there is a file in it, fetched (`file`) or not.
    """

    update_id: int
    sender: int
    thread: int
    post: int
    command: str = ""
    text: str = ""
    reply_to: int | None = None
    file: Examined | None = None
    has_file: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it: an answer for the colleague, a sign under their message, which conversation has changed.

    `known`: whether it was somebody who may act here; others are not answered every time.
    """

    said: str = ""
    sign: str = ""
    conversation: str = ""
    known: bool = True


@dataclass(frozen=True)
class Act:
    """A message of somebody who may act, with everything that doing it needs."""

    session: Session
    user: User
    words: Words
    topic: Topic
    written: Written

    def step(self, step: Step, fields: Mapping[str, str]) -> None:
        """Take the same step as a button at the desk does."""
        on_handoff(self.session, self.user, self.topic.conversation_id, step, fields)

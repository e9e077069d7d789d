"""What every action shares: a turn's facts, one transaction off the event loop, speaking domain.yml's texts."""

from __future__ import annotations

import asyncio
import datetime as dt
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict
from sqlalchemy.orm import Session

from bot import texts
from bot.cases import store
from bot.cases.model import Case, Promise
from bot.cases.proofs import FROM_LIST, Asked
from bot.database import database, utcnow
from bot.goodwill.hours import promise_due, say_when
from bot.goodwill.policy import Policy
from bot.goodwill.wording import fill
from bot.policies import current_policy

Events = list[dict[str, Any]]
SKIPPED = "-"


@dataclass
class Heard:
    """One message of a customer, and what the dialogue knew before it."""

    tracker: Tracker

    @property
    def conversation(self) -> str:
        return str(self.tracker.sender_id)

    @property
    def message(self) -> dict[str, Any]:
        """What the NLU made of the message."""
        return self.tracker.latest_message or {}

    @property
    def text(self) -> str:
        """What the customer wrote, '' for a button."""
        text = str(self.message.get("text") or "")
        return "" if text.startswith("/") else text

    @property
    def intent(self) -> str:
        return str((self.message.get("intent") or {}).get("name") or "")

    @property
    def language(self) -> str:
        known = self.tracker.get_slot("language")
        return known if known in texts.LANGUAGES else "de"

    @property
    def waiting(self) -> bool:
        """Whether the customer already waits for a person, and the bot goes on with what needs none."""
        return bool((self.message.get("metadata") or {}).get("waiting"))

    def entity(self, name: str) -> str | None:
        """The last value of this entity in the message: resolved where there is one."""
        for found in reversed(self.message.get("entities") or []):
            if found["entity"] == name:
                return str(found.get("resolved") or found["value"])
        return None

    def entity_as_written(self, name: str) -> str | None:
        """The first entity of this kind in the customer's own words."""
        found = next((e for e in self.message.get("entities") or [] if e["entity"] == name), None)
        return str(found["value"]) if found is not None else None


@dataclass
class Turn(Heard):
    """A message on its way through an action. `asked`: what the shop's API said, where the message needs an order."""

    session: Session
    now: dt.datetime
    policy: Policy
    asked: Asked = FROM_LIST
    said: list[dict[str, Any]] = field(default_factory=list)

    def case(self) -> Case | None:
        """The open case of this conversation."""
        return store.latest(self.session, self.conversation)

    def say(self, response: str, **values: object) -> None:
        """Speak a response of domain.yml in the conversation's language, with its buttons."""
        self.say_text(texts.text(response, self.language, **values), texts.buttons(response, self.language, **values))

    def say_text(self, text: str, buttons: list[dict[str, str]] | None = None) -> None:
        """Speak a text that policy/ gave."""
        self.said.append({"text": text, "buttons": buttons or []})

    def command(self, **what: Any) -> None:
        """Ask the front desk for something (handoff, close): it does it together with writing the answers."""
        self.said.append({"json_message": what})

    def promise(self, case: Case, what: str) -> Promise:
        """Promise something of hours.yml; the customer is told its time with :meth:`when`."""
        return store.promise(self.session, case, what, promise_due(what, self.now, self.policy))

    def promised(self, case: Case, what: str) -> str:
        """Promise something of hours.yml, and say it in the words of company.yml, with its time."""
        made = self.promise(case, what)
        return fill(self.policy.company.promises[what][self.language], {"when": self.when(made.due_at)})

    def when(self, moment: dt.datetime) -> str:
        """A moment as the customer reads it: 'Mittwoch, 25. November, 12:00 Uhr'."""
        return say_when(moment, self.language, self.policy.hours)


class Step(Action, ABC):
    """An action: :meth:`take` works on the turn in one transaction and returns the slots and loops it changes.

    What was said leaves only after the transaction is committed: a confirmation that is read is true.
    """

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        said, events = await asyncio.to_thread(self._transact, tracker)
        for message in said:
            dispatcher.utter_message(**message)
        return events

    def _transact(self, tracker: Tracker) -> tuple[list[dict[str, Any]], Events]:
        asked = self.ask(Heard(tracker))
        with database().begin() as session:
            turn = Turn(tracker, session, utcnow(), current_policy(), asked)
            events = self.take(turn)
        return turn.said, events

    def ask(self, heard: Heard) -> Asked:
        """What has to be asked elsewhere before the transaction begins: SQLite has one writer, who must not wait."""
        return FROM_LIST

    @abstractmethod
    def take(self, turn: Turn) -> Events:
        """Do this step; what it says and asks for is collected in `turn`."""

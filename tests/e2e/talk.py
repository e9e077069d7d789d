"""A customer in the web chat: writes, presses buttons, reads the answers; and what the company has on file about it."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable
from typing import Any

import httpx
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from bot import texts
from bot.cases.model import Case
from bot.cases.report import case_as_dict
from bot.database import Database
from bot.frontdesk.model import Conversation, Message
from bot.run import Stack

Said = dict[str, Any]
PATIENCE = 30.0
"""Seconds that an answer may take before the test fails."""

_MONEY = re.compile(r"(?:€|EUR)\s?(\d[\d.,]*)|(\d[\d.,]*)\s?(?:€|EUR|Euro)")
_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
_NEVER = ("Traceback", "ec.europa.eu", "consumers/odr", "Online-Streitbeilegung", "OS-Plattform", "ODR")
"""What no customer may read: our insides, and the dispute platform of the EU that closed on 20 July 2025."""

_numbers = itertools.count(1)


class Chat:
    """One conversation through the web chat API. `token` goes on with an earlier one, as after a reload."""

    def __init__(self, stack: Stack, database: Database, locale: str = "de", token: str | None = None) -> None:
        self.http = httpx.Client(base_url=stack.base_url, timeout=PATIENCE + 10, trust_env=False)
        self.database = database
        self.welcome: list[Said] = []
        if token is None:
            opened = self.http.post("/chat/sessions", json={"locale": locale})
            assert opened.status_code == 201, opened.text
            token, self.welcome = opened.json()["token"], opened.json()["messages"]
        self.token = token
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.id = str(URLSafeTimedSerializer("", salt="web-chat").loads_unsafe(token)[1])
        self.seen = max((m["seq"] for m in self.welcome), default=0)
        self.last: list[Said] = self.welcome
        self.erased = False  # by the customer's own wish: what was said is gone

    # What the customer does.

    def post(self, **body: Any) -> httpx.Response:
        """A message as the API takes it, whatever is wrong with it."""
        return self.http.post("/chat/messages", json=body)

    def write(self, text: str) -> int:
        """Send a text without waiting for an answer; its number in the conversation."""
        sent = self.post(text=text, client_id=f"test-{next(_numbers)}")
        assert sent.status_code == 202, sent.text
        return int(sent.json()["seq"])

    def say(self, text: str) -> str:
        """Send a text; everything that is answered, as one text."""
        return self._answer(self.write(text))

    def tell_people(self, text: str) -> None:
        """Send a text to the people who hold the conversation; back when it is theirs."""
        seq, end = self.write(text), time.monotonic() + PATIENCE
        while next(message.state for message in self.stored() if message.seq == seq) != "held":
            assert time.monotonic() < end, f"{text!r} has not become the people's"
            self.view(after=seq, wait=0.2)

    def press(self, title: str) -> str:
        """Press the button with this title among those that are live; the answer."""
        payload = self.button(title)
        sent = self.post(payload=payload, client_id=f"test-{next(_numbers)}")
        assert sent.status_code == 202, sent.text
        return self._answer(int(sent.json()["seq"]))

    # What the customer sees.

    def button(self, title: str) -> str:
        """The payload of the newest live button with this title."""
        live = [button for message in self.log() for button in message["buttons"]]
        found = [button["payload"] for button in live if button["title"] == title]
        assert found, f"no button {title!r} among {[button['title'] for button in live]}"
        return str(found[-1])

    @property
    def titles(self) -> list[str]:
        """The buttons of the last answer."""
        return [button["title"] for message in self.last for button in message["buttons"]]

    def view(self, after: int = 0, wait: float = 0) -> dict[str, Any]:
        """The conversation as the API tells it: messages, holder, typing."""
        answer = self.http.get("/chat/messages", params={"after": after, "wait": wait})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def log(self, *authors: str) -> list[Said]:
        """All messages so far, or those of some authors."""
        return [m for m in self.view()["messages"] if not authors or m["author"] in authors]

    def text(self, *authors: str) -> str:
        """What these authors said (the company's side when none is named), as one text."""
        return "\n".join(m["text"] for m in self.log(*(authors or ("bot", "system", "staff"))))

    @property
    def holder(self) -> str:
        return str(self.view()["holder"])

    def hears(self, wanted: str | Callable[[Said], bool], timeout: float = PATIENCE) -> Said:
        """Wait for a message from the company with these words; found too when it has been said already."""
        fits = wanted if callable(wanted) else lambda message: wanted in message["text"]
        until, after, seen = time.monotonic() + timeout, 0, ""
        while (left := until - time.monotonic()) > 0:
            for message in self.view(after, wait=min(left, 20.0))["messages"]:
                after, seen = message["seq"], seen + "\n" + message["text"]
                if message["author"] != "customer" and fits(message):
                    self.seen = max(self.seen, after)
                    return dict(message)
        raise AssertionError(f"not heard within {timeout:g} s: {wanted}; but: {seen}")

    def _answer(self, seq: int) -> str:
        """All replies of a turn are written together, so the first look that finds one finds all."""
        until = time.monotonic() + PATIENCE
        while (left := until - time.monotonic()) > 0:
            new = [m for m in self.view(seq, wait=min(left, 20.0))["messages"] if m["author"] != "customer"]
            if new:
                self.seen, self.last = max(m["seq"] for m in new), new
                return "\n".join(m["text"] for m in new)
        raise AssertionError(f"no answer within {PATIENCE:g} s")

    # What the company has on file.

    def cases(self) -> list[dict[str, Any]]:
        """The cases of this conversation as `erstkontakt case show --json` tells them, oldest first."""
        statement = select(Case).where(Case.conversation == self.id).order_by(Case.received_at, Case.number)
        with self.database.begin() as session:
            return [case_as_dict(session, case) for case in session.scalars(statement)]

    def case(self) -> dict[str, Any]:
        """The one case of this conversation."""
        found = self.cases()
        assert len(found) == 1, [case["number"] for case in found]
        return found[0]

    def stored(self) -> list[Message]:
        """The message log, notes among staff included."""
        statement = select(Message).where(Message.conversation_id == self.id).order_by(Message.seq)
        with self.database.begin() as session:
            return list(session.scalars(statement))

    def understood(self) -> dict[str, Any]:
        """What the dialogue made of the customer's last message."""
        return next(m.understood or {} for m in reversed(self.stored()) if m.author == "customer")

    def check(self) -> None:
        """What holds for every conversation, whatever it was about."""
        log, said = self.stored(), self.text("bot", "system")
        assert [m.seq for m in log] == list(range(1, len(log) + 1)), "numbers have a gap"
        for never in _NEVER:
            assert never not in said, never
        assert not _PLACEHOLDER.search(said), _PLACEHOLDER.search(said)
        assert money(said) <= self._allowed(), f"an amount that nobody offered: {money(said)}"
        for language in [] if self.erased else self._disclosed():
            assert said.count(texts.text("utter_disclosure", language)) == 1, f"AI disclosed once in {language}"
        self._one_answer_each(log)

    def _allowed(self) -> set[int]:
        """Cents that may be named: what the engine or a person offered."""
        return {offer["amount_cents"] for case in self.cases() for offer in case["offers"]}

    def _disclosed(self) -> list[str]:
        with self.database.begin() as session:
            return list(session.get(Conversation, self.id).disclosed)

    def _one_answer_each(self, log: list[Message]) -> None:
        """No turn of the bot says the same thing twice."""
        turn: list[str] = []
        for message in log:
            if message.author == "customer":
                turn = []
            elif message.author == "bot":
                assert message.text not in turn, f"said twice: {message.text}"
                turn.append(message.text)


def money(text: str) -> set[int]:
    """Every amount of euros in a text, in cents."""
    return {_cents(before or after) for before, after in _MONEY.findall(text)}


def _cents(number: str) -> int:
    digits = number.rstrip(".,")
    if re.search(r"[.,]\d\d$", digits):
        return int(re.sub(r"\D", "", digits))
    return int(re.sub(r"\D", "", digits)) * 100

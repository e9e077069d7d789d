"""How fast people see each other's words while many conversations are open: customer to agent and back.

    make bench-live                                   # or: python -m benchmarks.live --conversations 200 --seconds 60

Starts the real processes, opens that many conversations that people hold (half of the customers on a WebSocket, half
polling), lets agents sit at the desk with the queue and a conversation open, and lets everybody write. Measured is the
time from the POST until the words arrive in the other's open stream. Nothing is written to the installation's own data.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import statistics
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import websockets
from sqlalchemy.orm import Session

from bot.child import Service
from bot.config import Settings, settings
from bot.database import Database
from bot.desk import sessions
from bot.desk.users import add_user
from bot.frontdesk import handoff, messages
from bot.frontdesk.channels.web_sessions import Sessions
from bot.frontdesk.model import User
from bot.run import Stack
from bot.services import erstkontakt_services
from bot.trained import newest_model

WITHIN = 0.3
"""Seconds that 95 of 100 messages may take."""

PATIENCE = 30.0
_numbers = itertools.count()


@dataclass
class Place:
    """One conversation that an agent holds."""

    id: str
    token: str
    polls: bool
    agent: Agent


@dataclass
class Agent:
    """Somebody at the desk, with the queue and one conversation in front of them."""

    cookie: str
    csrf: str
    looks_at: Place | None = None


@dataclass
class Times:
    """When what was sent, who waits for it, and how long it took, by direction."""

    sent: dict[str, tuple[str, float]] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def mark(self, direction: str) -> str:
        """A word that is found again when it arrives."""
        word = f"Wort{next(_numbers):06d}"
        self.sent[word] = (direction, time.perf_counter())
        return word

    def arrived(self, text: str, directions: str) -> None:
        """Look for what was waited for in something that came for a customer or an agent."""
        now = time.perf_counter()
        for word in [word for word, (direction, _) in self.sent.items() if direction.startswith(directions)]:
            if word in text:
                direction, began = self.sent.pop(word)
                self.took[direction].append(now - began)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=4, help="messages a second in each direction")
    parser.add_argument("--without-dialogue", action="store_true", help="the front desk alone: people hold everything")
    chosen = parser.parse_args()
    model = newest_model(settings().models)
    if model is None:
        print("no model yet: run `make train` first")
        return 1
    services = _front_desk if chosen.without_dialogue else erstkontakt_services
    with Stack(model=model, services=services) as stack:
        database = Database(stack.settings.db_url)
        places = _fill(stack, database, chosen.conversations, chosen.agents)
        began, used = time.perf_counter(), _cpu(stack.pid("frontdesk"))
        times = asyncio.run(_play(stack.base_url, places, chosen.seconds, chosen.rate))
        share = (_cpu(stack.pid("frontdesk")) - used) / (time.perf_counter() - began)
        print(f"the front desk used {share:.0%} of a processor; load of the machine: {os.getloadavg()[0]:.1f}")
        database.dispose()
    return _report(times, len(places))


def _front_desk(config: Settings, model: Path | None) -> list[Service]:
    """Where people hold all conversations, the dialogue is never asked."""
    return [service for service in erstkontakt_services(config, model) if service.name == "frontdesk"]


def _fill(stack: Stack, database: Database, conversations: int, agents: int) -> list[Place]:
    signer = Sessions(database, stack.settings)
    places = []
    with database.begin() as session:
        staff = [add_user(session, f"Agent {n}", "staff", "correct horse battery") for n in range(agents)]
        session.flush()
        people = []
        for user in staff:
            cookie = sessions.start(session, user)
            signed = sessions.find(session, sessions.hash_token(cookie))
            assert signed is not None
            people.append((user, Agent(cookie, signed.csrf)))
        for n in range(conversations):
            user, agent = people[n % agents]
            place = _held(session, user, agent, signer, polls=n // agents % 2 == 1)
            places.append(place)
            agent.looks_at = agent.looks_at or place
        for n, (_user, agent) in enumerate(people):  # half of the watched customers poll, too
            agent.looks_at = places[n + agents * (n % 2)]
    return places


def _held(session: Session, user: User, agent: Agent, signer: Sessions, *, polls: bool) -> Place:
    conversation = messages.open_conversation(session, "web", "de")
    messages.append(session, conversation, messages.Reply("customer", "Der Kompressor ist kaputt."))
    queued = handoff.hand_over(session, conversation, reason="asked_for_person", severity=2, case_number=None)
    handoff.claim(session, queued.id, user)
    return Place(conversation.id, signer.token(conversation.id), polls, agent)


async def _play(url: str, places: list[Place], seconds: float, rate: float) -> Times:
    times, chance = Times(), random.Random(7)
    watched = [agent.looks_at for agent in {id(p.agent): p.agent for p in places}.values() if agent.looks_at]
    limits = httpx.Limits(max_connections=None, keepalive_expiry=2)  # the server ends idle ones after 5 s
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE + 10, limits=limits, trust_env=False) as http:
        listening = [asyncio.create_task((_poll if p.polls else _socket)(http, url, p, times)) for p in places]
        for place in watched:
            listening.append(asyncio.create_task(_stream(http, "/desk/events", place.agent, times)))
            path = f"/desk/conversations/{place.id}/events?after=1"
            listening.append(asyncio.create_task(_stream(http, path, place.agent, times)))
        await asyncio.sleep(5)  # everybody has arrived
        print(
            f"{len(places)} conversations open, {len(watched)} agents at the desk; writing for {seconds:g} s",
            flush=True,
        )
        began, sending = time.perf_counter(), []
        while (now := time.perf_counter() - began) < seconds:
            # Half of the words go where an agent looks and are measured; the others are what else goes on.
            place = chance.choice(watched if chance.random() < 0.5 else places)
            sending.append(asyncio.create_task(_customer_says(http, place, times, place in watched)))
            place = chance.choice(places)
            sending.append(asyncio.create_task(_agent_says(http, place, times)))
            await asyncio.sleep(max(0.0, (len(sending) / 2) / rate - now) * chance.uniform(0.5, 1.5))
        await asyncio.gather(*sending)
        until = time.perf_counter() + 10
        while times.sent and time.perf_counter() < until:
            await asyncio.sleep(0.1)
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    return times


async def _customer_says(http: httpx.AsyncClient, place: Place, times: Times, measured: bool) -> None:
    word = times.mark("customer to agent") if measured else "Nebenbei"
    answer = await http.post("/chat/messages", json={"text": f"Hören Sie? {word}"}, headers=_bearer(place))
    answer.raise_for_status()


async def _agent_says(http: httpx.AsyncClient, place: Place, times: Times) -> None:
    word = times.mark("agent to customer, long polling" if place.polls else "agent to customer, WebSocket")
    headers = {"Cookie": f"{sessions.COOKIE}={place.agent.cookie}", "X-CSRF-Token": place.agent.csrf}
    address = f"/desk/conversations/{place.id}/say"
    answer = await http.post(address, data={"text": f"Ja. {word}"}, headers={**headers, "Accept": "application/json"})
    answer.raise_for_status()


async def _socket(_http: httpx.AsyncClient, url: str, place: Place, times: Times) -> None:
    address = f"{url.replace('http', 'ws')}/chat/socket?token={place.token}&after=0"
    async with websockets.connect(address, open_timeout=PATIENCE) as socket:  # type: ignore[attr-defined]
        async for text in socket:
            times.arrived(str(text), "agent")


async def _poll(http: httpx.AsyncClient, _url: str, place: Place, times: Times) -> None:
    after = 0
    while True:
        answer = await http.get(f"/chat/messages?after={after}&wait=25", headers=_bearer(place))
        times.arrived(answer.text, "agent")
        after = max([after, *(message["seq"] for message in answer.json()["messages"])])


async def _stream(http: httpx.AsyncClient, path: str, agent: Agent, times: Times) -> None:
    headers = {"Cookie": f"{sessions.COOKIE}={agent.cookie}"}
    with suppress(httpx.RemoteProtocolError):
        async with http.stream("GET", path, headers=headers, timeout=None) as answer:
            async for line in answer.aiter_lines():
                if "conversations" in path:
                    times.arrived(line, "customer")


def _cpu(pid: int | None) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _bearer(place: Place) -> dict[str, str]:
    return {"Authorization": f"Bearer {place.token}"}


def _report(times: Times, conversations: int) -> int:
    slow = bool(times.sent)
    for direction, took in sorted(times.took.items()):
        ordered = sorted(took)
        p95 = ordered[int(len(ordered) * 0.95)]
        slow = slow or p95 > WITHIN
        print(f"{direction}: p50 {statistics.median(ordered) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, "
              f"slowest {ordered[-1] * 1000:.0f} ms, {len(ordered)} messages")  # fmt: skip
    lost = len(times.sent)
    verdict = "too slow" if slow else f"within {WITHIN * 1000:.0f} ms"
    print(f"{conversations} conversations open, {lost} messages lost: {verdict}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())

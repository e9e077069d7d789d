"""What one answer costs: time through the web chat API, memory of the three processes, and the rule engine.

    make bench

Starts the real processes with the live model in a folder of its own, plays the same conversations over and over, and
prints p50 and p95 of a whole answer (from POST to the last reply read) and the memory of each process.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import httpx

from bot.config import settings
from bot.run import Stack
from bot.trained import newest_model

MESSAGES = (
    "Meine Kaffeemaschine ist kaputt",
    "LH-104502, PLZ 80469",
    "Wie sind Ihre Öffnungszeiten?",
    "What am I entitled to?",
    "How is my case going?",
)
ROUNDS = 12


def main() -> int:
    model = newest_model(settings().models)
    if model is None:
        print("no model yet: run `make train` first")
        return 1
    with Stack(model=model) as stack:
        times = [took for _ in range(ROUNDS) for took in _conversation(stack.base_url)][len(MESSAGES) :]
        ordered = sorted(times)
        print(f"whole answer, web chat API: p50 {statistics.median(ordered) * 1000:.0f} ms, "
              f"p95 {ordered[int(len(ordered) * 0.95)] * 1000:.0f} ms, {len(ordered)} answers")  # fmt: skip
        for name in ("rasa", "actions", "frontdesk"):
            print(f"memory, {name}: {_resident(stack.pid(name)) / 1024:.0f} MB")
    return 0


def _conversation(base_url: str) -> list[float]:
    times = []
    with httpx.Client(base_url=base_url, timeout=60, trust_env=False) as client:
        token = client.post("/chat/sessions", json={"locale": "de"}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        for text in MESSAGES:
            start = time.perf_counter()
            seq = client.post("/chat/messages", json={"text": text}).json()["seq"]
            while not client.get("/chat/messages", params={"after": seq, "wait": 20}).json()["messages"]:
                pass
            times.append(time.perf_counter() - start)
    return times


def _resident(pid: int) -> int:
    """Resident memory of a process in kB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


if __name__ == "__main__":
    sys.exit(main())

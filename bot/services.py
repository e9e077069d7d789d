"""The processes of one installation - dialogue, actions, front desk: commands, ports, health addresses."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy.engine import make_url

from bot.child import Service
from bot.config import ROOT, Settings, rasa_token


@dataclass(frozen=True)
class Place:
    """Where a process listens, the address that tells whether it is well, and the setting that moves its port."""

    name: str
    host: str
    port: int
    health: str
    setting: str


def erstkontakt_ports(settings: Settings) -> list[Place]:
    """Where Rasa, the action server and the front desk listen. Only the front desk may face other machines."""
    rasa = f"{settings.rasa_url}/status?token={rasa_token(settings)}"
    desk = f"http://{reachable(settings.host)}:{settings.port}/healthz"
    return [
        Place("rasa", "127.0.0.1", settings.rasa_port, rasa, "ERSTKONTAKT_RASA_PORT"),
        Place(
            "actions", "127.0.0.1", settings.actions_port, f"{settings.actions_url}/health", "ERSTKONTAKT_ACTIONS_PORT"
        ),
        Place("frontdesk", settings.host, settings.port, desk, "ERSTKONTAKT_PORT"),
    ]


def erstkontakt_services(settings: Settings, model: Path | None) -> list[Service]:
    """The processes as commands."""
    rasa, actions, desk = erstkontakt_ports(settings)
    python = sys.executable
    run_rasa = [python, "-m", "bot.rasa_server", "--interface", rasa.host, "--port", str(rasa.port)]
    run_rasa += ["--model", str(model or settings.models), "--endpoints", str(_endpoints(settings))]
    run_rasa += ["--credentials", "credentials.yml"]
    run_actions = [python, "-m", "rasa_sdk", "--actions", "actions", "--port", str(actions.port)]
    run_desk = [python, "-m", "uvicorn", "bot.frontdesk.app:create_app", "--factory", "--no-server-header"]
    run_desk += ["--host", desk.host, "--port", str(desk.port), "--ws", "wsproto"]  # Rasa pins an old `websockets`
    # The chat's WebSocket carries its token in the address: no access log. Open connections get a moment to end.
    run_desk += ["--no-access-log", "--timeout-graceful-shutdown", "4"]
    return [
        Service(rasa.name, tuple(run_rasa), rasa.health),
        Service(actions.name, tuple(run_actions), actions.health, {"SANIC_HOST": actions.host}),
        Service(desk.name, tuple(run_desk), desk.health),
    ]


def free_ports(count: int) -> list[int]:
    """Different ports on loopback that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def reachable(host: str) -> str:
    """The address under which a listener on `host` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, f"[{host}]" if ":" in host else host)


def _endpoints(settings: Settings) -> Path:
    """A copy of Rasa's endpoints.yml with this installation's action server and database, readable for us only."""
    yaml = YAML()
    with open(ROOT / "endpoints.yml", encoding="utf-8") as file:
        endpoints = yaml.load(file) or {}
    endpoints.setdefault("action_endpoint", {})["url"] = f"{settings.actions_url}/webhook"
    if "dialect" in endpoints.get("tracker_store", {}):
        endpoints["tracker_store"].update(_trackers(settings))
    path = settings.var / "endpoints.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        yaml.dump(endpoints, file)
    return path


def _trackers(settings: Settings) -> dict[str, Any]:
    """Where Rasa keeps its trackers: the same server as our tables, or on SQLite a file of its own beside ours."""
    place = make_url(settings.db_url)
    if place.get_backend_name() == "sqlite":
        return {"db": str(settings.var / "trackers.db")}
    known = {"url": place.host, "port": place.port, "username": place.username, "password": place.password}
    known |= {"dialect": place.drivername, "db": place.database, "query": dict(place.query)}
    return {name: value for name, value in known.items() if value}

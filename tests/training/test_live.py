"""Which model is live is decided by people, written down, and can be taken back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot import rasa_server
from bot.config import Settings, rasa_token
from bot.services import free_ports
from bot.training import live, manifest, promote
from bot.training.examples import Example
from bot.training.label import Label


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def model(models: Path, name: str) -> Path:
    path = models / f"{name}.tar.gz"
    path.write_text(name)
    return path


def test_a_new_model_changes_nothing_until_it_is_promoted(models: Path) -> None:
    assert live.live_model(models) is None
    first = model(models, "1")
    assert live.live_model(models) == first
    assert not live.decided(models)
    live.take(models, first, "run")
    second = model(models, "2")
    assert live.live_model(models) == first
    live.take(models, second, "Mira")
    assert live.live_model(models) == second
    assert [(entry.model, entry.by) for entry in live.history(models)] == [("2.tar.gz", "Mira"), ("1.tar.gz", "run")]


def test_one_can_go_back_step_by_step_but_not_beyond_the_first(models: Path) -> None:
    for number in range(3):
        live.take(models, model(models, str(number)), "Mira")
    assert live.back(models, "Robin").name == "1.tar.gz"
    assert live.back(models, "Robin").name == "0.tar.gz"
    with pytest.raises(live.NoModelBefore):
        live.back(models, "Robin")
    assert live.live_model(models) == models / "0.tar.gz"


def test_a_deleted_model_or_a_broken_note_does_not_stop_the_bot(models: Path) -> None:
    first, second = model(models, "1"), model(models, "2")
    live.take(models, first, "run")
    live.take(models, second, "Mira")
    second.unlink()
    assert live.live_model(models) == first
    (models / live.LIVE).write_text("{half")
    assert live.live_model(models) == first


def test_rasa_asks_for_the_live_model_at_every_start(models: Path) -> None:
    live.take(models, model(models, "1"), "Mira")
    model(models, "2")
    options = ["--port", "5005", "--model", str(models)]
    assert rasa_server._with_live_model(options) == ["--port", "5005", "--model", str(models / "1.tar.gz")]
    chosen = ["--model", str(models / "2.tar.gz"), "--port", "5005"]
    assert rasa_server._with_live_model(chosen) == chosen


def test_train_says_how_many_examples_are_new(models: Path) -> None:
    path = model(models, "1")
    hello = Example("Hallo", Label("de", "greet"), "de/greet.yml", 5)
    bye = Example("Tschüss", Label("de", "goodbye"), "de/goodbye.yml", 5)
    assert manifest.difference(path, [hello]) is None
    manifest.write(path, [hello])
    assert manifest.difference(path, [hello]) == []
    assert manifest.difference(path, [bye]) == [
        manifest.Difference("de", "goodbye", 1, 0),
        manifest.Difference("de", "greet", 0, 1),
    ]


class Rasa(BaseHTTPRequestHandler):
    """Answers PUT /model like Rasa does: 204 when the model loads, an error when it does not."""

    loads = 204
    token = ""
    model = "old.tar.gz"

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = type(self).loads if f"token={type(self).token}" in self.path else 401
        if status == 204:
            type(self).model = body["model_file"]
        self.send_response(status)
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"model_file": type(self).model}).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def rasa(tmp_path: Path, models: Path) -> Iterator[Settings]:
    """The settings of an installation whose Rasa server is replaced by one that can be told to fail."""
    settings = Settings(var=tmp_path, models=models, rasa_port=free_ports(1)[0], secret="for tests only")
    Rasa.loads, Rasa.token, Rasa.model = 204, rasa_token(settings), "old.tar.gz"
    server = HTTPServer(("127.0.0.1", settings.rasa_port), Rasa)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield settings
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_running_server_takes_the_model_that_was_live_before(rasa: Settings, models: Path) -> None:
    live.take(models, model(models, "1"), "run")
    live.take(models, model(models, "2"), "Mira")
    done = promote.rollback(rasa, "Robin")
    assert (done.model.name, done.running, Path(Rasa.model).name) == ("1.tar.gz", True, "1.tar.gz")
    assert live.history(models)[0].by == "Robin"


@pytest.mark.parametrize("status", [400, 500])
def test_when_the_server_cannot_load_it_nothing_has_changed(rasa: Settings, models: Path, status: int) -> None:
    live.take(models, model(models, "1"), "run")
    live.take(models, model(models, "2"), "Mira")
    Rasa.loads = status
    with pytest.raises(promote.NotPromoted, match="the live model stays"):
        promote.rollback(rasa, "Robin")
    assert live.live_model(models) == models / "2.tar.gz"


def test_without_a_server_the_next_start_takes_it(tmp_path: Path, models: Path) -> None:
    live.take(models, model(models, "1"), "run")
    live.take(models, model(models, "2"), "Mira")
    settings = Settings(var=tmp_path, models=models, rasa_port=free_ports(1)[0])
    assert promote.rollback(settings, "Robin") == promote.Done(models / "1.tar.gz", running=False)


def test_a_server_of_somebody_else_is_left_alone(rasa: Settings, models: Path) -> None:
    live.take(models, model(models, "1"), "run")
    Rasa.token = "another"
    with pytest.raises(promote.NotPromoted, match="another installation"):
        promote.swap(rasa, models / "1.tar.gz")

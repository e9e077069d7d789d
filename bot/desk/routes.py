"""Every address of the desk and who may use it: the one table of rights."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.desk import actions, live, login, pages, saved_views, training
from bot.desk.context import PREFIX, READERS, TRAINERS, WRITERS, Desk
from bot.desk.guard import Endpoint, require

__all__ = ["PREFIX", "Desk", "routes"]

MAX_BODY = 64 * 1024
"""Bytes of a form; the longest message is 8,000 characters."""

_ACTIONS: dict[str, Endpoint] = {
    "claim": actions.claim,
    "say": actions.say,
    "note": actions.note,
    "release": actions.release,
    "return": actions.give_back,
    "resolve": actions.resolve,
    "grant": actions.grant,
    "typing": actions.typing,
    "correct": training.correct,
}


def routes(desk: Desk) -> list[BaseRoute]:
    """The desk's routes, to be mounted at :data:`PREFIX`."""
    form = login.LogIn(desk)
    reading, writing, teaching = require(desk, *READERS), require(desk, *WRITERS), require(desk, *TRAINERS)
    conversation = "/conversations/{id}"
    return [
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        Route("/login", form.show, methods=["GET"]),
        Route("/login", form.log_in, methods=["POST"], max_body_size=MAX_BODY),
        Route("/logout", reading(login.log_out), methods=["POST"], max_body_size=MAX_BODY),
        Route("/language", reading(login.choose_language), methods=["POST"], max_body_size=MAX_BODY),
        Route("/", reading(pages.queue), methods=["GET"]),
        Route("/events", reading(live.queue_events), methods=["GET"]),
        Route("/cases", reading(pages.cases), methods=["GET"]),
        Route("/views", reading(saved_views.save), methods=["POST"], max_body_size=MAX_BODY),
        Route("/views/{id}/remove", reading(saved_views.remove), methods=["POST"], max_body_size=MAX_BODY),
        Route("/cases/{number}", reading(pages.case), methods=["GET"]),
        Route("/training", teaching(training.inbox_page), methods=["GET"]),
        Route("/training/neighbours", teaching(training.neighbours), methods=["GET"]),
        Route("/training/messages/{id}", teaching(training.message_page), methods=["GET"]),
        Route("/training/messages/{id}", teaching(training.label), methods=["POST"], max_body_size=MAX_BODY),
        Route("/training/messages/{id}/dismiss", teaching(training.dismiss), methods=["POST"], max_body_size=MAX_BODY),
        Route("/training/changes/{id}/undo", teaching(training.undo), methods=["POST"], max_body_size=MAX_BODY),
        Route("/attachments/{id}", reading(pages.attachment), methods=["GET"]),
        Route(conversation, reading(pages.conversation), methods=["GET"]),
        Route(conversation + "/events", reading(live.conversation_events), methods=["GET"]),
        *(
            Route(f"{conversation}/{name}", writing(endpoint), methods=["POST"], max_body_size=MAX_BODY)
            for name, endpoint in _ACTIONS.items()
        ),
    ]

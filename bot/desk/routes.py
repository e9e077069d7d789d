"""Every address of the desk and who may use it: the one table of rights."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.cases.approvals import APPROVERS
from bot.desk import (
    actions,
    duties,
    favours,
    handing_on,
    live,
    login,
    me,
    mentions,
    pages,
    people,
    saved_views,
    training,
)
from bot.desk.context import ADMINS, PREFIX, READERS, TRAINERS, WRITERS, Desk
from bot.desk.guard import Endpoint, require
from bot.desk.notices import browser, choices
from bot.frontdesk import attachments

__all__ = ["PREFIX", "Desk", "routes"]

MAX_BODY = 64 * 1024
"""Bytes of a form; the longest message is 8,000 characters."""

MAX_UPLOAD = attachments.MAX_BYTES + MAX_BODY
"""Bytes of a form with a file."""

_STEPS = {**actions.STEPS, **handing_on.STEPS, **favours.STEPS}

_ACTIONS: dict[str, Endpoint] = {
    **{name: actions.taking(step) for name, step in _STEPS.items() if name != "say"},  # it may bring a file: below
    "typing": actions.typing,
    "correct": training.correct,
}

_ME: dict[str, Endpoint] = {
    "password": me.change_password,
    "factor": me.begin_factor,
    "factor/confirm": me.confirm_factor,
    "factor/codes": me.new_codes,
    "factor/off": me.remove_factor,
    "sessions": me.end_sessions,
    "notices": choices.save,
    "notices/test": choices.try_mail,
    "telegram": choices.link_telegram,
    "telegram/off": choices.unlink_telegram,
}

_ACCOUNT: dict[str, Endpoint] = {
    "password": people.new_password,
    "sessions": people.end_sessions,
    "factor": people.remove_factor,
    "lock": people.lock,
    "unlock": people.unlock,
}


def routes(desk: Desk) -> list[BaseRoute]:
    """The desk's routes, to be mounted at :data:`PREFIX`."""
    form = login.LogIn(desk)
    reading, writing, teaching = require(desk, *READERS), require(desk, *WRITERS), require(desk, *TRAINERS)
    admins, approving = require(desk, *ADMINS), require(desk, *APPROVERS)
    conversation, account = "/conversations/{id}", "/users/{id:int}"
    return [
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        Route("/login", form.show, methods=["GET"]),
        Route("/login", form.log_in, methods=["POST"], max_body_size=MAX_BODY),
        Route("/login/code", form.check_code, methods=["POST"], max_body_size=MAX_BODY),
        Route("/logout", reading(login.log_out), methods=["POST"], max_body_size=MAX_BODY),
        Route("/language", reading(login.choose_language), methods=["POST"], max_body_size=MAX_BODY),
        Route("/", reading(pages.queue), methods=["GET"]),
        Route("/events", reading(live.queue_events), methods=["GET"]),
        Route("/cases", reading(pages.cases), methods=["GET"]),
        Route("/views", reading(saved_views.save), methods=["POST"], max_body_size=MAX_BODY),
        Route("/views/{id}/remove", reading(saved_views.remove), methods=["POST"], max_body_size=MAX_BODY),
        Route("/cases/{number}", reading(pages.case), methods=["GET"]),
        Route("/mentions", reading(mentions.page), methods=["GET"]),
        Route("/approvals", reading(favours.page), methods=["GET"]),
        Route("/approvals/{id}/approve", approving(favours.approve), methods=["POST"], max_body_size=MAX_BODY),
        Route("/approvals/{id}/refuse", approving(favours.refuse), methods=["POST"], max_body_size=MAX_BODY),
        Route("/duties", reading(duties.page), methods=["GET"]),
        Route("/duties/{id}/take", writing(duties.take), methods=["POST"], max_body_size=MAX_BODY),
        Route("/duties/{id}/done", writing(duties.finish), methods=["POST"], max_body_size=MAX_BODY),
        Route("/training", teaching(training.inbox_page), methods=["GET"]),
        Route("/training/neighbours", teaching(training.neighbours), methods=["GET"]),
        Route("/training/messages/{id}", teaching(training.message_page), methods=["GET"]),
        Route("/training/messages/{id}", teaching(training.label), methods=["POST"], max_body_size=MAX_BODY),
        Route("/training/messages/{id}/dismiss", teaching(training.dismiss), methods=["POST"], max_body_size=MAX_BODY),
        Route("/training/changes/{id}/undo", teaching(training.undo), methods=["POST"], max_body_size=MAX_BODY),
        Route("/attachments/{id}", reading(pages.attachment), methods=["GET"]),
        Route(conversation, reading(pages.conversation), methods=["GET"]),
        Route(conversation + "/modules", writing(pages.modules), methods=["GET"]),
        Route(conversation + "/colleagues", writing(mentions.colleagues), methods=["GET"]),
        Route(conversation + "/seen", reading(mentions.seen), methods=["POST"], max_body_size=MAX_BODY),
        Route(conversation + "/events", reading(live.conversation_events), methods=["GET"]),
        Route(conversation + "/say", writing(actions.say, files=True), methods=["POST"], max_body_size=MAX_UPLOAD),
        *(
            Route(f"{conversation}/{name}", writing(endpoint), methods=["POST"], max_body_size=MAX_BODY)
            for name, endpoint in _ACTIONS.items()
        ),
        Route("/me", reading(me.show), methods=["GET"]),
        *(
            Route(f"/me/{name}", reading(endpoint), methods=["POST"], max_body_size=MAX_BODY)
            for name, endpoint in _ME.items()
        ),
        Route("/notices", reading(browser.listed), methods=["GET"]),
        Route("/notices/events", reading(browser.events), methods=["GET"]),
        Route("/notices/shown", reading(browser.shown), methods=["POST"], max_body_size=MAX_BODY),
        Route("/notices/read", reading(browser.read_all), methods=["POST"], max_body_size=MAX_BODY),
        Route("/users", admins(people.everybody), methods=["GET"]),
        Route("/users", admins(people.add), methods=["POST"], max_body_size=MAX_BODY),
        Route(account, admins(people.one), methods=["GET"]),
        Route(account, admins(people.change), methods=["POST"], max_body_size=MAX_BODY),
        *(
            Route(f"{account}/{name}", admins(endpoint), methods=["POST"], max_body_size=MAX_BODY)
            for name, endpoint in _ACCOUNT.items()
        ),
    ]

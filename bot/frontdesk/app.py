"""The front desk: one ASGI app with the web chat, the desk, Telegram's webhook, health, widget and demo page."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from telegram import Bot

from bot.config import ROOT, Settings, settings
from bot.database import Database, database
from bot.desk.notices.chat import Chat
from bot.desk.notices.courier import Courier
from bot.desk.notices.mail import Postman
from bot.desk.routes import Desk
from bot.desk.routes import routes as desk_routes
from bot.desk.topics.team import Team
from bot.frontdesk import copies
from bot.frontdesk.channels import web
from bot.frontdesk.channels.telegram.channel import TelegramChannel
from bot.frontdesk.channels.web_origins import OriginCheck
from bot.frontdesk.channels.web_requests import Refused, refused
from bot.frontdesk.elsewhere import Elsewhere
from bot.frontdesk.hub import Hub
from bot.frontdesk.logs import configure_logs
from bot.frontdesk.mail import Mail
from bot.frontdesk.rasa import Dialogue
from bot.frontdesk.router import Router
from bot.frontdesk.security import SecurityHeaders
from bot.frontdesk.transcripts import Transcripts
from bot.frontdesk.watch import Watch

log = logging.getLogger(__name__)


def create_app(config: Settings | None = None) -> Starlette:
    """The app with everything wired; what runs beside requests starts and stops with it."""
    config = config or settings()
    configure_logs(config)
    data = database() if config is settings() else Database(config.db_url)
    hub, dialogue = Hub(), Dialogue(config)
    router = Router(data, dialogue, hub, config)
    watch = Watch(data, hub, config)
    desk = Desk(database=data, hub=hub, settings=config)
    courier = Courier(data, hub, retry_delay=config.retry_delay)

    async def tell_staff(bot: Bot) -> None:
        desk.telegram_name = bot.username
        await courier.deliver("telegram", Chat(bot, config.base_url))

    telegram = (
        TelegramChannel(
            database=data,
            settings=config,
            wake=router.wake,
            hub=hub,
            staff=Team(data, hub, config),
            beside=tell_staff,
        )
        if config.telegram_token
        else None
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await router.resume()
        watching = [asyncio.create_task(watch.forever()), asyncio.create_task(Elsewhere(data, hub).forever())]
        if config.smtp_host:
            watching.append(asyncio.create_task(courier.deliver("email", Postman(config))))
            mailing = Transcripts(data, hub, Mail(config), retry_delay=config.retry_delay)
            watching.append(asyncio.create_task(mailing.forever()))
        if telegram is not None:
            await telegram.start()
        try:
            yield
        finally:
            for task in watching:
                task.cancel()
            if telegram is not None:
                await telegram.stop()
            await router.stop()
            await dialogue.close()

    async def readyz(_request: Request) -> Response:
        parts = {**await dialogue.ready(), "database": await _database_answers(data)}
        return JSONResponse({"ready": all(parts.values()), **parts}, status_code=200 if all(parts.values()) else 503)

    channel = web.WebChannel(data, router, hub, config)
    routes: list[BaseRoute] = [
        Route("/", lambda _request: FileResponse(ROOT / "widget" / "demo.html")),
        Route("/healthz", lambda _request: JSONResponse({"alive": True})),
        Route("/readyz", readyz),
        *channel.routes(),
        *copies.routes(data, config),
        *(telegram.routes() if telegram is not None else []),
        Mount("/widget", _Fresh(directory=ROOT / "widget")),
        Mount("/desk", routes=desk_routes(desk)),
    ]
    origins = [origin.strip() for origin in config.allowed_origins.split(",") if origin.strip()]
    return Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={Refused: refused, Exception: _sorry},
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(
                CORSMiddleware,
                allow_origins=origins,
                allow_methods=["GET", "POST"],
                allow_headers=["authorization", "content-type"],
            ),
            Middleware(OriginCheck, allowed=[*origins, config.base_url]),
        ],
    )


class _Fresh(StaticFiles):
    """Files that a browser asks for again each time, mostly answered 304: modules of two versions do not fit."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


async def _database_answers(data: Database) -> bool:
    try:
        await data.run(lambda session: session.execute(text("SELECT 1")).scalar())
    except Exception:
        log.exception("database does not answer")
        return False
    return True


async def _sorry(_request: Request, error: Exception) -> Response:
    """Whatever went wrong inside, a customer reads a sentence and never a stack trace."""
    log.error("request failed", exc_info=error)
    message = "Da ist bei uns etwas schiefgegangen. Bitte versuchen Sie es gleich noch einmal. / Something went wrong."
    return JSONResponse({"error": {"code": "internal", "message": message}}, status_code=500)

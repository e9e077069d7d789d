"""`erstkontakt run`: everything that makes the bot answer on one machine."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import err, fail, out

if TYPE_CHECKING:
    from rich.table import Table

    from bot.config import Settings
    from bot.first_run import Account
    from bot.run import Stack

STATE_WORDS = {"stopped": "[red]stopped[/]", "starting": "[yellow]starting[/]", "up": "[green]ready[/]"}


def run(
    demo: Annotated[bool, typer.Option(help="Give a new database demo orders and a member of staff.")] = True,
    train: Annotated[bool, typer.Option(help="Train the dialogue model when its data changed.")] = True,
) -> None:
    """Start the bot: dialogue, actions and front desk, until Ctrl-C."""
    from bot.run import Stack, StackError

    os.umask(0o077)  # cases, photos and logs hold personal data: for the owner only
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stack = Stack(ports="configured", tell=lambda sentence: err.print(f"{dt.datetime.now():%H:%M:%S} {sentence}"))
    try:
        stack.open()
        accounts = _prepare_database(stack.settings, demo)
        _decide_model(stack.settings.models, train, stop)
        if not stop.is_set():
            stack.launch()  # the live model, also when Rasa starts again later
            _wait(stack, stop)
        if not stop.is_set():
            _welcome(stack, accounts)
        stop.wait()
    except StackError as error:
        fail(str(error))
    finally:
        if stack.states():
            out.print("Stopping ...")
        stack.close()


def _prepare_database(settings: Settings, demo: bool) -> list[Account]:
    from bot.database import Database
    from bot.first_run import is_new, set_up
    from bot.migrate import upgrade

    upgrade(settings.db_url)
    database = Database(settings.db_url)
    try:
        with database.begin() as session:
            return set_up(session, settings.var, dt.date.today(), demo=demo) if is_new(session) else []
    finally:
        database.dispose()


def _decide_model(models: Path, train: bool, stop: threading.Event) -> None:
    """Train when data changed; the new model is live if no protected case gets worse, else the one before serves."""
    from bot.commands.language import train_with_progress
    from bot.trained import TrainingFailed, changes, newest_model
    from bot.training import live, promote
    from bot.training.answers import ModelUnusable

    changed = changes(models)
    if train and changed:
        try:
            candidate = train_with_progress(models, changed, stop)
            if live.decided(models):
                promote.check(models, candidate)
            live.take(models, candidate, "run")
            changed = []
        except TrainingFailed as error:
            if not stop.is_set():
                err.print(str(error), style="red", markup=False)
        except (promote.GetsWorse, ModelUnusable) as refused:
            err.print(f"A new model was trained and is not used: {refused}", style="yellow", markup=False)
    model = live.live_model(models)
    if model is None and not stop.is_set():
        fail("there is no dialogue model: erstkontakt train says why it cannot be made")
    if model is not None and (changed or model != newest_model(models)):
        err.print(f"Serving {model.name}, which is older than its training data.", style="yellow", markup=False)


def _wait(stack: Stack, stop: threading.Event) -> None:
    from rich.live import Live

    began = time.monotonic()
    with Live(console=out, auto_refresh=False, transient=True) as live:
        stack.wait_ready(stop=stop, on_look=lambda: live.update(_progress(stack, began), refresh=out.is_terminal))


def _progress(stack: Stack, began: float) -> Table:
    from rich.table import Table

    table = Table(box=None, show_header=False)
    for name, state in stack.states().items():
        table.add_row(name, STATE_WORDS[state])
    table.add_row("", f"{time.monotonic() - began:.0f} s")
    return table


def _welcome(stack: Stack, accounts: list[Account]) -> None:
    from bot.first_run import CREDENTIALS

    base = stack.settings.base_url
    out.print(f"[green]Ready.[/]  Demo page with the chat   {base}/")
    out.print(f"        Staff desk                {base}/desk")
    if accounts:
        kept = stack.settings.var / CREDENTIALS
        out.print(f"\nLog-ins at the desk, shown this once (also in {kept}):", markup=False, soft_wrap=True)
        for account in accounts:
            out.print(f"  {account.name:6} {account.password}   ({account.role})", markup=False)
        out.print("\nOrders to try: demo/README.md")
    out.print(f"Logs: {stack.settings.var / 'log'}   Stop: Ctrl-C", markup=False)

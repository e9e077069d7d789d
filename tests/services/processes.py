"""Processes of the tests' own, quickly: forked from one without threads that has loaded the program already."""

from __future__ import annotations

from multiprocessing import get_context

FORKED = get_context("forkserver")
FORKED.set_forkserver_preload(
    "typer rich.console rich.table rich.progress alembic.command sqlalchemy.orm pytest bot.migrate bot.cases.model "
    "bot.cases.offers bot.desk.users bot.frontdesk.handoff bot.frontdesk.privacy bot.training.inbox "
    "bot.goodwill.reading".split()
)
"""What takes the time. Not `bot.commands`: its consoles look at the environment when they are made."""

"""`erstkontakt doctor`: what is missing on this machine, each with its remedy."""

from __future__ import annotations

import typer
from rich.text import Text

from bot.commands.console import out

SIGNS = {"ok": ("ok     ", "green"), "note": ("note   ", "yellow"), "missing": ("missing", "red")}


def doctor() -> None:
    """Check everything that the bot needs. Ends with 1 when something is missing."""
    from bot.checkup import examine
    from bot.config import settings

    missing = 0
    for finding in examine(settings()):
        sign, style = SIGNS[finding.grade]
        out.print(Text.assemble((sign, style), f" {finding.subject}: {finding.what}"), soft_wrap=True)
        if finding.remedy:
            out.print(f"        {finding.remedy}", markup=False, soft_wrap=True)
        missing += finding.grade == "missing"
    if missing:
        raise typer.Exit(1)

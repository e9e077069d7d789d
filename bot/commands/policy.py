"""`erstkontakt policy`: the rules that management edits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.console import err, out

app = typer.Typer(help="The rules in policy/.", no_args_is_help=True)


@app.callback()
def policy() -> None:
    """The rules in policy/."""


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="Another folder than that of the settings.")] = None,
) -> None:
    """Check all policy files, the text modules for staff included.

    Every error is named with its file, line and remedy. Ends with 1 when there is one.
    """
    from bot.config import settings
    from bot.desk.replies import check_replies
    from bot.goodwill.policy import check_policy, load_policy

    folder = folder or settings().policy
    errors = [*check_policy(folder), *check_replies(folder)]
    for error in errors:
        err.print(
            f"{error.file}:{error.line}: {error.message} - {error.remedy}", style="red", markup=False, soft_wrap=True
        )
    if errors:
        raise typer.Exit(1)
    out.print(f"The policy in {folder} is valid: version {load_policy(folder).version}.", markup=False)

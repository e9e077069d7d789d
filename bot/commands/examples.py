"""`erstkontakt examples`: what was misunderstood, and examples made of it."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import err, fail, out, ready_database

if TYPE_CHECKING:
    from bot.training.label import Label

app = typer.Typer(help="What was misunderstood, and examples made of it.", no_args_is_help=True)

Author = Annotated[str, typer.Option(help="Who does this, kept with the change; without it your log-in name.")]


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(help="How many at most.")] = 30,
    language: Annotated[str | None, typer.Option(help="Only de or en.")] = None,
) -> None:
    """What was misunderstood, newest and most frequent first; personal data is masked."""
    from rich.table import Table
    from rich.text import Text

    from bot.desk.access import confidential_ids
    from bot.training.inbox import groups

    with ready_database().begin() as session:
        found = groups(session, hidden=confidential_ids())
    shown = [group for group in found if language in (None, group.face.language)]
    table = Table("id", "times", "why", "taken for", "message")
    for group in shown[:limit]:
        face = group.face
        taken = f"{face.understood} {face.confidence:.0%}" if face.understood else "nothing"
        table.add_row(face.message_id[:8], str(group.count), ", ".join(group.reasons), taken, Text(face.text[:300]))
    out.print(table if shown else "Nothing was misunderstood. Or nobody wrote yet.")
    if shown:
        out.print(f"{len(shown)} kinds of messages. Next: erstkontakt examples label {shown[0].face.message_id[:8]}")


@app.command("label")
def label_(
    message: Annotated[str | None, typer.Argument(help="The id from `examples list`; without it give --text.")] = None,
    text: Annotated[
        str | None, typer.Option(help="The example, its entities marked: charged \\[39 euros](money) twice.")
    ] = None,
    intent: Annotated[str | None, typer.Option(help="What the customer does, for example complain.")] = None,
    category: Annotated[str | None, typer.Option(help="What a complaint is about.")] = None,
    flag: Annotated[list[str] | None, typer.Option(help="What makes it difficult; may be given several times.")] = None,
    remedy: Annotated[list[str] | None, typer.Option(help="What is asked for; may be given several times.")] = None,
    language: Annotated[str | None, typer.Option(help="de or en.")] = None,
    author: Author = "",
    yes: Annotated[bool, typer.Option("--yes", help="Save without asking, whatever the neighbours say.")] = False,
) -> None:
    """Say what a message means and write it into its file in data/nlu. What is not given is asked for."""
    from bot.desk.access import confidential_ids
    from bot.training import files, inbox
    from bot.training.examples import checked_text
    from bot.training.label import BadExample, Label
    from bot.training.masking import mask_and_mark
    from bot.training.neighbours import Neighbours

    data = ready_database()
    with data.begin() as session:
        group = inbox.find(session, message, hidden=confidential_ids()) if message else None
    if message and group is None:
        fail(f"there is no message {message} in the inbox: see erstkontakt examples list")
    if text is None and group is None:
        fail("what should be labelled? Give an id from erstkontakt examples list, or --text")
    asks = intent is None and not yes
    marked = text or mask_and_mark(group.face.text if group else "")
    suggestion = group.suggestion if group else None
    if asks:
        out.print(marked, markup=False)
        marked = typer.prompt("Example", default=marked)
    guess = Label(
        language or (group.face.language if group else "") or _ask("Language", ("de", "en"), None),
        intent or _ask_intent(suggestion),
        category,
        frozenset(flag if flag is not None else (suggestion.flags if suggestion and asks else ())),
        frozenset(remedy if remedy is not None else (suggestion.remedies if suggestion and asks else ())),
    )
    wanted = _complete(guess, suggestion, ask=asks)
    try:
        wanted.checked()
        marked = checked_text(marked)
        warnings = Neighbours().check(marked, wanted).sentences()
        for sentence in warnings:
            err.print(sentence, style="yellow", markup=False, soft_wrap=True)
        if warnings and not yes and not typer.confirm("Save all the same?"):
            raise typer.Exit(1)
        with data.begin() as session:
            change = files.add(session, marked, wanted, author or getpass.getuser())
            if group is not None:
                inbox.mark(session, group, change.who, change.id)
    except BadExample as bad:
        fail(str(bad))
    out.print(f"Change {change.id}: written into data/nlu/{change.file}. Next: erstkontakt train --promote",
              markup=False, soft_wrap=True)  # fmt: skip


@app.command()
def dismiss(message: Annotated[str, typer.Argument(help="The id from `examples list`.")], author: Author = "") -> None:
    """Put a message aside: it makes no good example."""
    from bot.training import inbox

    with ready_database().begin() as session:
        group = inbox.find(session, message)
        if group is None:
            fail(f"there is no message {message} in the inbox: see erstkontakt examples list")
        inbox.mark(session, group, author or getpass.getuser())
    out.print("Put aside.")


@app.command()
def undo(
    change: Annotated[int | None, typer.Argument(help="The number of the change; without it the last one.")] = None,
    author: Author = "",
) -> None:
    """Take an example out again."""
    from bot.training import files
    from bot.training.label import BadExample

    try:
        with ready_database().begin() as session:
            if change is None:
                change = next((row.id for row in files.changes(session) if row.undone_at is None), None)
            if change is None:
                fail("there is nothing to undo")
            row = files.undo(session, change, author or getpass.getuser())
    except BadExample as bad:
        fail(str(bad))
    out.print(f"Undone: {row.text} ({row.file})", markup=False, soft_wrap=True)


@app.command()
def changes(limit: Annotated[int, typer.Option(help="How many at most.")] = 30) -> None:
    """Who wrote which example when, and what was undone."""
    from rich.table import Table
    from rich.text import Text

    from bot.training import files

    table = Table("change", "when", "who", "file", "example", "undone by")
    with ready_database().begin() as session:
        for row in files.changes(session, limit):
            table.add_row(
                str(row.id), f"{row.at:%Y-%m-%d %H:%M}", row.who, row.file, Text(row.text), row.undone_by or ""
            )
    out.print(table)


def _complete(label: Label, suggestion: Label | None, *, ask: bool) -> Label:
    """Ask for what belongs to the intent: the category of a complaint, flags and remedies."""
    from dataclasses import replace

    from bot import taxonomy

    if label.intent == "complain" and label.category is None:
        before = suggestion.category if suggestion else None
        label = replace(label, category=_ask("Category", taxonomy.categories(), before))
    if ask:
        flags = _ask_several("Flags", taxonomy.flags(), label.flags)
        label = replace(label, flags=flags, remedies=_ask_several("Remedies", taxonomy.remedies(), label.remedies))
    return label


def _ask_intent(suggestion: Label | None) -> str:
    from bot import taxonomy

    return _ask("Intent", taxonomy.intents(), suggestion.intent if suggestion else None)


def _ask(what: str, names: tuple[str, ...], default: str | None) -> str:
    out.print(f"[bold]{what}[/]: {', '.join(names)}")
    return str(typer.prompt(what, default=default))


def _ask_several(what: str, names: tuple[str, ...], default: frozenset[str]) -> frozenset[str]:
    out.print(f"[bold]{what}[/] (several, or - for none): {', '.join(names)}")
    said = str(typer.prompt(what, default=" ".join(sorted(default)) or "-"))
    return frozenset(said.replace(",", " ").split()) - {"-"}

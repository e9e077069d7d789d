"""Writing examples into data/nlu as a careful person would: one line in, one line out, nothing else touched."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import taxonomy
from bot.database import utcnow
from bot.training.examples import DATA, Group, checked_text, groups_of, plain
from bot.training.label import BadExample, Label, in_order, label_of
from bot.training.model import ExampleChange, InboxMark

_HEAD = 'version: "3.1"\nnlu:\n'
_ITEM = re.compile(r"\s*-\s")


def add(session: Session, marked: str, label: Label, who: str, data: Path = DATA) -> ExampleChange:
    """Write one example into its file and group, and record who did it.

    `marked` has its entities as ``[surface](entity)``. Raises :class:`BadExample` when the label or a mark is wrong,
    the file cannot be read, or the example is there already; then nothing has changed.
    """
    label, text = label.checked(), checked_text(marked)
    change = ExampleChange(at=utcnow(), who=who, file=label.file, text=text, label=label.as_dict())
    with _alone(data):
        source, groups = _read(data, label.file)
        for group in groups:
            for example in group.examples:
                if plain(example.marked).casefold() == plain(text).casefold():
                    remedy = "nothing needs to be done"
                    raise BadExample("this example is there already", remedy, example.place, code="twice")
        session.add(change)
        session.flush()  # what cannot be recorded is not written
        same = next((group for group in groups if group.label == label and group.examples), None)
        _write(data, label.file, _with_line(source, same, text) if same else _with_group(source, label, text))
    return change


def undo(session: Session, change_id: int, who: str, data: Path = DATA) -> ExampleChange:
    """Take out again what :func:`add` wrote; its messages are in the inbox again.

    Raises :class:`BadExample` when there is no such change, it was undone, or the line was edited since.
    """
    change = session.get(ExampleChange, change_id)
    if change is None:
        raise BadExample(f"there is no change {change_id}", "see erstkontakt examples changes", code="gone")
    if change.undone_at is not None:
        what = f"change {change_id} was undone by {change.undone_by}"
        raise BadExample(what, "nothing needs to be done", code="gone")
    label = label_of(change.label)
    with _alone(data):
        source, groups = _read(data, change.file)
        group = next((g for g in groups if g.label == label and any(e.marked == change.text for e in g.examples)), None)
        if group is None:
            raise BadExample("the example is not there any more", "somebody edited it: change it in the file",
                             f"data/nlu/{change.file}", code="gone")  # fmt: skip
        change.undone_at, change.undone_by = utcnow(), who
        for mark in session.scalars(select(InboxMark).where(InboxMark.change_id == change_id)):
            session.delete(mark)
        session.flush()
        _write(data, change.file, _without_line(source, group, change.text))
    return change  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def changes(session: Session, limit: int = 50) -> list[ExampleChange]:
    """The newest changes first."""
    return list(session.scalars(select(ExampleChange).order_by(ExampleChange.id.desc()).limit(limit)))


def _read(data: Path, file: str) -> tuple[str, list[Group]]:
    path = data / file
    if not path.exists():
        return _HEAD, []
    with open(path, encoding="utf-8", newline="") as opened:
        source = opened.read()
    problems: list[BadExample] = []
    groups = groups_of(source, file, problems)
    if problems:
        raise problems[0]
    return source, groups


def _with_line(source: str, group: Group, text: str) -> str:
    lines = source.splitlines(keepends=True)
    last = lines[group.examples[-1].line - 1]
    end = "\r\n" if "\r\n" in source else "\n"
    if not last.endswith("\n"):  # the file ends without a line break
        lines[group.examples[-1].line - 1] = last + end
    lines.insert(group.examples[-1].line, f"{_indent(last)}- {text}{end}")
    return "".join(lines)


def _with_group(source: str, label: Label, text: str) -> str:
    indent = next((_indent(line) for line in source.splitlines() if _ITEM.match(line)), "")
    metadata = [f"language: {label.language}"]
    if label.category:
        metadata.append(f"category: {label.category}")
    if label.flags:
        metadata.append(f"flags: [{', '.join(in_order(label.flags, taxonomy.flags()))}]")
    if label.remedies:
        metadata.append(f"remedies: [{', '.join(in_order(label.remedies, taxonomy.remedies()))}]")
    lines = [f"- intent: {label.intent}", "  metadata:", *(f"    {entry}" for entry in metadata)]
    lines += ["  examples: |", f"    - {text}"]
    end = "\r\n" if "\r\n" in source else "\n"
    start = source if source.endswith("\n") else source + end
    return start + "".join(f"{indent}{line}{end}" for line in lines)


def _without_line(source: str, group: Group, text: str) -> str:
    lines = source.splitlines(keepends=True)
    at = max(example.line for example in group.examples if example.marked == text)
    if len(group.examples) > 1:
        del lines[at - 1]
    else:  # the group was made for this example
        del lines[group.line - 1 : at]
    return "".join(lines)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _write(data: Path, file: str, source: str) -> None:
    """Replace the file in one step, after reading it once more: what we write can be read."""
    problems: list[BadExample] = []
    groups_of(source, file, problems)
    # Undoing may leave a new file without examples: then the file goes.
    if [problem.what for problem in problems] in (["there are no examples"], ["there is no list `nlu:`"]):
        (data / file).unlink(missing_ok=True)
        return
    if problems:
        raise problems[0]
    path = data / file
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(half, "w", encoding="utf-8", newline="") as opened:
            opened.write(source)
        if path.exists():
            half.chmod(path.stat().st_mode)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One writer at a time, desk or command line; the lock is on the folder itself."""
    handle = os.open(data, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)

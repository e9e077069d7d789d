"""Text modules: policy/replies.yml, which leads edit, filled from the case for one reply.

The file is read again when it changed; with a mistake in it the last good one stays in force, as with the rules.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.cases.model import Case
from bot.desk.wording import LANGUAGES, Words
from bot.frontdesk.model import User
from bot.goodwill.company import CONTACT
from bot.goodwill.hours import say_when
from bot.goodwill.reading import Node, PolicyError, PolicyInvalid, parse
from bot.goodwill.wording import PLACEHOLDER, fill
from bot.policies import company_values, current_policy, source

FILE = "replies.yml"

PLACEHOLDERS = ("staff", "case", "order", "item", "due", *CONTACT, "address", "opening_hours")

_ID = re.compile(r"[a-z0-9_]{1,40}")
_GAP = re.compile(r"\[\[[^\[\]\n]{1,60}\]\]")


@dataclass(frozen=True)
class Module:
    """A text for replies, by language."""

    id: str
    name: Mapping[str, str]
    text: Mapping[str, str]


class ReplySource:
    """The modules of a policy folder. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._modules: tuple[Module, ...] = ()

    def current(self) -> tuple[Module, ...]:
        """The modules in force; none where there never was a good file."""
        with self._lock:
            try:
                found = self._path.stat()
            except OSError:
                return self._modules
            seen = (found.st_mtime_ns, found.st_size)
            if seen != self._seen:
                self._seen = seen
                modules, errors = _read_file(self._path)
                self._modules = self._modules if errors else modules
            return self._modules


def check_replies(folder: Path) -> list[PolicyError]:
    """Every mistake in the text modules of a policy folder; a folder may have none."""
    path = folder / FILE
    return _read_file(path)[1] if path.exists() else []


def read_replies(text: str) -> tuple[Module, ...]:
    """The modules in the text of a file; :class:`PolicyInvalid` with every mistake."""
    modules, errors = _read(text)
    if errors:
        raise PolicyInvalid(errors)
    return modules


def modules() -> tuple[Module, ...]:
    """The modules of this process's policy folder."""
    return _source(source().folder).current()


def filled(user: User, case: Case | None, language: str, modules: Sequence[Module]) -> list[dict[str, str]]:
    """Every module in `language` for one conversation: id, name, text. What is not known becomes a gap."""
    values = _values(user, case, language)
    words = Words(user.language)
    gaps = {name: f"[[{words('variable_' + name)}]]" for name in PLACEHOLDERS if not values.get(name)}
    return [
        {"id": module.id, "name": module.name[user.language if user.language in LANGUAGES else "de"],
         "text": fill(module.text[language], {**values, **gaps})}
        for module in modules
    ]  # fmt: skip


def gap(text: str) -> str | None:
    """The first gap that a module left in a text and nobody filled."""
    found = _GAP.search(text)
    return found[0] if found else None


def _values(user: User, case: Case | None, language: str) -> dict[str, str]:
    values = {**company_values(language), "staff": user.name}
    if case is None:
        return values
    due = min((made.due_at for made in case.promises if made.state == "open"), default=None)
    return {
        **values,
        "case": case.number,
        "order": case.order_number or "",
        "item": case.item or "",
        "due": say_when(due, language, current_policy().hours) if due is not None else "",
    }


@lru_cache(maxsize=4)
def _source(folder: Path) -> ReplySource:
    return ReplySource(folder)


def _read_file(path: Path) -> tuple[tuple[Module, ...], list[PolicyError]]:
    try:
        return _read(path.read_text(encoding="utf-8"))
    except OSError as error:
        return (), [PolicyError(FILE, 1, f"cannot be read: {error.strerror}", "Put the file back")]
    except UnicodeDecodeError:
        return (), [PolicyError(FILE, 1, "this is not UTF-8 text", "Save the file as UTF-8")]


def _read(text: str) -> tuple[tuple[Module, ...], list[PolicyError]]:
    errors: list[PolicyError] = []
    top = parse(FILE, text, errors)
    found: dict[str, Module] = {}
    for node in top.sections("replies"):
        module = _module(node)
        if module.id in found:
            node.error("id", f"there is a module `{module.id}` already", "Give each its own id")
        found[module.id] = module
    top.done()
    return tuple(found.values()), sorted(errors, key=lambda error: error.line)


def _module(node: Node) -> Module:
    name = node.text("id")
    if name and not _ID.fullmatch(name):
        node.error("id", f"`{name}` is no id", "Use small letters, digits and _")
    module = Module(name, node.words("name"), node.words("text", PLACEHOLDERS))
    used = {language: set(PLACEHOLDER.findall(module.text[language])) for language in LANGUAGES}
    for language, other in (LANGUAGES, LANGUAGES[::-1]):
        for missing in sorted(used[other] - used[language]):
            if module.text[language] and missing in PLACEHOLDERS:
                node.section("text").error(
                    language, f"{{{missing}}} stands in the other language only", f"Put {{{missing}}} into both"
                )
    return module

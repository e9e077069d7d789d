"""Reading a policy file strictly: every value has a type, every mistake a file, a line and a remedy.

All mistakes are collected, so that somebody who edits a policy sees them at once and not one by one.

Stored texts were checked by the version that stored them. Rules that came later are not held against them: a setting
that is missing takes its neutral value, a name or a limit of those days stands. Only what cannot be read is a mistake.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.goodwill.wording import LANGUAGES, PLACEHOLDER, Words


@dataclass(frozen=True)
class PolicyError:
    """One mistake in a policy: where it stands, what is wrong, and what to do about it."""

    file: str
    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}. {self.remedy}."


class PolicyInvalid(ValueError):
    """A policy with mistakes; ``errors`` has them all. The message lists them, one a line."""

    def __init__(self, errors: Iterable[PolicyError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)))


def parse(file: str, text: str, errors: list[PolicyError], *, stored: bool = False) -> Node:
    """The mapping at the top of a policy file; a broken file is one error and gives a mute node."""
    try:
        data = _load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        errors.append(
            PolicyError(file, line, f"this is not YAML: {error.problem}", "Correct this line or the one above")
        )
        return Node.muted(file)
    except (YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0]
        remedy = "Look for odd characters and for days that do not exist"
        errors.append(PolicyError(file, 1, f"this cannot be read: {reason}", remedy))
        return Node.muted(file)
    if not isinstance(data, dict):
        errors.append(PolicyError(file, 1, "this file has no settings", "Write settings as `name: value`"))
        return Node.muted(file)
    return Node(data, file, errors, stored=stored)


@lru_cache(maxsize=32)
def _load(text: str) -> Any:
    """The file with the line of every setting. Nothing ever changes it, so that equal texts are parsed once."""
    return YAML().load(text)


class Node:
    """One mapping of a policy file. Each method reads one key, or records an error and returns something harmless.

    Call :meth:`done` on the top node at the end: it reports the keys that nobody asked for.
    """

    def __init__(
        self,
        data: Any,
        file: str,
        errors: list[PolicyError],
        *,
        name: str = "",
        line: int = 1,
        mute: bool = False,
        stored: bool = False,
    ) -> None:
        self._data, self._file, self._errors, self._name, self._line, self._mute = data, file, errors, name, line, mute
        self._stored = stored
        self._spoilt: set[str] = set()  # keys with a mistake; "" for this mapping itself
        self._asked: dict[str, None] = {}
        self._missing: list[str] = []
        self._children: dict[str, list[Node]] = {}

    @classmethod
    def muted(cls, file: str) -> Node:
        """Stands in for what is not there: harmless values, no reports."""
        return cls({}, file, [], mute=True)

    # --- errors

    def line(self, key: str | None = None) -> int:
        """The line of a key, or of this mapping."""
        known = getattr(getattr(self._data, "lc", None), "data", None) or {}
        return int(known[key][0]) + 1 if key in known else self._line

    def error(self, key: str | None, message: str, remedy: str, *, line: int | None = None) -> None:
        """Record a mistake at a key of this mapping (or at the mapping itself), unless it is one of today's rules and
        the text is a stored one."""
        if not self._stored:
            self._report(key, message, remedy, line=line)

    def _report(self, key: str | None, message: str, remedy: str, *, line: int | None = None) -> None:
        self._spoilt.add(key or "")
        if not self._mute:
            where = self._full(key) if key else self._name
            what = f"{where}: {message}" if where else message
            self._errors.append(PolicyError(self._file, line or self.line(key), what, remedy))

    def sound(self, *keys: str) -> bool:
        """Whether no mistake was found so far at these keys and below: what they say can be compared with others."""
        if self._mute or self._spoilt & set(keys):
            return False
        return all(child._clean() for key in keys for child in self._children.get(key, ()))

    def _clean(self) -> bool:
        return not self._spoilt and all(each._clean() for some in self._children.values() for each in some)

    def among(self, key: str, value: str, allowed: Collection[str], *, line: int | None = None) -> bool:
        """Whether the value is one of the allowed names; if not, that is an error at the key, with a guess."""
        if self._stored or value in allowed:
            return True
        guess = get_close_matches(value, list(allowed), n=1)
        remedy = f"Did you mean `{guess[0]}`" if guess else f"Choose from: {', '.join(sorted(allowed))}"
        self.error(key, f"unknown name `{value}`", remedy, line=line)
        return False

    def done(self) -> None:
        """Report unknown keys, with a guess at what was meant, and the missing ones that no guess explains."""
        for children in self._children.values():
            for child in children:
                child.done()
        for key in self._data:
            if key in self._asked:
                continue
            guess = get_close_matches(str(key), [*self._missing, *self._asked], n=1, cutoff=0.6)
            if guess:
                self._report(key, "unknown setting", f"Did you mean `{guess[0]}`")
                self._missing = [name for name in self._missing if name != guess[0]]
            else:
                known = ", ".join(f"`{name}`" for name in self._asked)
                self._report(key, "unknown setting", f"Remove it; known here: {known}")
        for key in self._missing:
            self.error(key, "this setting is missing", f"Add `{key}:` here")

    def _full(self, key: str | None) -> str:
        return f"{self._name}.{key}" if self._name else str(key)

    def _get(self, key: str, *, optional: bool = False) -> Any:
        self._asked[key] = None
        value = self._data.get(key)
        if value is None and not optional and key not in self._missing:
            self._missing.append(key)
        return value

    def _wrong(self, key: str, value: Any, expected: str, *, line: int | None = None) -> None:
        self._report(key, f"expected {expected}, found {_show(value)}", f"Write {expected}", line=line)

    # --- values

    @property
    def mute(self) -> bool:
        """Whether this stands in for something missing: nothing more is reported about it."""
        return self._mute

    def given(self) -> list[str]:
        """The keys as they stand, for mappings whose names are free."""
        return [str(key) for key in self._data]

    def has(self, key: str) -> bool:
        """Whether the key is there with a value; from now on it counts as known."""
        self._asked[key] = None
        return self._data.get(key) is not None

    def says(self, key: str, word: str) -> bool:
        """Whether the key has exactly this word, where another kind of value is usual."""
        self._asked[key] = None
        return bool(self._data.get(key) == word)

    def plain(self, key: str) -> Any:
        """The value as it stands, unchecked."""
        return self._data.get(key)

    def integer(self, key: str, *, least: int = 0, most: int | None = None, default: int | None = None) -> int:
        """A whole number between `least` and `most`, both included."""
        value = self._get(key, optional=default is not None)
        if value is None:
            return default if default is not None else least
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong(key, value, "a whole number")
            return least
        if value < least or (most is not None and value > most):
            limits = f"at least {least}" if most is None else f"between {least} and {most}"
            self.error(key, f"{value} is not allowed", f"Write a whole number of {limits}")
            return value if self._stored else least
        return int(value)

    def limit(self, key: str) -> int | None:
        """A whole number of cents, or ``None`` for the word `unlimited`."""
        if self.says(key, "unlimited"):
            return None
        if isinstance(self._data.get(key), str):
            self._wrong(key, self._data.get(key), "a whole number of cents or `unlimited`")
            return 0
        return self.integer(key)

    def truth(self, key: str, *, default: bool | None = None) -> bool:
        """`true` or `false`."""
        value = self._get(key, optional=default is not None)
        if isinstance(value, bool):
            return value
        if value is not None:
            self._wrong(key, value, "`true` or `false`")
        return bool(default)

    def text(self, key: str, *, default: str | None = None) -> str:
        """A text of at least one letter."""
        value = self._get(key, optional=default is not None)
        if isinstance(value, str) and value.strip():
            return str(value).strip()
        if value is not None:
            self._wrong(key, value, "a text")
        return default or ""

    def choice(self, key: str, allowed: Collection[str], *, default: str | None = None) -> str:
        """One of the allowed names."""
        value = self.text(key, default=default)
        if value and value != default:
            self.among(key, value, allowed)
        return value

    def names(self, key: str, allowed: Collection[str] | None = None, *, optional: bool = True) -> tuple[str, ...]:
        """A list of names, each one allowed; empty where the key is not there and optional."""
        found = []
        for value, line in self._items(key, optional=optional):
            if not isinstance(value, str):
                self._wrong(key, value, "a list of names", line=line)
            elif allowed is None or self.among(key, value, allowed, line=line):
                found.append(str(value))
        return tuple(found)

    def day(self, key: str) -> dt.date:
        """A day, written 2026-06-19."""
        value = self._get(key)
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        if value is not None:
            self._wrong(key, value, "a day like 2026-06-19")
        return dt.date.min

    def days(self, key: str) -> tuple[dt.date, ...]:
        """A list of days; empty where the key is not there."""
        found = []
        for value, line in self._items(key, optional=True):
            if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
                found.append(value)
            else:
                self._wrong(key, value, "a list of days like 2026-12-24", line=line)
        return tuple(found)

    def words(self, key: str, placeholders: Collection[str] = (), *, needs: Collection[str] = ()) -> Words:
        """One text in every language, with known placeholders only and those that are needed."""
        if not self.has(key):
            self._get(key)
            return dict.fromkeys(LANGUAGES, "")
        node = self.section(key)
        found: dict[str, str] = {}
        for language in LANGUAGES:
            found[language] = text = node.text(language)
            used = set(PLACEHOLDER.findall(text))
            for name in sorted(used - set(placeholders)):
                guess = get_close_matches(name, list(placeholders), n=1)
                known = ", ".join(f"{{{each}}}" for each in placeholders) or "none"
                remedy = f"Did you mean {{{guess[0]}}}" if guess else f"Use only: {known}"
                node._report(language, f"unknown placeholder {{{name}}}", remedy)
            if text and set("{}") & set(PLACEHOLDER.sub("", text)):
                node.error(language, "a brace that belongs to no placeholder", "Write placeholders like {item}")
            for name in needs:
                if text and name not in used:
                    node.error(language, f"the placeholder {{{name}}} is missing", f"Put {{{name}}} into the sentence")
        return found

    # --- nesting

    def section(self, key: str, *, optional: bool = False) -> Node:
        """A mapping inside this one, the same node each time; a mute node where it is missing."""
        if key not in self._children:
            value = self._get(key, optional=optional)
            if value is not None and not isinstance(value, dict):
                self._wrong(key, value, "settings as `name: value` below this line")
            self._children[key] = [
                self._child(value, self._full(key), self.line(key))
                if isinstance(value, dict)
                else Node.muted(self._file)
            ]
        return self._children[key][0]

    def sections(self, key: str, *, optional: bool = False) -> list[Node]:
        """A list of mappings, the same nodes each time."""
        if key in self._children:
            return self._children[key]
        self._children[key] = found = []
        for index, (value, line) in enumerate(self._items(key, optional=optional)):
            if isinstance(value, dict):
                label = value.get("id") or value.get("name") or index + 1
                found.append(self._child(value, f"{self._full(key)}[{label}]", line))
            else:
                self._wrong(key, value, "a list of settings, each `- name: value`", line=line)
        return found

    def texts(self, key: str) -> list[tuple[str, int]]:
        """A list of texts, each with its line; it may be empty but must be there."""
        found = []
        for value, line in self._items(key, optional=False):
            if isinstance(value, str):
                found.append((str(value), line))
            else:
                self._wrong(key, value, "a list of texts", line=line)
        return found

    def _items(self, key: str, *, optional: bool) -> list[tuple[Any, int]]:
        value = self._get(key, optional=optional)
        if value is None:
            return []
        if not isinstance(value, list):
            self._wrong(key, value, "a list")
            return []
        lines = value.lc  # type: ignore[attr-defined]  # ruamel's own list type
        return [(item, int(lines.item(index)[0]) + 1) for index, item in enumerate(value)]

    def _child(self, data: Any, name: str, line: int) -> Node:
        return Node(data, self._file, self._errors, name=name, line=line, mute=self._mute, stored=self._stored)


def _show(value: Any) -> str:
    if isinstance(value, dict):
        return "settings"
    if isinstance(value, list):
        return "a list"
    return f"`{str(value)[:40]}`"

"""What an example means, checked against taxonomy.yml."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot import taxonomy

LANGUAGES = ("de", "en")
COMPLAIN = "complain"


class BadExample(ValueError):
    """An example that cannot be used. `where` is file:line where there is one, `remedy` what to do.

    `code` names what a trainer at the desk can do about it; it has a sentence in the desk's texts.
    """

    def __init__(self, what: str, remedy: str, where: str = "", *, code: str = "file") -> None:
        super().__init__(f"{where}: {what} - {remedy}" if where else f"{what} - {remedy}")
        self.what, self.remedy, self.where, self.code = what, remedy, where, code

    def at(self, where: str) -> BadExample:
        """The same problem with its place."""
        return BadExample(self.what, self.remedy, where, code=self.code)


@dataclass(frozen=True)
class Label:
    """Language, intent, category (only and always with complain), flags and remedies."""

    language: str
    intent: str
    category: str | None = None
    flags: frozenset[str] = frozenset()
    remedies: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """`greet`, `complain_billing`: also the name of its file."""
        return f"{self.intent}_{self.category}" if self.category else self.intent

    @property
    def file(self) -> str:
        """Its file below data/nlu."""
        return f"{self.language}/{self.name}.yml"

    def as_dict(self) -> dict[str, Any]:
        """For JSON columns; flags and remedies in the taxonomy's order."""
        return {
            "language": self.language,
            "intent": self.intent,
            "category": self.category,
            "flags": in_order(self.flags, taxonomy.flags()),
            "remedies": in_order(self.remedies, taxonomy.remedies()),
        }

    def checked(self) -> Label:
        """This label, if every name in it is known and fits; raises :class:`BadExample`."""
        _known("language", self.language, LANGUAGES)
        _known("intent", self.intent, taxonomy.intents())
        if self.intent == COMPLAIN and self.category is None:
            raise BadExample(
                "a complaint without a category", f"one of {', '.join(taxonomy.categories())}", code="label"
            )
        if self.category is not None:
            if self.intent != COMPLAIN:
                raise BadExample(f"{self.intent} has a category", "only complain has one: leave it out")
            _known("category", self.category, taxonomy.categories())
        for flag in self.flags:
            _known("flag", flag, taxonomy.flags())
        for remedy in self.remedies:
            _known("remedy", remedy, taxonomy.remedies())
        return self


def label_of(fields: dict[str, Any]) -> Label:
    """The reverse of :meth:`Label.as_dict`; not checked."""
    return Label(
        str(fields.get("language") or ""),
        str(fields.get("intent") or ""),
        fields.get("category") or None,
        frozenset(map(str, fields.get("flags") or ())),
        frozenset(map(str, fields.get("remedies") or ())),
    )


def in_order(names: Iterable[str], order: tuple[str, ...]) -> list[str]:
    """`names` sorted as in `order`; unknown ones last."""
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))


def _known(kind: str, name: str, names: tuple[str, ...]) -> None:
    if name in names:
        return
    close = difflib.get_close_matches(name, names, 1)
    remedy = f"did you mean {close[0]}?" if close else f"one of {', '.join(names)}"
    raise BadExample(f"there is no {kind} {name!r}", remedy, code="label")

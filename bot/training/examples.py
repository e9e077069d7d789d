"""Reading data/nlu: every example with its label, file and line, without Rasa; every problem with its place and remedy.

A file holds groups; what a group means stands in its metadata, because Rasa's format knows intents only::

    - intent: complain
      metadata:
        language: en
        category: billing
        flags: [repeat_contact]
      examples: |
        - charged [39 euros](money) twice, third mail about it
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot import taxonomy
from bot.config import ROOT
from bot.training.label import BadExample, Label

DATA = ROOT / "data" / "nlu"

_MARK = re.compile(r"\[([^\[\]]*)\]\(([^()]*)\)")
_ODD_MARK = re.compile(r"\[[^\[\]]*\][({](?![^(){}]*[)}])|\[[^\[\]]*\]\{")
_METADATA = {"language", "category", "flags", "remedies"}


@dataclass(frozen=True)
class Example:
    """One example: `marked` as it stands in the file, `text` as a customer would write it."""

    marked: str
    label: Label
    file: str
    line: int

    @property
    def text(self) -> str:
        return plain(self.marked)

    @property
    def place(self) -> str:
        return f"data/nlu/{self.file}:{self.line}"


@dataclass
class Group:
    """Examples with the same label, and where their block stands: line numbers from 1."""

    label: Label
    line: int
    examples: list[Example] = field(default_factory=list)


def plain(marked: str) -> str:
    """The text without entity marks."""
    return _MARK.sub(r"\1", marked)


def entities(marked: str) -> list[tuple[str, str]]:
    """(entity, surface) of every mark, in order."""
    return [(found[2], found[1]) for found in _MARK.finditer(marked)]


def marks(marked: str) -> list[tuple[int, int, str, str]]:
    """(start, end, entity, surface) of every mark, in characters of the plain text."""
    found: list[tuple[int, int, str, str]] = []
    removed = 0
    for mark in _MARK.finditer(marked):
        start = mark.start() - removed
        found.append((start, start + len(mark[1]), mark[2], mark[1]))
        removed += len(mark[0]) - len(mark[1])
    return found


def checked_text(marked: str) -> str:
    """The text of an example on one line; raises :class:`BadExample` when it is empty or a mark is wrong."""
    text = " ".join(marked.split())
    if not plain(text).strip():
        raise BadExample("an example without words", "write what a customer would say", code="empty")
    if _ODD_MARK.search(text):
        raise BadExample("an entity mark that does not end", "write it as [words](entity)", code="mark")
    for name, surface in entities(text):
        if name not in taxonomy.entities():
            raise BadExample(f"there is no entity {name!r}", f"one of {', '.join(taxonomy.entities())}", code="mark")
        if not surface.strip() or surface != surface.strip():
            raise BadExample(
                f"the mark for {name} has no words or spaces at its ends", "mark exactly the words", code="mark"
            )
    return text


def read(data: Path = DATA) -> tuple[list[Example], list[BadExample]]:
    """All examples below `data`, and everything that is wrong with the files, in the order of the files."""
    examples: list[Example] = []
    problems: list[BadExample] = []
    for path in sorted(data.rglob("*.yml")):
        name = path.relative_to(data).as_posix()
        groups = groups_of(path.read_text(encoding="utf-8", errors="replace"), name, problems)
        examples += [example for group in groups for example in group.examples]
    return examples, problems


def groups_of(source: str, file: str, problems: list[BadExample]) -> list[Group]:
    """The groups of one file; what is wrong is added to `problems`."""
    place = f"data/nlu/{file}"
    try:
        document = YAML(typ="safe").compose(source)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        remedy = "every example is a line `- text`, indented below `examples: |`; quote nothing, use no tabs"
        where = f"{place}:{mark.line + 1}" if mark else place
        problems.append(BadExample(f"no valid YAML, {error.problem or error.context}", remedy, where))
        return []
    except YAMLError as error:  # a character that YAML forbids
        problems.append(BadExample(f"no valid YAML, {str(error).splitlines()[0]}", "remove that character", place))
        return []
    if document is None:
        problems.append(BadExample("the file is empty", "undo the change that emptied it (git checkout)", place))
        return []
    groups = _mapping(document).get("nlu")
    if not isinstance(groups, SequenceNode):
        problems.append(BadExample("there is no list `nlu:`", 'begin with version: "3.1" and nlu:', f"{place}:1"))
        return []
    found = [_group(node, file, problems) for node in groups.value]
    if not any(group and group.examples for group in found):
        problems.append(BadExample("there are no examples", "add some or delete the file in both languages", place))
    return [group for group in found if group is not None]


def _group(node: Node, file: str, problems: list[BadExample]) -> Group | None:
    place = f"data/nlu/{file}"
    line = node.start_mark.line + 1
    fields = _mapping(node)
    try:
        label = _label(fields)
    except BadExample as bad:
        problems.append(bad.at(f"{place}:{line}"))
        return None
    if label.file != file:
        problems.append(BadExample(f"{label.name} ({label.language}) stands in the wrong file",
                                   f"it belongs into data/nlu/{label.file}", f"{place}:{line}"))  # fmt: skip
    group = Group(label, line)
    block = fields.get("examples")
    if not isinstance(block, ScalarNode) or block.style != "|":
        problems.append(BadExample("a group without `examples: |`", "add it, one `- text` a line", f"{place}:{line}"))
        return group
    for number, written in _lines(block):
        where = f"{place}:{number}"
        if not written.startswith("-"):
            problems.append(BadExample(f"{written[:40]!r} is no example", "begin the line with `- `", where))
            continue
        try:
            group.examples.append(Example(checked_text(written[1:]), label, file, number))
        except BadExample as bad:
            problems.append(bad.at(where))
    return group


def _lines(block: ScalarNode) -> Iterator[tuple[int, str]]:
    first = block.start_mark.line + 2  # the mark stands at `|`, counted from 0
    for offset, written in enumerate(str(block.value).splitlines()):
        if written.strip():
            yield first + offset, written.strip()


def _label(fields: dict[str, Node]) -> Label:
    metadata = _mapping(fields["metadata"]) if "metadata" in fields else {}
    unknown = metadata.keys() - _METADATA
    if unknown:
        raise BadExample(f"metadata has {', '.join(sorted(unknown))}", f"there are only {', '.join(sorted(_METADATA))}")
    values: dict[str, Any] = {name: _value(node) for name, node in metadata.items()}
    flags, remedies = _names(values.get("flags")), _names(values.get("remedies"))
    intent = str(_value(fields["intent"])) if "intent" in fields else ""
    category = values.get("category")
    return Label(str(values.get("language", "")), intent, category, flags, remedies).checked()


def _names(value: Any) -> frozenset[str]:
    if value is None or value == "":
        return frozenset()
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset([str(value)])


def _mapping(node: Node) -> dict[str, Node]:
    if not isinstance(node, MappingNode):
        return {}
    return {str(key.value): value for key, value in node.value}


def _value(node: Node) -> Any:
    if isinstance(node, SequenceNode):
        return [_value(each) for each in node.value]
    return str(node.value) if isinstance(node, ScalarNode) else None

"""The policy in force: five files that management edits, read strictly, versioned by their bytes.

goodwill.yml (favours), delight.yml (surprises), rights.yml (the law), hours.yml (opening and promises), company.yml
(who we are).
The version stands on every decision; :meth:`Policy.from_stored` brings an old one back for a replay.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.goodwill.company import Company, read_company
from bot.goodwill.contradictions import check_together
from bot.goodwill.delight import DelightPolicy
from bot.goodwill.delight_file import read_delight
from bot.goodwill.favours import GoodwillPolicy
from bot.goodwill.favours_file import read_goodwill
from bot.goodwill.formats import of_today
from bot.goodwill.hours import Hours
from bot.goodwill.hours_file import read_hours
from bot.goodwill.reading import Node, PolicyError, PolicyInvalid, parse
from bot.goodwill.rights import RightsPolicy
from bot.goodwill.rights_file import read_rights

__all__ = ["FILES", "Policy", "PolicyError", "PolicyInvalid", "PolicySource", "check_policy", "load_policy"]

FILES = ("company.yml", "delight.yml", "goodwill.yml", "hours.yml", "rights.yml")

Signature = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True)
class Policy:
    """All rules of one version. ``files``: the texts it was read from, by name, to be stored beside decisions."""

    version: str
    goodwill: GoodwillPolicy
    delight: DelightPolicy
    rights: RightsPolicy
    hours: Hours
    company: Company
    files: Mapping[str, str]

    @classmethod
    def from_texts(cls, files: Mapping[str, str]) -> Policy:
        """The policy in these texts, by file name; :class:`PolicyInvalid` with every mistake."""
        policy, errors = _read(files)
        if policy is None:
            raise PolicyInvalid(errors)
        return policy

    @classmethod
    def from_stored(cls, files: Mapping[str, str]) -> Policy:
        """The policy in texts that this or an older version of the program accepted and stored; its version is theirs.

        :class:`PolicyInvalid` where they cannot be read any more.
        """
        policy, errors = _read(of_today(files), stored=True)
        if policy is None:
            raise PolicyInvalid(errors)
        return replace(policy, version=version_of(files), files=dict(files))


def version_of(files: Mapping[str, str]) -> str:
    """Sixteen hex digits that stand for exactly these texts."""
    digest = hashlib.sha256()
    for name in sorted(files):
        content = files[name].encode("utf-8")
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def load_policy(folder: Path) -> Policy:
    """The policy in this folder; :class:`PolicyInvalid` with every mistake in it."""
    policy, errors = _read(*_texts(folder))
    if policy is None:
        raise PolicyInvalid(errors)
    return policy


def check_policy(folder: Path) -> list[PolicyError]:
    """Every mistake in the policy of this folder, by file and line; empty when it is in order."""
    return _read(*_texts(folder))[1]


class PolicySource:
    """The policy of a folder, read again when a file changed. Safe to use from several threads.

    When the changed one is invalid, the last good policy stays in force and ``errors`` says why. The very first read
    must succeed: it raises :class:`PolicyInvalid`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.errors: tuple[PolicyError, ...] = ()
        self._lock = threading.Lock()
        self._seen: Signature | None = None
        self._policy: Policy | None = None

    def current(self) -> Policy:
        """The policy in force now."""
        with self._lock:
            seen = tuple(_signature(self.folder / name) for name in FILES)
            if self._policy is not None and seen == self._seen:
                return self._policy
            try:
                self._policy = load_policy(self.folder)
                self.errors = ()
            except PolicyInvalid as error:
                self.errors = error.errors
                if self._policy is None:
                    raise
            self._seen = seen
            return self._policy


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _texts(folder: Path) -> tuple[dict[str, str], list[PolicyError]]:
    texts, errors = {}, []
    for name in FILES:
        try:
            texts[name] = (folder / name).read_bytes().decode("utf-8")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            errors.append(PolicyError(name, 1, f"cannot be read from {folder}: {reason}", "Put the file back"))
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            errors.append(PolicyError(name, line, "this is not UTF-8 text", "Save the file as UTF-8"))
    return texts, errors


def _read(
    files: Mapping[str, str], known: Sequence[PolicyError] = (), *, stored: bool = False
) -> tuple[Policy | None, list[PolicyError]]:
    """The policy, or ``None`` with every mistake. A file that cannot be read is not held against the others."""
    errors = list(known)
    for name in sorted(set(files) - set(FILES)):
        errors.append(PolicyError(name, 1, "this file is no part of a policy", f"Expected: {', '.join(FILES)}"))
    for name in sorted(set(FILES) - set(files) - {error.file for error in known}):
        errors.append(PolicyError(name, 1, "this file is missing", "A policy needs it: put it back"))
    nodes = {
        name: parse(name, files[name], errors, stored=stored) if name in files else Node.muted(name) for name in FILES
    }

    hours = read_hours(nodes["hours.yml"])
    promises = hours.promises or None
    company = read_company(nodes["company.yml"], promises)
    rights = read_rights(nodes["rights.yml"], hours.region, company, promises)
    goodwill = read_goodwill(nodes["goodwill.yml"], promises, rights.rules or None)
    delight = read_delight(nodes["delight.yml"], promises)

    for node in nodes.values():
        node.done()
    if not stored:
        check_together(nodes, goodwill, rights, hours)
    if errors:
        order = {name: index for index, name in enumerate(FILES)}
        return None, sorted(errors, key=lambda error: (order.get(error.file, len(order)), error.file, error.line))
    return Policy(version_of(files), goodwill, delight, rights, hours, company, dict(files)), []

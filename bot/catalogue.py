"""What the shop sells, by name: written whenever its order list changes, read by the dialogue to know its products.

A plain text file, a name a line, so that understanding needs no database: `var/products.txt`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

MAX_NAMES = 20_000
"""Names that are kept; beyond that a longer list would slow every message down more than it helps."""


class Catalogue:
    """The names in a file; :meth:`changed` tells when it was written anew."""

    def __init__(self, var: Path) -> None:
        self._path = var / "products.txt"
        self._seen: tuple[int, int] | None = None

    def write(self, names: Iterable[str]) -> None:
        """Replace the list, in one step: a reader sees the old one or the new one."""
        kept = sorted({" ".join(name.split()) for name in names if name.strip()})[:MAX_NAMES]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        half = self._path.with_suffix(f".{os.getpid()}")
        half.write_text("".join(f"{name}\n" for name in kept), encoding="utf-8")
        os.replace(half, self._path)

    def changed(self) -> bool:
        """Whether the file is another one than at the last call; one look at the disk."""
        try:
            stat = self._path.stat()
        except OSError:
            now = None
        else:
            now = (stat.st_mtime_ns, stat.st_size)
        before, self._seen = self._seen, now
        return now != before

    def names(self) -> list[str]:
        """The names, none where nothing was imported yet."""
        try:
            return self._path.read_text(encoding="utf-8").splitlines()
        except OSError:
            return []

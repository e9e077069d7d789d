"""Words cut down to what their forms share, German and English at once: customers and colleagues mix both.

Snowball's stemmers know endings, no meaning: `Waschmaschinen` and `Waschmaschine` share a stem, `geliefert` and
`Lieferung` do not.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer

LONGEST = 60
"""Letters of a word that count; PostgreSQL takes no endless ones."""

MOST_WORDS = 8
"""Words of a question that count."""

_WORD = re.compile(r"[^\W_]+")
_PREFIX_FROM = 3  # shorter stems would be found everywhere
_ENDING_FROM = 4  # `Maschine` finds `Waschmaschine`, but `um` does not find every `…um`
_BACKWARDS = "0"  # marks a stem written backwards, with which the ends of words are found
_stemmers = threading.local()  # PyStemmer's objects serve one thread at a time


def stems(text: str) -> str:
    """Every stem in `text`, each once, separated by blanks: what the index keeps."""
    found: set[str] = set()
    for word in _words(text):
        for stem in _of(word):
            found.add(stem)
            if len(stem) > _ENDING_FROM:
                found.add(_BACKWARDS + stem[::-1])
    return " ".join(sorted(found))


def wanted(question: str) -> list[tuple[str, ...]]:
    """For each word of `question` the beginnings, one of which an indexed stem must have."""
    found = []
    for word in _words(question)[:MOST_WORDS]:
        ends = (_BACKWARDS + stem[::-1] for stem in _of(word) if len(stem) >= _ENDING_FROM and not stem.isdecimal())
        found.append((*_of(word), *ends))
    return found


def is_beginning(stem: str) -> bool:
    """Whether a stem of a question may go on in the index; a very short one must be the whole stem."""
    return len(stem) >= _PREFIX_FROM


def marked(text: str, question: str, *, around: int = 90) -> list[tuple[str, bool]]:
    """A piece of `text` around the first word that `question` finds; the pairs say which parts were found."""
    asked = wanted(question)
    hits = [found.span() for found in _WORD.finditer(text) if _fits(found[0], asked)]
    start = max(0, hits[0][0] - around) if hits else 0
    end = min(len(text), (hits[0][1] if hits else 0) + 2 * around)
    if start:
        start = text.find(" ", start) + 1 if " " in text[start : start + around] else start
    pieces, at = [("… ", False)] if start else [], start
    for first, last in hits:
        if last > end:
            break
        pieces += [(text[at:first], False), (text[first:last], True)]
        at = last
    pieces.append((text[at:end] + (" …" if end < len(text) else ""), False))
    return [piece for piece in pieces if piece[0]]


def _fits(word: str, asked: list[tuple[str, ...]]) -> bool:
    for plain in _words(word):
        kept = stems(plain).split()
        for beginnings in asked:
            if any(k.startswith(b) if is_beginning(b) else k == b for b in beginnings for k in kept):
                return True
    return False


def _words(text: str) -> list[str]:
    return [word[:LONGEST] for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold())]


@lru_cache(maxsize=20_000)
def _of(word: str) -> tuple[str, ...]:
    if not hasattr(_stemmers, "both"):
        _stemmers.both = (Stemmer.Stemmer("german"), Stemmer.Stemmer("english"))
    return tuple(dict.fromkeys(stemmer.stemWord(word) for stemmer in _stemmers.both))

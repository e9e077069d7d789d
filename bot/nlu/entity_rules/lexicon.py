"""What is known of a word: how frequent it is, which words occur in like places (Brown clusters), whether it names goods.

Clusters and lemmas come from spacy-lookups-data at training time; the frequent part travels with the model, so that
nothing big is read when the bot starts.
"""

from __future__ import annotations

import itertools
from collections import Counter
from functools import lru_cache
from typing import Any, Literal

from spacy.util import load_language_data, registry

from bot.nlu.entity_rules.first_names import FIRST_NAMES
from bot.nlu.entity_rules.product_words_de import WORDS
from bot.nlu.entity_rules.product_words_en import PHRASES

FREQUENT = 120_000
"""So many of a million words: beyond, clusters rest on a handful of occurrences."""

_COMMON = 60_000
_KEPT = 20_000
_ENDINGS = ("", "s", "n", "e", "en", "es", "er", "ern", "erl", "le", "chen")
_UMLAUTS = str.maketrans("äöü", "aou")


class Lexicon:
    """Words by falling frequency with their clusters; `lemmas` only where the lemma is another word."""

    def __init__(
        self, language: Literal["de", "en"], words: list[str], clusters: list[int], lemmas: dict[str, str]
    ) -> None:
        self.language = language
        self._words, self._clusters, self._lemmas = words, clusters, lemmas
        self._rank = {word: i for i, word in enumerate(words)}
        self._name_clusters = self._clusters_of_names()

    @classmethod
    def from_spacy(cls, language: Literal["de", "en"]) -> Lexicon:
        """Read from the installed lookup tables; takes about two seconds."""
        tables = registry.lookups.get(language)
        clusters: dict[str, int] = dict(load_language_data(tables["lexeme_cluster"]))
        frequent = dict(itertools.islice(clusters.items(), FREQUENT))
        table: dict[str, str] = dict(load_language_data(tables["lemma_lookup"]))
        lemmas = {word: lemma for word, lemma in table.items() if word != lemma and word in frequent}
        if language == "de":
            lemmas = {word: lemma for word, lemma in lemmas.items() if word[:1].isupper() and lemma[:1].isupper()}
        return cls(language, list(frequent), list(frequent.values()), lemmas)

    @classmethod
    def empty(cls, language: Literal["de", "en"]) -> Lexicon:
        return cls(language, [], [], {})

    def to_state(self) -> dict[str, Any]:
        return {"words": self._words, "clusters": self._clusters, "lemmas": self._lemmas}

    @classmethod
    def from_state(cls, language: Literal["de", "en"], state: dict[str, Any]) -> Lexicon:
        return cls(language, list(state["words"]), list(state["clusters"]), dict(state["lemmas"]))

    def rank(self, word: str) -> int:
        return self._rank.get(word, 10**6)

    def knows(self, word: str) -> bool:
        return any(form in self._rank for form in (word, word.lower(), word.capitalize()))

    def cluster(self, word: str) -> int | None:
        for form in (word, word.lower(), word.capitalize()):
            if form in self._rank:
                return self._clusters[self._rank[form]]
        return None

    def name(self, word: str) -> str | None:
        """ "known" for a listed first name, "like" for a word that occurs where first names do."""
        if word.lower() in FIRST_NAMES:
            return "known"
        return "like" if self.cluster(word) in self._name_clusters else None

    def _clusters_of_names(self) -> frozenset[int]:
        names, everything = Counter[int](), Counter[int]()
        for word, cluster in zip(self._words, self._clusters):
            everything[cluster] += 1
            names[cluster] += word.lower() in FIRST_NAMES
        return frozenset(c for c, count in names.items() if count >= 4 and count >= 0.04 * everything[c])

    def last_part(self, word: str) -> str | None:
        """The common noun that a German compound ends with: "Terrassendiele" -> "Diele"."""
        low = word.lower()
        for i in range(3, len(low) - 2):
            part = low[i:].capitalize()
            if self.rank(part) < _COMMON and self.rank(part) < self.rank(low[i:]):
                return part
        return None

    def lemma(self, words: str) -> str:
        """Lower case, the last word in its base form where the tables know it ("Wagens" -> "wagen")."""
        *first, last = words.split()
        lemma = self._lemma(last)
        return " ".join([*first, lemma]).lower()

    def _lemma(self, word: str) -> str:
        if self.language == "en":
            return self._lemmas.get(word.lower(), word)
        noun = word.capitalize() if word.islower() else word
        if noun in self._lemmas:
            return self._lemmas[noun]
        part = self.last_part(word)
        if part in self._lemmas and self.rank(noun) >= 10**6:
            return word[: -len(part or "")] + self._lemmas[part or ""].lower()
        return word


class Goods:
    """Which tokens may name goods: the lists of product_words_* and the words of a shop's own order list."""

    def __init__(self, language: Literal["de", "en"], own: frozenset[str]) -> None:
        self._language = language
        self._known = lru_cache(_KEPT)(self._german)  # most words come again, and parts of a long one are many
        if language == "de":
            self._words = WORDS | own
            self._plain = {word.translate(_UMLAUTS) for word in self._words if any(c in word for c in "äöü")}
        else:
            self._words = frozenset(p.replace("-", " - ") for p in PHRASES) | own
            self._heads = {phrase.split()[-1] for phrase in PHRASES if " " in phrase}

    def marks(self, low: list[str]) -> list[list[str]]:
        """Features per token (lower case); empty where nothing is known."""
        return [self._known(word) for word in low] if self._language == "de" else self._english(low)

    def _german(self, low: str) -> list[str]:
        for ending in _ENDINGS:
            stem = low[: len(low) - len(ending)]
            if low.endswith(ending) and len(stem) >= 2 and stem in self._words:
                return ["goods=1"]
        if low + "e" in self._words or low + "en" in self._words or low in self._plain:
            return ["goods=1"]
        spelt = low.replace("ae", "ä").replace("oe", "ö").replace("ue", "ü")
        if spelt != low and spelt in self._words:
            return ["goods=1"]
        for i in range(2, len(low) - 3):
            part = low[i:]
            for ending in _ENDINGS[:8]:
                stem = part[: len(part) - len(ending)]
                if part.endswith(ending) and len(stem) >= 4 and stem in self._words:
                    return ["goods=2", "head=" + stem]
            if part + "e" in self._words:
                return ["goods=2"]
        return []

    def _english(self, low: list[str]) -> list[list[str]]:
        count = len(low)
        marks: list[list[str]] = [[] for _ in low]
        i = 0
        while i < count:
            for width in (5, 4, 3, 2, 1):
                phrase = " ".join(low[i : i + width]) if i + width <= count else ""
                if phrase and (
                    phrase in self._words or _singular(phrase) in self._words or phrase + "s" in self._words
                ):
                    for j in range(width):
                        marks[i + j].append(f"goods={'B' if j == 0 else 'I'}{int(width > 1)}")
                    i += width - 1
                    break
            i += 1
        for j, word in enumerate(low):
            if word in self._heads or _singular(word) in self._heads:
                marks[j].append("goodshead")
        return marks


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 3 else word

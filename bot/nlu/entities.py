"""The entities of a message: what has a form by rules, products and people by a model learned from examples.

Spans are as annotated in the project's examples: German dates with their preposition, English ones without, products
without article, persons with their title. Rules win over what is learned.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import spacy
import srsly
from joblib import Memory
from rapidfuzz import fuzz, process
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.util import compile_prefix_regex

from bot.nlu.entity_rules.dates import find_dates
from bot.nlu.entity_rules.learned import Tagger
from bot.nlu.entity_rules.money import find_money
from bot.nlu.entity_rules.numbers import find_numbers
from bot.nlu.entity_rules.persons import find_names, find_persons, is_title_only, with_title
from bot.nlu.entity_rules.span import Span, without_overlaps

Examples = list[tuple[str, list[tuple[int, int, str]]]]

FORMAT = 1

_MEMORY = Memory(".rasa/entities", verbose=0)
KEPT = 4
"""What was learned in the last trainings, by language: the newest of so many."""

_ALIKE = 85
"""rapidfuzz ratio from which an unknown word is a misspelt product of the order list; one letter in seven."""


@dataclass(frozen=True)
class Found:
    """One entity: `value` is the text between the characters `start` and `end`.

    `resolved` by entity: date "YYYY-MM-DD" or {"from", "to"}; money {"amount_cents", "currency"}; phone E.164; e-mail
    in lower case; iban without spaces, valid or not; postcode, order and case number in upper case; licence plate
    "M-AB 1234"; product in lower case, singular where known; person as it stands. None where nothing can be said.
    """

    entity: str
    value: str
    start: int
    end: int
    resolved: Any


class EntityFinder:
    """`products`: names from the order list, found when written and when misspelt. `spacy_model`: name of an installed
    pipeline whose tags help the learned model; "" for the plain tokenizer. Train and find with the same one.
    """

    def __init__(self, language: Literal["de", "en"], products: Iterable[str] = (), spacy_model: str = "") -> None:
        self._language: Literal["de", "en"] = language
        self._nlp = _pipeline(language, spacy_model)
        self._tagger = Tagger(language)
        self.sell(products)

    def sell(self, products: Iterable[str]) -> None:
        """Know these names of the order list from now on, instead of those before."""
        names = [name.strip() for name in products if name.strip()]
        self._matcher = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        self._matcher.add("product", [self._nlp.make_doc(name) for name in names])
        self._by_initial = _initials(names)
        self._tagger.sell(frozenset(word for words in self._by_initial.values() for word in words))

    def train(self, examples: Examples) -> None:
        """Learn products and persons from (text, [(start, end, entity)]); other entities in it are ignored."""
        texts = [text for text, _ in examples]
        spans = [[_annotated(text, *span) for span in marked] for text, marked in examples]
        self._tagger.train(list(zip(self._nlp.pipe(texts), spans)))

    def to_bytes(self) -> bytes:
        """What was learned, for :meth:`from_bytes` of a finder of the same language."""
        state = {"format": FORMAT, "language": self._language, **self._tagger.to_state()}
        return bytes(srsly.msgpack_dumps(state))

    def from_bytes(self, data: bytes) -> EntityFinder:
        """Raises ValueError for another language or format."""
        state: Any = srsly.msgpack_loads(data)
        if (state["format"], state["language"]) != (FORMAT, self._language):
            raise ValueError(
                f"entity model is for {state['language']!r}, format {state['format']}; "
                f"this finder reads {self._language!r}, format {FORMAT}: train again"
            )
        self._tagger.from_state(state)
        return self

    def find(self, text: str, now: dt.datetime) -> list[Found]:
        """By position, without overlaps; dates are resolved against `now`."""
        spans = [*find_numbers(text, self._language), *find_money(text, self._language)]
        spans += find_dates(text, self._language, now)
        doc = self._nlp(text)
        titled = [*find_persons(text, self._language), *find_names(text)]
        learned = self._learned(text, doc)
        # A title with its learned name may be longer than the rule's ("Frau Ilse Kramer").
        spans += sorted([*titled, *(s for s in learned if s.entity == "person")], key=lambda s: s.start - s.end)
        spans += self._listed(doc)
        spans += [s for s in learned if s.entity == "product"]
        spans += self._misspelt(doc)
        kept = without_overlaps([s for s in spans if s.end > s.start])
        return [Found(s.entity, text[s.start : s.end], s.start, s.end, s.resolved) for s in kept]

    def _learned(self, text: str, doc: Doc) -> list[Span]:
        spans = []
        for start, end, label in self._tagger.find(doc):
            if label == "person":
                start, end = with_title(text, start, end)
                if not is_title_only(text[start:end]):
                    spans.append(Span(start, end, label, text[start:end]))
            elif any(c.isalpha() for c in text[start:end]):
                spans.append(Span(start, end, label, self._tagger.lexicon.lemma(text[start:end])))
        return spans

    def _listed(self, doc: Doc) -> list[Span]:
        matches = [doc[start:end] for _, start, end in self._matcher(doc)] if len(self._matcher) else []
        matches.sort(key=lambda m: m.start_char - m.end_char)
        return [Span(m.start_char, m.end_char, "product", m.text.lower()) for m in matches]

    def _misspelt(self, doc: Doc) -> list[Span]:
        if not self._by_initial:
            return []
        spans = []
        for token in doc:
            if len(token) < 6 or not token.is_alpha or self._tagger.lexicon.knows(token.text):
                continue
            near = [w for w in self._by_initial.get(token.lower_[0], ()) if abs(len(w) - len(token)) <= 2]
            best = process.extractOne(token.lower_, near, scorer=fuzz.ratio, score_cutoff=_ALIKE)
            if best is not None:
                spans.append(Span(token.idx, token.idx + len(token), "product", best[0]))
        return spans


def learn(language: Literal["de", "en"], spacy_model: str, examples: Examples) -> bytes:
    """What :meth:`EntityFinder.to_bytes` gives after learning from these examples.

    Remembered in .rasa/entities: a new English example does not learn German again.
    """
    learned = _MEMORY.cache(_learn)(language, spacy_model, examples, _code())
    _MEMORY.reduce_size(items_limit=KEPT)
    return bytes(learned)


def _learn(language: Literal["de", "en"], spacy_model: str, examples: Examples, code: str) -> bytes:
    finder = EntityFinder(language, spacy_model=spacy_model)
    finder.train(examples)
    return finder.to_bytes()


def _code() -> str:
    """What else decides about what is learned: our own code, and what it learns with."""
    here = Path(__file__)
    read = b"".join(file.read_bytes() for file in [here, *sorted(here.parent.glob("entity_rules/*.py"))])
    versions = [version(package) for package in ("spacy", "spacy-lookups-data", "python-crfsuite")]
    return hashlib.sha256(read + repr(versions).encode()).hexdigest()


@cache
def _pipeline(language: Literal["de", "en"], spacy_model: str) -> Language:
    """Made once in a process, like the encoder's weights."""
    return spacy.load(spacy_model) if spacy_model else _tokenizer(language)


def _tokenizer(language: Literal["de", "en"]) -> Language:
    nlp = spacy.blank(language)
    if language == "de":
        # Dialect ties the article to the noun: "d'Pumpn", "s'Velo".
        tokenizer: Any = nlp.tokenizer
        prefixes = [*(nlp.Defaults.prefixes or ()), r"[dDsS]['’](?=\w)"]
        tokenizer.prefix_search = compile_prefix_regex(prefixes).search
    return nlp


def _initials(names: list[str]) -> dict[str, list[str]]:
    """Long words of product names by first letter."""
    grouped: dict[str, set[str]] = defaultdict(set)
    for name in names:
        for word in re.findall(r"[^\W\d_]{5,}", name.lower()):
            grouped[word[0]].add(word)
    return {initial: sorted(words) for initial, words in grouped.items()}


def _annotated(text: str, start: int, end: int, entity: str) -> tuple[int, int, str]:
    """Persons are learned with their title, whether the example marked it or not."""
    return (*with_title(text, start, end), entity) if entity == "person" else (start, end, entity)

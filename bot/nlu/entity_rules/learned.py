"""Products and persons: a linear-chain conditional random field over the tokens of a message, learned from examples.

Features of a token: its letters, its cluster, whether it may name goods, its neighbours, and the first or second goods
in the message it is (customers name the thing that the message is about, and mention others).
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any, Literal

import pycrfsuite
from spacy.tokens import Doc

from bot.nlu.entity_rules.lexicon import Goods, Lexicon

LABELS = ("product", "person")

# Found by five-fold cross-validation on the project's examples.
_TRAINING = {"c1": 0.1, "c2": 0.2, "max_iterations": 35, "feature.minfreq": 2}
# A token leaves "outside" when that is less probable than this: a product missed costs more than one too many.
_OUTSIDE_BELOW = 0.6

_PLAIN_STEP = 3
"""One in so many messages without goods and people is learned from: training time goes with their number."""

_DIGITS, _UPPER, _LOWER = re.compile(r"\d"), re.compile(r"[A-ZÄÖÜ]"), re.compile(r"[a-zäöüß]")
_REPEATED = re.compile(r"(.)\1{2,}")
_CACHE = 40_000

Example = tuple[Doc, list[tuple[int, int, str]]]
_Word = tuple[list[str], list[str], list[str]]


class Tagger:
    """Trained by :meth:`train` or restored by :meth:`from_state`; finds nothing before that."""

    def __init__(self, language: Literal["de", "en"]) -> None:
        self._language = language
        self._goods = Goods(language, frozenset())
        self.lexicon = Lexicon.empty(language)
        self._model: bytes = b""
        self._tagger: Any = None
        self._labels: list[str] = []
        self._cache: dict[str, _Word] = {}

    def sell(self, goods: frozenset[str]) -> None:
        """Words of the shop's own products: they may name goods, like the words of product_words_*."""
        self._goods = Goods(self._language, goods)

    def train(self, examples: list[Example]) -> None:
        """Seconds for thousands of examples; earlier learning is replaced."""
        self.lexicon = Lexicon.from_spacy(self._language)
        self._cache.clear()
        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.select("lbfgs")
        trainer.set_params(_TRAINING)
        telling_nothing = 0
        for doc, spans in examples:
            marked = any(label in LABELS for _, _, label in spans)
            goods = self._goods.marks([token.lower_ for token in doc])
            if not marked and not any(goods):
                # Most messages are far from goods and people; a few of them teach what is neither.
                telling_nothing += 1
                if telling_nothing % _PLAIN_STEP:
                    continue
            if len(doc):
                trainer.append(self._features(doc, goods), _labels(doc, spans))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "entities.crf"
            trainer.train(str(path))
            self._open(path.read_bytes())

    def to_state(self) -> dict[str, Any]:
        return {"crf": self._model, "lexicon": self.lexicon.to_state()}

    def from_state(self, state: dict[str, Any]) -> None:
        self.lexicon = Lexicon.from_state(self._language, state["lexicon"])
        self._cache.clear()
        self._open(state["crf"])

    def find(self, doc: Doc) -> list[tuple[int, int, str]]:
        """(start, end, label) in characters."""
        if self._tagger is None or not len(doc):
            return []
        labels = list(self._tagger.tag(self._features(doc, self._goods.marks([token.lower_ for token in doc]))))
        for i, label in enumerate(labels):
            if label == "O" and self._tagger.marginal("O", i) < _OUTSIDE_BELOW:
                labels[i] = max(self._labels, key=lambda each: float(self._tagger.marginal(each, i)))
        return _spans(doc, labels)

    def _open(self, model: bytes) -> None:
        self._model = model
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(model)
        self._labels = [label for label in self._tagger.labels() if label != "O"]

    def _features(self, doc: Doc, goods: list[list[str]]) -> list[list[str]]:
        """`goods`: what :class:`Goods` says of each token."""
        low = [token.lower_ for token in doc]
        words = [self._word(token.text) for token in doc]
        count, total, nth = len(doc), sum(bool(g) for g in goods), 0
        length = f"n={min(count // 5, 6)}"
        features = []
        for i in range(count):
            f = [*words[i][0], *goods[i], length]
            for offset in (-1, 1):
                j = i + offset
                if 0 <= j < count:
                    f += [f"{offset}{x}" for x in words[j][1]]
                    f += [f"{offset}{x}" for x in goods[j]]
                else:
                    f.append(f"{offset}edge")
            for offset in (-2, 2):
                j = i + offset
                if 0 <= j < count:
                    f += [f"{offset}{x}" for x in words[j][2]]
                    f += [f"{offset}{x}" for x in goods[j]]
            if i:
                f.append(f"bi={low[i - 1]}|{low[i]}")
            if goods[i]:
                nth += 1
                f.append(f"nth={min(nth, 3)}/{min(total, 3)}")
            else:
                f.append(f"others={min(total, 2)}")
            if doc[i].ent_type_ or doc[i].pos_:  # only with a bigger spaCy model
                f += [f"ent={doc[i].ent_type_}", f"pos={doc[i].pos_}"]
            features.append(f)
        return features

    def _word(self, text: str) -> _Word:
        """Features of the word itself: for its own token, for a neighbour, for one two tokens away."""
        known = self._cache.get(text)
        if known is not None:
            return known
        low = text.lower()
        shape = _REPEATED.sub(r"\1\1", _DIGITS.sub("d", _LOWER.sub("x", _UPPER.sub("X", text))))
        own = [f"w={low}", f"shape={shape}"]
        near = [f"w={low}", f"shape={shape}"]
        far = [f"w={low}"]
        for size in (3, 4, 5, 6):
            if len(low) > size:
                own.append(f"s{size}={low[-size:]}")
        for size in (3, 5):
            if len(low) > size:
                own.append(f"p{size}={low[:size]}")
        if len(low) > 3:
            near.append(f"s3={low[-3:]}")
        cluster = self.lexicon.cluster(text)
        if cluster is None:
            own.append("unknown")
        else:
            own += [f"c={cluster}", f"c10={cluster & 1023}", f"c6={cluster & 63}"]
            near += [f"c={cluster}", f"c6={cluster & 63}"]
            far.append(f"c6={cluster & 63}")
        name = self.lexicon.name(text)
        if name:
            for features in (own, near, far):
                features.append(f"name={name}{text[:1].isupper():d}")
        if self._language == "de":
            noun, other = self.lexicon.rank(low.capitalize()), self.lexicon.rank(low)
            own.append(f"noun={0 if noun == other else 1 if noun < other else 2}")
            part = self.lexicon.last_part(low) if len(low) > 6 else None
            if part:
                own += [f"part={part}", f"partc={self.lexicon.cluster(part)}"]
        if len(self._cache) > _CACHE:
            self._cache.clear()
        self._cache[text] = (own, near, far)
        return self._cache[text]


def _labels(doc: Doc, spans: list[tuple[int, int, str]]) -> list[str]:
    labels = ["O"] * len(doc)
    for start, end, label in spans:
        if label in LABELS:
            inside = [t.i for t in doc if t.idx < end and t.idx + len(t) > start]
            for nth, i in enumerate(inside):
                labels[i] = f"{'I' if nth else 'B'}-{label}"
    return labels


def _spans(doc: Doc, labels: list[str]) -> list[tuple[int, int, str]]:
    spans: list[tuple[int, int, str]] = []
    before = "O"
    for token, label in zip(doc, labels):
        end = token.idx + len(token)
        if label.startswith("I-") and before != "O" and before[2:] == label[2:]:
            spans[-1] = (spans[-1][0], end, label[2:])
        elif label != "O":
            spans.append((token.idx, end, label[2:]))
        before = label
    return spans

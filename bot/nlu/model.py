"""What a message means: intent, category, flags, remedies. Plain scikit-learn, no Rasa.

Features are the sentence vector, character n-grams, words, and the rules of alarms.yml. One linear SVM decides intent
and category together (each complaint category is a class of its own, so that one margin compares "a late delivery"
with "asks for status"). Each flag and remedy has an SVM of its own. Margins become probabilities on examples that
were held back: a temperature for the classes, a sigmoid for each question.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.svm import LinearSVC

from bot.nlu.alarms import Alarms
from bot.taxonomy import flags as flag_names

Array = npt.NDArray[np.float32]

COMPLAIN = "complain"
HELD_BACK = 0.25
"""Share of the examples that calibrates; the deciding model then learns from all of them."""

MAIN_AXES = 256
"""Of the 512 numbers of a sentence vector: training takes half the time, accuracy stays."""

THREADS = 2

WISHFUL = 0.1
"""Share of an intent's examples with a remedy from which a remedy is as believable as the words say; with fewer, the
same words ("repair", "refund") mostly mean something else: a question about rights, praise, a yes."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "’": "'"})
_DIGITS = re.compile(r"\d")
_LONG = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True)
class Labels:
    """What an example means: `category` only with intent complain."""

    intent: str
    category: str | None = None
    flags: frozenset[str] = frozenset()
    remedies: frozenset[str] = frozenset()

    @property
    def joint(self) -> str:
        """Intent and category as one class."""
        return f"{self.intent}/{self.category}" if self.category else self.intent


@dataclass(frozen=True)
class Meaning:
    """Probabilities for one message; `categories` given that it is a complaint."""

    intents: dict[str, float]
    categories: dict[str, float]
    flags: dict[str, float] = field(default_factory=dict)
    remedies: dict[str, float] = field(default_factory=dict)

    @property
    def intent(self) -> str:
        return max(self.intents, key=self.intents.__getitem__)

    @property
    def category(self) -> str | None:
        """The likeliest category of a complaint, None for other intents."""
        return max(self.categories, key=self.categories.__getitem__) if self.intent == COMPLAIN else None


def normalised(text: str) -> str:
    """Lower case, umlauts as ae/oe/ue, digits as 0, drawn-out letters shortened: spelling that carries no meaning."""
    return _LONG.sub(r"\1\1", _DIGITS.sub("0", text.lower().translate(_UMLAUTS)))


@dataclass(frozen=True)
class _Answer:
    """One yes/no question, learned: weights, and the sigmoid that makes its margin a probability."""

    coef: Array
    bias: float
    slope: float
    shift: float


class UnderstandingModel:
    """Fit on labelled texts with their sentence vectors; then :meth:`meaning` of new ones."""

    def __init__(
        self,
        *,
        vector_weight: float = 0.8,
        c: float = 0.5,
        flag_c: float = 0.7,
        alarm_weight: float = 1.0,
        seed: int = 7,
    ) -> None:
        self._vector_weight, self._alarm_weight = np.float32(vector_weight), np.float32(alarm_weight)
        self._c, self._flag_c, self._seed = c, flag_c, seed
        self._alarms = Alarms()
        self._main_axes = PCA(MAIN_AXES, random_state=seed)
        self._characters = TfidfVectorizer(
            preprocessor=normalised, analyzer="char_wb", ngram_range=(2, 5), min_df=3, max_features=100_000,
            sublinear_tf=True, dtype=np.float32,
        )  # fmt: skip
        self._words = TfidfVectorizer(
            preprocessor=normalised, ngram_range=(1, 2), min_df=2, sublinear_tf=True,
            token_pattern=r"(?u)\w+|[^\w\s]", dtype=np.float32,
        )  # fmt: skip

    def fit(self, texts: list[str], vectors: Array, labels: list[Labels]) -> UnderstandingModel:
        features = self._features(texts, vectors, fit=True)
        joint = np.array([label.joint for label in labels])
        self._wishes = _wishes(labels)
        self.flag_names = sorted({flag for label in labels for flag in label.flags})
        self.remedy_names = sorted({remedy for label in labels for remedy in label.remedies})
        jobs: list[Callable[[], Any]] = [partial(self._fit_classes, features, joint)]
        for name in self.flag_names:
            answers = np.array([name in label.flags for label in labels])
            jobs.append(partial(self._fit_answer, features, answers, weight=2.0))
        for name in self.remedy_names:
            answers = np.array([name in label.remedies for label in labels])
            jobs.append(partial(self._fit_answer, features, answers, weight=1.0))
        with ThreadPoolExecutor(THREADS) as pool:  # liblinear works outside Python's lock
            (coef, bias), *heads = pool.map(lambda job: job(), jobs)
        self._slopes = np.array([head.slope for head in heads])
        self._shifts = np.array([head.shift for head in heads])
        # One matrix for everything: a message costs one sparse product.
        self._weights = np.vstack([coef, *[head.coef[None, :] for head in heads]]).T.copy()
        self._biases = np.concatenate([bias, [head.bias for head in heads]])
        return self

    def meaning(self, text: str, vector: Array) -> Meaning:
        """Probabilities for one text."""
        margins = np.asarray(self._features([text], vector[None, :]) @ self._weights)[0] + self._biases
        split = len(self.classes)
        joint = _softmax(margins[:split] * self.temperature)
        answers = 1 / (1 + np.exp(-(margins[split:] * self._slopes + self._shifts)))
        intents: dict[str, float] = {}
        categories: dict[str, float] = {}
        for name, p in zip(self.classes, joint):
            intent, _, category = name.partition("/")
            intents[intent] = intents.get(intent, 0.0) + float(p)
            if category:
                categories[category] = float(p)
        total = sum(categories.values()) or 1.0
        named = dict(zip([*self.flag_names, *self.remedy_names], map(float, answers)))
        wishes = sum(p * self._wishes[intent] for intent, p in intents.items())
        return Meaning(
            intents,
            {name: p / total for name, p in categories.items()},
            {name: named[name] for name in self.flag_names},
            {name: named[name] * wishes for name in self.remedy_names},
        )

    def knows(self, text: str) -> float:
        """Share of the words that the examples have, 0 to 1; 1 for a text without words."""
        words = re.findall(r"\w+", normalised(text))
        known = sum(word in self._words.vocabulary_ for word in words)
        return known / len(words) if words else 1.0

    def _fit_classes(self, features: sparse.csr_matrix, joint: npt.NDArray[Any]) -> tuple[Array, Array]:
        self.classes = [str(name) for name in np.unique(joint)]
        known, held = _split(joint, self._seed)
        margins = self._svm(self._c).fit(features[known], joint[known]).decision_function(features[held])
        truth = np.searchsorted(self.classes, joint[held])

        def loss(temperature: float) -> float:
            scaled = margins * temperature
            top = scaled.max(axis=1, keepdims=True)
            log_sum = np.log(np.exp(scaled - top).sum(axis=1)) + top[:, 0]
            return float((log_sum - scaled[np.arange(len(truth)), truth]).mean())

        self.temperature = float(minimize_scalar(loss, bounds=(0.2, 20), method="bounded").x)
        final = self._svm(self._c).fit(features, joint)
        return final.coef_.astype(np.float32), final.intercept_

    def _fit_answer(self, features: sparse.csr_matrix, answers: npt.NDArray[np.bool_], weight: float) -> _Answer:
        known, held = _split(answers, self._seed)
        weights = {True: weight, False: 1.0}
        svm = self._svm(self._flag_c, weights).fit(features[known], answers[known])
        sigmoid = LogisticRegression(C=1e3).fit(svm.decision_function(features[held])[:, None], answers[held])
        final = self._svm(self._flag_c, weights).fit(features, answers)
        return _Answer(
            final.coef_[0].astype(np.float32),
            float(final.intercept_[0]),
            float(sigmoid.coef_[0, 0]),
            float(sigmoid.intercept_[0]),
        )

    def _svm(self, c: float, weights: dict[bool, float] | None = None) -> LinearSVC:
        return LinearSVC(C=c, class_weight=weights, random_state=self._seed, tol=1e-2)

    def _features(self, texts: list[str], vectors: Array, *, fit: bool = False) -> sparse.csr_matrix:
        characters = self._characters.fit_transform(texts) if fit else self._characters.transform(texts)
        words = self._words.fit_transform(texts) if fit else self._words.transform(texts)
        if fit and len(texts) > MAIN_AXES:
            self._main_axes.fit(vectors)
        if hasattr(self._main_axes, "components_"):
            vectors = self._main_axes.transform(vectors)
        dense = np.hstack([vectors * self._vector_weight, self._alarm_features(texts)]).astype(np.float32)
        return sparse.hstack([sparse.csr_matrix(dense), characters, words], format="csr", dtype=np.float32)

    def _alarm_features(self, texts: list[str]) -> Array:
        """A column for each flag: whether a rule found it."""
        names = flag_names()
        found = np.zeros((len(texts), len(names)), dtype=np.float32)
        for row, text in enumerate(texts):
            for alarm in self._alarms.find(text):
                found[row, names.index(alarm.flag)] = self._alarm_weight
        return found


def _wishes(labels: list[Labels]) -> dict[str, float]:
    """Intent -> how far a remedy can be believed there, 0 to 1."""
    shares: dict[str, list[bool]] = {}
    for label in labels:
        shares.setdefault(label.intent, []).append(bool(label.remedies))
    return {intent: min(1.0, sum(having) / len(having) / WISHFUL) for intent, having in shares.items()}


def _split(answers: npt.NDArray[Any], seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    split = StratifiedShuffleSplit(1, test_size=HELD_BACK, random_state=seed).split(answers, answers)
    known, held = next(split)
    return known, held


def _softmax(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    exponents = np.exp(values - values.max())
    result: npt.NDArray[np.float64] = exponents / exponents.sum()
    return result

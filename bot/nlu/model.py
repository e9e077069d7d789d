"""What a message means: intent, category, flags, remedies. Plain scikit-learn, no Rasa.

Features are the sentence vector, character n-grams and words. One linear SVM decides intent and category together
(each complaint category is a class of its own, so that one margin compares "a late delivery" with "asks for status");
its margins become probabilities by a temperature fitted on held-back folds. Each flag and remedy has an SVM of its
own with a fitted sigmoid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

Array = npt.NDArray[np.float32]

COMPLAIN = "complain"
FOLDS = 3
"""For calibration; the deciding model sees all examples."""

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
    """Probabilities for one message; `category` given that it is a complaint."""

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


class _Head:
    """One yes/no question: a linear SVM and the sigmoid that makes its margin a probability."""

    def __init__(self, weight: float, seed: int) -> None:
        self._weight, self._seed = weight, seed

    def fit(self, features: sparse.csr_matrix, answers: npt.NDArray[np.bool_]) -> _Head:
        held_back = np.zeros(len(answers))
        for train, rest in StratifiedKFold(FOLDS, shuffle=True, random_state=self._seed).split(features, answers):
            held_back[rest] = self._svm().fit(features[train], answers[train]).decision_function(features[rest])
        sigmoid = LogisticRegression(C=1e3).fit(held_back[:, None], answers)
        self.slope, self.shift = float(sigmoid.coef_[0, 0]), float(sigmoid.intercept_[0])
        final = self._svm().fit(features, answers)
        self.coef, self.bias = final.coef_[0].astype(np.float32), float(final.intercept_[0])
        return self

    def _svm(self) -> LinearSVC:
        return LinearSVC(C=0.5, class_weight={True: self._weight, False: 1.0}, random_state=self._seed, tol=1e-3)


class UnderstandingModel:
    """Fit on labelled texts with their sentence vectors; then :meth:`meaning` of new ones."""

    def __init__(self, *, vector_weight: float = 1.5, c: float = 1.0, seed: int = 7) -> None:
        self._vector_weight, self._c, self._seed = vector_weight, c, seed
        self._characters = TfidfVectorizer(
            preprocessor=normalised, analyzer="char_wb", ngram_range=(2, 5), min_df=2, max_features=150_000,
            sublinear_tf=True, dtype=np.float32,
        )  # fmt: skip
        self._words = TfidfVectorizer(
            preprocessor=normalised, ngram_range=(1, 2), min_df=2, sublinear_tf=True,
            token_pattern=r"(?u)\w+|[^\w\s]", dtype=np.float32,
        )  # fmt: skip

    def fit(self, texts: list[str], vectors: Array, labels: list[Labels]) -> UnderstandingModel:
        features = self._features(texts, vectors, fit=True)
        joint = np.array([label.joint for label in labels])
        self._fit_classes(features, joint)
        flags = sorted({flag for label in labels for flag in label.flags})
        remedies = sorted({remedy for label in labels for remedy in label.remedies})
        self.flag_names, self.remedy_names = flags, remedies
        heads = [self._head(features, [flag in label.flags for label in labels], 2.0) for flag in flags]
        heads += [self._head(features, [remedy in label.remedies for label in labels], 1.0) for remedy in remedies]
        self._slopes = np.array([head.slope for head in heads])
        self._shifts = np.array([head.shift for head in heads])
        # One matrix for everything: a message costs one sparse product.
        self._weights = np.vstack([self._class_coef, *[head.coef[None, :] for head in heads]]).T.copy()
        self._biases = np.concatenate([self._class_bias, [head.bias for head in heads]])
        del self._class_coef, self._class_bias
        return self

    def meaning(self, text: str, vector: Array) -> Meaning:
        """Probabilities for one text."""
        row = self._features([text], vector[None, :])
        margins = np.asarray(row @ self._weights)[0] + self._biases
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
        return Meaning(
            intents,
            {name: p / total for name, p in categories.items()},
            {name: named[name] for name in self.flag_names},
            {name: named[name] for name in self.remedy_names},
        )

    def _fit_classes(self, features: sparse.csr_matrix, joint: npt.NDArray[Any]) -> None:
        self.classes = [str(name) for name in np.unique(joint)]
        held_back = np.zeros((len(joint), len(self.classes)))
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=self._seed)
        for train, rest in folds.split(features, joint):
            held_back[rest] = self._svm().fit(features[train], joint[train]).decision_function(features[rest])
        truth = np.searchsorted(self.classes, joint)

        def loss(temperature: float) -> float:
            scaled = held_back * temperature
            top = scaled.max(axis=1, keepdims=True)
            log_sum = np.log(np.exp(scaled - top).sum(axis=1)) + top[:, 0]
            return float((log_sum - scaled[np.arange(len(truth)), truth]).mean())

        self.temperature = float(minimize_scalar(loss, bounds=(0.2, 20), method="bounded").x)
        final = self._svm().fit(features, joint)
        self._class_coef, self._class_bias = final.coef_.astype(np.float32), final.intercept_

    def _svm(self) -> LinearSVC:
        return LinearSVC(C=self._c, random_state=self._seed, tol=1e-3)

    def _head(self, features: sparse.csr_matrix, answers: list[bool], weight: float) -> _Head:
        return _Head(weight, self._seed).fit(features, np.array(answers))

    def _features(self, texts: list[str], vectors: Array, *, fit: bool = False) -> sparse.csr_matrix:
        characters = self._characters.fit_transform(texts) if fit else self._characters.transform(texts)
        words = self._words.fit_transform(texts) if fit else self._words.transform(texts)
        dense = sparse.csr_matrix(vectors * np.float32(self._vector_weight))
        return sparse.hstack([dense, characters, words], format="csr", dtype=np.float32)


def _softmax(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    exponents = np.exp(values - values.max())
    result: npt.NDArray[np.float64] = exponents / exponents.sum()
    return result

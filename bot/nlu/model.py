"""What a message means: intent, category, flags, remedies. Plain scikit-learn, no Rasa.

Features are the sentence vector, character n-grams, words, and the rules of alarms.yml. One linear SVM decides intent
and category together (each complaint category is a class of its own, so that one margin compares "a late delivery"
with "asks for status"). Each flag and remedy has an SVM of its own, and so has the question whether a message is grave
at all: which flag it is may be hard to say where that it is one is not. Margins become probabilities on examples that
were held back: a temperature for the classes, a sigmoid for each question.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from bot.nlu.alarms import Alarms
from bot.taxonomy import SEVERE_FROM, severity
from bot.taxonomy import flags as flag_names

Array = npt.NDArray[np.float32]

COMPLAIN = "complain"
HELD_BACK = 0.08
"""Share of the examples that calibrates and is not learned from: learning anew with all of them would double the time
of a training, and calibrate a weaker model than the one that decides."""

MAIN_AXES = 256
"""Of the 512 numbers of a sentence vector: training takes half the time, accuracy stays."""

AXES_FROM = 6_000
"""Sentence vectors, evenly taken, that show where the main axes lie; all of them show the same."""

THREADS = 2

PARTS = 3
"""Into which the classes are divided, so that no thread is left alone with them."""

OTHERS = ""
"""All classes that are not in a part."""

UNCALIBRATED = (2.0, 0.0)
"""Slope and shift for a question whose answer could not be held back."""

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
    grave: float = 0.0
    """Whether any grave flag (severity 3 or 4) stands, asked as one question."""

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


@dataclass(frozen=True)
class _Split:
    """The examples to learn from and those held back to calibrate: their rows and their features."""

    known: npt.NDArray[np.int64]
    held: npt.NDArray[np.int64]
    to_learn: sparse.csr_matrix
    to_calibrate: sparse.csr_matrix


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
        self._main_axes = PCA(MAIN_AXES, svd_solver="full")
        self._characters = TfidfVectorizer(
            preprocessor=normalised, analyzer="char_wb", ngram_range=(3, 5), min_df=3, max_features=100_000,
            sublinear_tf=True, dtype=np.float32,
        )  # fmt: skip
        self._words = TfidfVectorizer(
            preprocessor=normalised, ngram_range=(1, 2), min_df=2, sublinear_tf=True,
            token_pattern=r"(?u)\w+|[^\w\s]", dtype=np.float32,
        )  # fmt: skip

    def fit(self, texts: list[str], vectors: Array, labels: list[Labels]) -> UnderstandingModel:
        # What liblinear computes with: given anything else, it would copy all of it for each question.
        features = self._features(texts, vectors, fit=True).astype(np.float64)
        joint = np.array([label.joint for label in labels])
        known, held = drawn(joint, texts)
        split = _Split(known, held, features[known], features[held])
        self._wishes = _wishes(labels)
        self.flag_names = sorted({flag for label in labels for flag in label.flags})
        self.remedy_names = sorted({remedy for label in labels for remedy in label.remedies})
        self.classes = [str(name) for name in np.unique(joint)]
        parts = np.array_split(self.classes, PARTS if len(self.classes) >= 2 * PARTS else 1)
        questions = [([name in label.flags for label in labels], 2.0) for name in self.flag_names]
        questions += [([name in label.remedies for label in labels], 1.0) for name in self.remedy_names]
        self._asks_grave = any(map(_grave, self.flag_names))
        if self._asks_grave:
            questions.append(([any(map(_grave, label.flags)) for label in labels], 2.0))
        with ThreadPoolExecutor(THREADS) as pool:  # liblinear works outside Python's lock
            classes = [pool.submit(self._fit_classes, split, joint, part) for part in parts]
            heads = [pool.submit(self._fit_answer, split, np.array(yes), weight) for yes, weight in questions]
        coef, bias = (np.concatenate(each) for each in zip(*(part.result() for part in classes)))
        answers = [head.result() for head in heads]
        truth = np.searchsorted(self.classes, joint[held])
        self.temperature = _temperature(split.to_calibrate @ coef.T + bias, truth)
        self._slopes = np.array([answer.slope for answer in answers])
        self._shifts = np.array([answer.shift for answer in answers])
        # One matrix for everything: a message costs one sparse product.
        self._weights = np.vstack([coef, *[answer.coef[None, :] for answer in answers]]).T.copy()
        self._biases = np.concatenate([bias, [answer.bias for answer in answers]])
        return self

    def __getstate__(self) -> dict[str, Any]:
        # Half the numbers' length: the archive is packed and unpacked in half the time, decisions stay.
        return self.__dict__ | {"_weights": self._weights.astype(np.float16)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _weights=state["_weights"].astype(np.float32))

    def meaning(self, text: str, vector: Array) -> Meaning:
        """Probabilities for one text."""
        return self.meanings([text], [vector])[0]

    def meanings(self, texts: Sequence[str], vectors: Sequence[Array]) -> list[Meaning]:
        """Probabilities for each text with its sentence vector."""
        if not texts:
            return []
        margins = np.asarray(self._features(list(texts), np.stack(vectors)) @ self._weights) + self._biases
        return [self._meaning(row) for row in margins]

    def _meaning(self, margins: npt.NDArray[np.float64]) -> Meaning:
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
            float(answers[-1]) if self._asks_grave else 0.0,
        )

    def knows(self, text: str) -> float:
        """Share of the words of letters that the examples have, 0 to 1; 1 for a text without any."""
        words = re.findall(r"[^\W\d_]{2,}", normalised(text))
        known = sum(word in self._words.vocabulary_ for word in words)
        return known / len(words) if words else 1.0

    def _fit_classes(self, split: _Split, joint: npt.NDArray[Any], part: npt.NDArray[Any]) -> tuple[Array, Array]:
        """Weights and biases of some classes, each against all others; who these are is the same to it."""
        named = np.where(np.isin(joint, part), joint, OTHERS)[split.known]
        svm = self._svm(self._c).fit(split.to_learn, named)
        rows = np.searchsorted(svm.classes_, part)
        return svm.coef_[rows].astype(np.float32), svm.intercept_[rows]

    def _fit_answer(self, split: _Split, answers: npt.NDArray[np.bool_], weight: float) -> _Answer:
        known, held = answers[split.known], answers[split.held]
        svm = self._svm(self._flag_c, {True: weight, False: 1.0}).fit(split.to_learn, known)
        slope, shift = UNCALIBRATED
        if held.any():  # else there is but one example
            margins = svm.decision_function(split.to_calibrate)
            sigmoid = LogisticRegression(C=1e3).fit(margins[:, None], held)
            slope, shift = float(sigmoid.coef_[0, 0]), float(sigmoid.intercept_[0])
        return _Answer(svm.coef_[0].astype(np.float32), float(svm.intercept_[0]), slope, shift)

    def _svm(self, c: float, weights: dict[bool, float] | None = None) -> LinearSVC:
        return LinearSVC(C=c, class_weight=weights, random_state=self._seed, tol=0.3)

    def _features(self, texts: list[str], vectors: Array, *, fit: bool = False) -> sparse.csr_matrix:
        characters = self._characters.fit_transform(texts) if fit else self._characters.transform(texts)
        words = self._words.fit_transform(texts) if fit else self._words.transform(texts)
        if fit and len(texts) > MAIN_AXES:
            self._main_axes.fit(vectors[:: max(1, len(texts) // AXES_FROM)])
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


def _temperature(margins: npt.NDArray[Any], truth: npt.NDArray[np.int64]) -> float:
    """What margins are multiplied with so that their softmax says how often it is right."""

    def loss(temperature: float) -> float:
        scaled = margins * temperature
        top = scaled.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(scaled - top).sum(axis=1)) + top[:, 0]
        return float((log_sum - scaled[np.arange(len(truth)), truth]).mean())

    return float(minimize_scalar(loss, bounds=(0.2, 20), method="bounded").x)


def _grave(flag: str) -> bool:
    return severity([flag], complaint=False) >= SEVERE_FROM


def _wishes(labels: list[Labels]) -> dict[str, float]:
    """Intent -> how far a remedy can be believed there, 0 to 1."""
    shares: dict[str, list[bool]] = {}
    for label in labels:
        shares.setdefault(label.intent, []).append(bool(label.remedies))
    return {intent: min(1.0, sum(having) / len(having) / WISHFUL) for intent, having in shares.items()}


def drawn(answers: npt.NDArray[Any], texts: list[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows to learn from and rows held back, each answer in both; one that is there only once is learned from.

    The text decides which: with a new example the others stay where they are. Were they drawn anew, one label would
    change what the model makes of messages that have nothing to do with it.
    """
    order = np.array([hashlib.sha1(text.encode()).hexdigest() for text in texts])
    held: list[int] = []
    for answer in np.unique(answers):
        rows = np.flatnonzero(answers == answer)
        if len(rows) > 1:
            held += rows[np.argsort(order[rows])][: max(1, round(len(rows) * HELD_BACK))].tolist()
    return np.setdiff1d(np.arange(len(answers)), held), np.sort(np.array(held, dtype=np.int64))


def _softmax(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    exponents = np.exp(values - values.max())
    result: npt.NDArray[np.float64] = exponents / exponents.sum()
    return result

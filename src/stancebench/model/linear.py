"""Linear models over word and character n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

from stancebench.model.interface import Table, spread
from stancebench.types import LABELS

Kind = Literal["logreg", "svm", "nb"]
Per = Literal["all", "target"]


class LinearStance(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression, a linear SVM or naive Bayes over TF-IDF of word and character n-grams.

    Word 1–3 and character 2–5 grams with one SVM a target is the strongest entry of SemEval-2016
    Task 6 that used the training data alone [1]_. With ``per="all"`` one classifier serves all
    targets: each n-gram counts once for all of them and once for its target [2]_.

    Parameters
    ----------
    kind : {"logreg", "svm", "nb"}
        The classifier.
    per : {"all", "target"}
        One classifier for all targets, or one for each.
    C : float
        Inverse strength of regularisation (``logreg``, ``svm``).
    alpha : float
        Smoothing (``nb``, complement naive Bayes).
    word_ngrams, char_ngrams : tuple of (int, int)
        Shortest and longest n-gram.
    min_df : int
        Documents (training examples) that an n-gram must stand in.
    class_weight : {"balanced"} or None
        Weights of the classes (``logreg``, ``svm``).
    random_state : int
        Seed of the solver.

    Notes
    -----
    An SVM has no probabilities: its margins go through a softmax, which keeps their order and
    claims no calibration.

    References
    ----------
    .. [1] S. Mohammad et al., "SemEval-2016 Task 6: Detecting Stance in Tweets", 2016.
    .. [2] H. Daumé III, "Frustratingly Easy Domain Adaptation", ACL 2007.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"text": ["yes, go", "no, stay"] * 3, "target": ["t"] * 6})
    >>> LinearStance(kind="svm").fit(X, ["favor", "against"] * 3).predict(X[:2])
    array(['favor', 'against'], dtype=object)
    """

    def __init__(
        self,
        kind: Kind = "svm",
        per: Per = "all",
        C: float = 1.0,
        alpha: float = 1.0,
        word_ngrams: tuple[int, int] = (1, 3),
        char_ngrams: tuple[int, int] = (2, 5),
        min_df: int = 1,
        class_weight: Literal["balanced"] | None = "balanced",
        random_state: int = 0,
    ) -> None:
        self.kind = kind
        self.per = per
        self.C = C
        self.alpha = alpha
        self.word_ngrams = word_ngrams
        self.char_ngrams = char_ngrams
        self.min_df = min_df
        self.class_weight = class_weight
        self.random_state = random_state

    def fit(self, X: Table, y: Sequence[str]) -> LinearStance:
        """Learn the vocabulary of the training texts and the classifiers over it."""
        for name, value, known in (("kind", self.kind, Kind), ("per", self.per, Per)):
            if value not in get_args(known):
                raise ValueError(f"{name} must be one of {get_args(known)}, not {value!r}")
        targets, labels = np.asarray(X["target"], dtype=object), np.asarray(y, dtype=object)
        self.classes_ = np.asarray(LABELS, dtype=object)
        self.targets_ = sorted(set(targets))
        self.features_ = self._vectorizer()
        counts = self.features_.fit_transform(X["text"])
        self.models_: dict[str, tuple[Any, list[str]]] = {"": self._fit_one(counts, targets, labels)}
        if self.per == "target":
            for target in self.targets_:
                mine = targets == target
                self.models_[target] = self._fit_one(counts[mine], targets[mine], labels[mine])
        return self

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k); a label absent from the training part gets 0."""
        targets = np.asarray(X["target"], dtype=object)
        counts = self.features_.transform(X["text"])
        probabilities = np.zeros((len(targets), len(LABELS)))
        for target in set(targets):
            mine = targets == target
            model, present = self.models_.get(target, self.models_[""])
            features = self._cross(counts[mine], targets[mine])
            probabilities[mine] = spread(_probabilities(model, features, len(present)), present)
        return probabilities

    def predict(self, X: Table) -> np.ndarray:
        """Return the most probable label of each example, shape (n,)."""
        names: np.ndarray = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return names

    def _vectorizer(self) -> FeatureUnion:
        def tfidf(analyzer: str, ngrams: tuple[int, int]) -> TfidfVectorizer:
            return TfidfVectorizer(
                analyzer=analyzer, ngram_range=tuple(ngrams), min_df=self.min_df, sublinear_tf=True
            )

        return FeatureUnion(
            [
                ("word", tfidf("word", self.word_ngrams)),
                ("char", tfidf("char_wb", self.char_ngrams)),
            ]
        )

    def _fit_one(
        self, counts: sparse.csr_array, targets: np.ndarray, labels: np.ndarray
    ) -> tuple[Any, list[str]]:
        present = [label for label in LABELS if label in set(labels)]
        if len(present) == 1:
            return None, present
        return self._classifier().fit(self._cross(counts, targets), labels), sorted(present)

    def _classifier(self) -> Any:
        if self.kind == "nb":
            return ComplementNB(alpha=self.alpha)
        if self.kind == "logreg":
            return LogisticRegression(
                C=self.C,
                class_weight=self.class_weight,
                max_iter=2000,
                random_state=self.random_state,
            )
        return LinearSVC(C=self.C, class_weight=self.class_weight, random_state=self.random_state)

    def _cross(self, counts: sparse.csr_array, targets: np.ndarray) -> sparse.csr_array:
        """Return the features of one classifier: with ``per="all"``, a copy of each for its target."""
        if self.per == "target":
            return counts
        blocks = [counts]
        for target in self.targets_:
            mine = sparse.diags_array((targets == target).astype(float))
            blocks += [mine @ counts, sparse.csr_array((targets == target)[:, None].astype(float))]
        return sparse.csr_array(sparse.hstack(blocks))


def _probabilities(model: Any, features: sparse.csr_array, k: int) -> np.ndarray:
    if model is None:
        return np.ones((features.shape[0], 1))
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(features))
    margins = model.decision_function(features)
    if k == 2:
        margins = np.stack([-margins, margins], axis=1)
    exp = np.exp(margins - margins.max(axis=1, keepdims=True))
    return np.asarray(exp / exp.sum(axis=1, keepdims=True))

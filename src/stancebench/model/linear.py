"""Linear models over word and character n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC
from sklearn.utils.class_weight import compute_sample_weight

from stancebench.errors import UserError
from stancebench.model.grid import documents_of, search
from stancebench.model.interface import Table, spread
from stancebench.model.ngrams import cross_with_targets, ngram_vectorizer
from stancebench.types import LABELS

Kind = Literal["logreg", "svm", "nb", "ridge"]
Per = Literal["all", "target"]
#: Where in `models_` the classifier of all targets is: the only one, or that of unseen targets.
ALL = ""


class LinearStance(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A linear classifier over TF-IDF of word and character n-grams.

    Word 1–3 and character 2–5 grams with one SVM a target is the strongest entry of SemEval-2016
    Task 6 that used the training data alone [1]_. With ``per="all"`` one classifier serves all
    targets: each n-gram counts once for all of them and once for its target [2]_.

    Parameters
    ----------
    kind : {"logreg", "svm", "nb", "ridge"}
        Logistic regression, a linear SVM, complement naive Bayes [3]_, or ridge regression on ±1.
    per : {"all", "target"}
        One classifier for all targets, or one for each, which sees that target's examples alone. A
        target not seen in training gets, with ``"all"``, what the n-grams say of every target, and
        with ``"target"``, a classifier of all examples that is not told their targets.
    C : float
        Inverse strength of regularisation (``logreg``, ``svm``).
    alpha : float
        Smoothing (``nb``) or strength of regularisation (``ridge``).
    word_ngrams, char_ngrams : tuple of (int, int)
        Shortest and longest n-gram.
    min_df : int
        Training examples that an n-gram must stand in.
    class_weight : {"balanced"} or None
        Weigh each example by the inverse frequency of its label.
    grid : tuple of float or None
        Values of `C` or `alpha`, whichever `kind` has, from which each classifier's is chosen by
        cross-validation inside the training part, its documents kept whole: the best macro-F1, of equal
        ones the strongest regularisation. ``None``: the value given.
    cv_folds : int
        Folds of that cross-validation.
    random_state : int
        Seed of the solver.

    Attributes
    ----------
    chosen_ : dict of str to float
        `C` or `alpha` of each classifier: ``""`` is that of all targets, the others one target's.
    grid_scores_ : dict of str to dict of float to float
        Macro-F1 of each value of the grid; empty where nothing was searched.

    Notes
    -----
    An SVM and ridge regression have no probabilities: their margins go through a softmax, which keeps
    the order and claims no calibration.

    N-grams are counted once, over the whole training part, and shared by all folds and values of a grid.
    So a fold's classifier knows the vocabulary and the document frequencies (idf) of the texts held out
    from it, but no label of theirs.

    Complement naive Bayes estimates a label from all other labels' examples. Unweighted, where
    ``none`` is most of them, its choice swings with the smoothing between ``none`` never and always.

    References
    ----------
    .. [1] S. Mohammad et al., "SemEval-2016 Task 6: Detecting Stance in Tweets", 2016.
    .. [2] H. Daumé III, "Frustratingly Easy Domain Adaptation", ACL 2007.
    .. [3] J. Rennie et al., "Tackling the Poor Assumptions of Naive Bayes Text Classifiers", ICML 2003.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"text": ["yes, go", "no, stay"] * 3, "target": ["t"] * 6})
    >>> LinearStance(kind="svm").fit(X, ["favor", "against"] * 3).predict(X[:2])
    array(['favor', 'against'], dtype=object)
    """

    #: 2: naive Bayes heeds `class_weight`.
    version = 2

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
        grid: tuple[float, ...] | None = None,
        cv_folds: int = 3,
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
        self.grid = grid
        self.cv_folds = cv_folds
        self.random_state = random_state

    def fit(self, X: Table, y: Sequence[str]) -> LinearStance:
        """Learn the vocabulary of the training texts and the classifiers over it.

        Parameters
        ----------
        X : table of n examples
            Columns ``text``, ``target`` and, for a grid, ``document_id`` (without it, equal texts are
            kept together instead).
        y : sequence of n label names

        Raises
        ------
        UserError
            Where `C` or `alpha` is given, too, though the grid would win.
        """
        self._check()
        targets, labels = np.asarray(X["target"], dtype=object), np.asarray(y, dtype=object)
        documents = documents_of(X)
        self.classes_ = np.asarray(LABELS, dtype=object)
        self.targets_ = sorted(set(targets))
        self.vectorizer_ = ngram_vectorizer(self.word_ngrams, self.char_ngrams, self.min_df)
        ngrams = self.vectorizer_.fit_transform(X["text"])
        parts: dict[str, Any] = {ALL: slice(None)}
        if self.per == "target":
            parts |= {target: targets == target for target in self.targets_}
        self.models_: dict[str, Any] = {}
        self.chosen_: dict[str, float] = {}
        self.grid_scores_: dict[str, dict[float, float]] = {}
        for name, rows in parts.items():
            features = self._features(ngrams[rows], targets[rows])
            self.chosen_[name] = self._choose(name, features, labels[rows], documents[rows])
            self.models_[name] = self._fit_one(self.chosen_[name], features, labels[rows])
        return self

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k); a label absent from the training part gets 0."""
        targets = np.asarray(X["target"], dtype=object)
        ngrams = self.vectorizer_.transform(X["text"])
        probabilities = np.zeros((len(targets), len(LABELS)))
        for target in set(targets):
            mine = targets == target
            model = self.models_.get(target, self.models_[ALL])
            found = _probabilities(model, self._features(ngrams[mine], targets[mine]))
            probabilities[mine] = spread(found, list(model.classes_))
        return probabilities

    def predict(self, X: Table) -> np.ndarray:
        """Return the most probable label of each example, shape (n,)."""
        names: np.ndarray = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return names

    def _check(self) -> None:
        for name, value, known in (("kind", self.kind, Kind), ("per", self.per, Per)):
            if value not in get_args(known):
                raise ValueError(f"{name} must be one of {get_args(known)}, not {value!r}")
        given = getattr(self, self._strength)
        if self.grid is not None and given != 1.0:
            raise UserError(
                f"model.{self._strength}={given} has no effect beside model.grid={list(self.grid)}",
                hint="to use it: model.grid=null; to choose from other values: another grid",
            )

    @property
    def _strength(self) -> Literal["C", "alpha"]:
        """The parameter that `grid` has values of; a larger `C` is weaker, a larger `alpha` stronger."""
        return "C" if self.kind in ("logreg", "svm") else "alpha"

    def _features(self, ngrams: sparse.csr_array, targets: np.ndarray) -> sparse.csr_array:
        return ngrams if self.per == "target" else cross_with_targets(ngrams, targets, self.targets_)

    def _choose(
        self, name: str, features: sparse.csr_array, labels: np.ndarray, documents: np.ndarray
    ) -> float:
        """Return the `C` or `alpha` of one classifier, and keep the scores of the grid."""
        if self.grid is None:
            return float(getattr(self, self._strength))
        values = sorted(self.grid, reverse=self._strength == "alpha")
        found = search(self._fit_one, values, features, labels, documents, self.cv_folds)
        self.grid_scores_[name] = found.scores
        return found.chosen

    def _fit_one(self, value: float, features: sparse.csr_array, labels: np.ndarray) -> Any:
        """Return a classifier fitted with `C` or `alpha` at `value`."""
        if len(set(labels)) == 1:
            return DummyClassifier().fit(features, labels)
        if self.kind == "nb":
            weights = compute_sample_weight(self.class_weight, labels)
            return ComplementNB(alpha=value).fit(features, labels, sample_weight=weights)
        weight, seed = self.class_weight, self.random_state
        if self.kind == "ridge":
            return RidgeClassifier(alpha=value, class_weight=weight).fit(features, labels)
        if self.kind == "svm":
            return LinearSVC(C=value, class_weight=weight, random_state=seed).fit(features, labels)
        return LogisticRegression(C=value, class_weight=weight, max_iter=2000).fit(features, labels)


def _probabilities(model: Any, features: sparse.csr_array) -> np.ndarray:
    """Return the probabilities of the labels that `model` has seen, one column each."""
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(features))
    margins = model.decision_function(features)
    if len(model.classes_) == 2:
        margins = np.stack([-margins, margins], axis=1)
    exp = np.exp(margins - margins.max(axis=1, keepdims=True))
    return np.asarray(exp / exp.sum(axis=1, keepdims=True))

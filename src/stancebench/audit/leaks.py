"""How far a label can be had without reading: from single words, length, genre, target, or text alone.

Everything here is measured by cross-validation over the documents of train and validation; the test part
stays untouched.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.tree import DecisionTreeClassifier

from stancebench.model.linear import LinearStance
from stancebench.types import LABELS, Examples

FOLDS = 5
#: Models of the shortcuts.
TREE = DecisionTreeClassifier(max_depth=4, class_weight="balanced", random_state=0)
LINEAR = LinearStance(kind="svm")
#: An n-gram must stand in this many examples to be listed.
LEAST = 15


class Ngram(NamedTuple):
    """A word n-gram that goes with a label, and how well it does as the only feature.

    `z` is the z-score of its label's share among the examples with it against the label's share in
    all; `accuracy` is that of "this label where it stands, the majority label elsewhere".
    """

    ngram: str
    target: str
    label: str
    z: float
    n: int
    accuracy: float
    majority: float


def strongest_ngrams(examples: Examples, shown: int = 10) -> list[Ngram]:
    """Return the word 1–3 grams with the largest z-scores, over all targets.

    References
    ----------
    M. Gardner et al., "Competency Problems: On Finding and Removing Artifacts in Language Data",
    EMNLP 2021: the z-score of a label given a feature.
    """
    rows = []
    for target in dict.fromkeys(examples["target"]):
        inside = examples.take(examples["target"] == target)
        labels = inside["label"].astype(str)
        vectorizer = CountVectorizer(ngram_range=(1, 3), min_df=LEAST, binary=True)
        present = vectorizer.fit_transform(inside["text"])
        names, n = vectorizer.get_feature_names_out(), np.asarray(present.sum(axis=0)).ravel()
        majority = max(float(np.mean(labels == label)) for label in LABELS)
        most = max(LABELS, key=lambda label: float(np.mean(labels == label)))
        for label in set(labels):
            p = float(np.mean(labels == label))
            hits = np.asarray(present[labels == label].sum(axis=0)).ravel()
            z = (hits / n - p) / np.sqrt(p * (1 - p) / n)
            lost = np.asarray(present[labels == most].sum(axis=0)).ravel()
            accuracy = majority + (hits - lost) / len(labels)
            for i in np.argsort(-z)[:shown]:
                rows.append(Ngram(names[i], target, label, z[i], int(n[i]), accuracy[i], majority))
    return sorted(rows, key=lambda row: -row.z)[:shown]


class Shortcut(NamedTuple):
    """A model that sees only a part of the input: its predictions, shape (n,), and their macro-F1."""

    sees: str
    predicted: np.ndarray
    macro_f1: float


def shortcuts(examples: Examples) -> list[Shortcut]:
    """Return the macro-F1 of models that see length, genre, target, text, or text and target."""
    words = np.array([len(text.split()) for text in examples["text"]])[:, None]
    genre = _one_hot(examples["genre"])
    target = _one_hot(examples["target"])
    constant = Examples({**examples.columns, "target": ["any"] * len(examples)})
    seen: list[tuple[str, Any, Any]] = [
        ("length alone", words, TREE),
        ("genre alone", genre, TREE),
        ("target alone", target, TREE),
        ("text without its target", constant.to_pandas(), LINEAR),
        ("text and target", examples.to_pandas(), LINEAR),
    ]
    found = []
    for name, X, model in seen:
        predicted = cross_predict(examples, X, model)
        found.append(Shortcut(name, predicted, _macro_f1(examples, predicted)))
    return found


def cross_predict(examples: Examples, X: Any, model: Any) -> np.ndarray:
    """Return predictions of every example by a model that did not see its document, shape (n,)."""
    labels = examples["label"].astype(str)
    predicted = np.empty(len(examples), dtype=object)
    for train, test in GroupKFold(FOLDS).split(labels, groups=examples["document_id"].astype(str)):
        rows = X.iloc if hasattr(X, "iloc") else X
        predicted[test] = clone(model).fit(rows[train], list(labels[train])).predict(rows[test])
    return predicted


def _macro_f1(examples: Examples, predicted: np.ndarray) -> float:
    gold = list(examples["label"])
    return float(f1_score(gold, list(predicted), labels=list(LABELS), average="macro", zero_division=0))


def _one_hot(values: np.ndarray) -> np.ndarray:
    names = sorted(set(values))
    return np.array([[value == name for name in names] for value in values], dtype=float)

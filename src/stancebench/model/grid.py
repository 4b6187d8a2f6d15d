"""Choose the strength of regularisation by cross-validation over documents, in the training part alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from stancebench.errors import UserError
from stancebench.model.interface import Table
from stancebench.types import LABELS

#: Returns a fitted scikit-learn classifier, from a value of the grid, features and labels.
Fit = Callable[[float, Any, np.ndarray], Any]


class Search(NamedTuple):
    """The chosen value, and the macro-F1 of each value of the grid out of fold."""

    chosen: float
    scores: dict[float, float]


def documents_of(X: Table) -> np.ndarray:
    """Return what must not be torn apart: each example's document, or its text where none is named.

    Examples
    --------
    >>> from stancebench.types import Examples
    >>> documents_of(Examples({"text": ["yes", "no"], "target": ["t", "t"]})).tolist()
    ['yes', 'no']
    """
    named = "document_id" in getattr(X, "columns", {})
    return np.asarray(X["document_id" if named else "text"], dtype=str)


def search(
    fit: Fit, values: Sequence[float], features: Any, labels: np.ndarray, groups: np.ndarray, folds: int
) -> Search:
    """Return the value with the best macro-F1 over the out-of-fold predictions of all n examples.

    Parameters
    ----------
    fit : callable
        Called with a value and the features, shape (m, d), and labels of a fold's training part.
    values : sequence of float
        The grid, strongest regularisation first: of equal scores the first wins. A single value, or the
        first where all examples are of one group, is taken without a search.
    features : array or sparse array of shape (n, d)
        Computed once; rows of it go to every fold and value.
    labels : array of n str
    groups : array of n str
        Examples of one group are never in both parts of a fold.
    folds : int
        Number of folds; as many as there are groups where that is fewer.

    Raises
    ------
    UserError
        Where the grid is empty, or there are fewer than two folds.
    """
    if not values or folds < 2:
        raise UserError(
            f"model.grid has {len(values)} values, model.cv_folds is {folds}",
            hint="give at least one value and two folds",
        )
    different = len(set(groups))
    if len(values) == 1 or different == 1:
        return Search(values[0], {})
    predicted = {value: np.empty(len(labels), dtype=object) for value in values}
    for train, held_out in GroupKFold(min(folds, different)).split(features, groups=groups):
        seen, unseen = features[train], features[held_out]
        for value in values:
            predicted[value][held_out] = fit(value, seen, labels[train]).predict(unseen)
    scores = {value: _macro_f1(labels, found) for value, found in predicted.items()}
    return Search(max(scores, key=lambda value: scores[value]), scores)


def _macro_f1(gold: np.ndarray, predicted: np.ndarray) -> float:
    return float(f1_score(list(gold), list(predicted), labels=LABELS, average="macro", zero_division=0))

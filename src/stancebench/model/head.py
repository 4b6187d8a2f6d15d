"""A fitted logistic regression as plain arrays: kept in an ``.npz`` file, read without running code."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import softmax

from stancebench.model.interface import spread


class Head(NamedTuple):
    """Logistic regression of j labels over m features."""

    #: Shape (j, m).
    coefficients: np.ndarray
    #: Shape (j,).
    intercepts: np.ndarray
    #: The labels seen in training, shape (j,).
    labels: np.ndarray

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Return probabilities over all `LABELS`, shape (n, k); 0 for a label not seen in training."""
        logits = features @ self.coefficients.T + self.intercepts
        return spread(np.asarray(softmax(logits, axis=1)), list(self.labels))


def head_of(classifier: Any, m: int) -> Head:
    """Return the numbers of a fitted scikit-learn classifier.

    Parameters
    ----------
    classifier : LogisticRegression, or any classifier of a single label
    m : int
        Features that it was fitted to.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> x = np.array([[0.0], [1.0], [2.0]])
    >>> classifier = LogisticRegression().fit(x, ["against", "favor", "favor"])
    >>> probabilities = head_of(classifier, m=1).probabilities(x)
    >>> bool(np.allclose(probabilities[:, [0, 2]], classifier.predict_proba(x)))
    True
    """
    labels = np.asarray(classifier.classes_, dtype=str)
    if len(labels) == 1:
        return Head(np.zeros((1, m)), np.zeros(1), labels)
    coefficients, intercepts = classifier.coef_, classifier.intercept_
    if len(labels) == 2:  # scikit-learn keeps the second label's alone: against it, the first's are 0
        coefficients = np.vstack([np.zeros(m), coefficients])
        intercepts = np.append(0.0, intercepts)
    return Head(coefficients, intercepts, labels)

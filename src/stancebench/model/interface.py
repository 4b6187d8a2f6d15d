"""What a model is, and the little that all of them share."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from stancebench.types import LABELS


class Table(Protocol):
    """A table of n examples: a pandas frame, or `stancebench.types.Examples`."""

    def __getitem__(self, column: str) -> Any:
        """Return a column of n values: ``text``, ``target``, ``context``."""

    def __len__(self) -> int:
        """Return n."""


class StanceClassifier(Protocol):
    """A scikit-learn classifier over a table of examples.

    ``y`` are label names, ``predict_proba`` has one column per entry of ``classes_``. A model whose
    ``fit`` has a parameter ``validation`` is given the validation part as ``(X, y)``; one with a
    parameter ``folder`` a folder for its checkpoints.
    """

    classes_: np.ndarray

    def fit(self, X: Table, y: Sequence[str]) -> StanceClassifier:
        """Learn from n examples and forget any earlier fit."""

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k), rows summing to 1."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's parameters."""


class Parameters:
    """``get_params`` and ``set_params`` from the constructor's signature.

    scikit-learn's own ``BaseEstimator`` does the same and more, but takes three seconds to import;
    floors and lazily importing models use this.
    """

    #: Reads its columns from anything that has them, and needs no pandas frame.
    takes_columns = True

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's parameters by name."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Parameters:
        """Set constructor parameters; an unknown one is a `ValueError`, as in scikit-learn."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"{type(self).__name__} has no parameter {name!r} ({sorted(known)})")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that this is a classifier."""
        from sklearn.utils import ClassifierTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(),
        )

    def predict(self, X: Table) -> np.ndarray:
        """Return the most probable label of each example, shape (n,)."""
        names: np.ndarray = np.asarray(LABELS, dtype=object)[self.predict_proba(X).argmax(axis=1)]
        return names

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k)."""
        raise NotImplementedError


def spread(probabilities: np.ndarray, present: Sequence[str]) -> np.ndarray:
    """Return probabilities over all `LABELS` from those over the labels seen in training.

    Examples
    --------
    >>> spread(np.array([[0.25, 0.75]]), ["none", "against"])
    array([[0.75, 0.25, 0.  ]])
    """
    full = np.zeros((len(probabilities), len(LABELS)))
    full[:, [LABELS.index(label) for label in present]] = probabilities
    return full

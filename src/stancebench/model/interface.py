"""What a model is, and the little that all of them share."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from stancebench.types import LABELS

#: Takes figures by name, such as the loss, and the step of the training that they belong to.
Progress = Callable[[Mapping[str, float], int], None]


class Table(Protocol):
    """A table of n examples: a pandas frame, or `stancebench.types.Examples`."""

    def __getitem__(self, column: str) -> Any:
        """Return a column of n values: ``text``, ``target``, ``context``."""

    def __len__(self) -> int:
        """Return n."""


class StanceClassifier(Protocol):
    """A scikit-learn classifier over a table of examples.

    ``y`` are label names, ``predict_proba`` has one column per entry of ``classes_``. What a model
    may have beyond that, and who looks at it:

    ``fit(…, validation=(X, y))``
        A parameter of this name is given the validation part, where there is one.
    ``fit(…, folder=Path)``
        A parameter of this name is given a folder for checkpoints.
    ``fit(…, progress=function)``
        A parameter of this name is given a `Progress`: what it is told while the model trains goes
        into ``history.jsonl`` and to the tracker.
    ``identity()``
        Parameters that tell one run from another, where they differ from the constructor's: weights
        by their content instead of their path, nothing about devices and speed.
    ``version``
        Class attribute; raised when the same parameters give other probabilities than before.
    ``parameter_count()``, ``usage()``
        Number of weights; tokens, requests, money. They go into the run's record.
    ``answers_``
        Raw outputs, one dictionary per example; they go into ``answers.jsonl``.
    ``save(folder)``, ``restore(folder)``
        Write and read what was learned, without pickle; `restore` on a fresh instance with the same
        parameters. Models without them are kept by skops.
    """

    classes_: np.ndarray

    def fit(self, X: Table, y: Sequence[str]) -> StanceClassifier:
        """Learn from n examples and forget any earlier fit."""

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k), rows summing to 1; a row of NaN is unscored."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's parameters."""


class Answers(NamedTuple):
    """What a model says of n examples.

    `labels` has shape (n,), ``None`` where the model gave no usable answer; `probabilities` has shape
    (n, k) in the order of `LABELS`, NaN where a model has none.
    """

    labels: np.ndarray
    probabilities: np.ndarray


def answers_of(model: Any, X: Table) -> Answers:
    """Return labels and probabilities of any scikit-learn classifier, in the order of `LABELS`.

    A classifier without ``predict_proba`` has its labels alone: its probabilities are NaN.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> model = DummyClassifier(strategy="prior").fit([[0], [0]], ["none", "favor"])
    >>> answers_of(model, [[0]])
    Answers(labels=array(['favor'], dtype=object), probabilities=array([[0. , 0.5, 0.5]]))
    """
    if hasattr(model, "predict_proba"):
        probabilities = spread(np.asarray(model.predict_proba(X)), list(model.classes_))
    else:
        probabilities = np.full((len(X), len(LABELS)), np.nan)
    if getattr(type(model), "predict", None) is Parameters.predict:  # which would ask a second time
        return Answers(_most_probable(probabilities), probabilities)
    labels = np.empty(len(X), dtype=object)
    labels[:] = [None if label is None else str(label) for label in model.predict(X)]
    return Answers(labels, probabilities)


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
        return _most_probable(self.predict_proba(X))

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k)."""
        raise NotImplementedError


def _most_probable(probabilities: np.ndarray) -> np.ndarray:
    names: np.ndarray = np.asarray(LABELS, dtype=object)[probabilities.argmax(axis=1)]
    return names


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

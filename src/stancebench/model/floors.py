"""Floors: what a model reaches that never looks at the text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stancebench.model.interface import Parameters, Table
from stancebench.types import LABELS


def label_shares(y: Sequence[str] | np.ndarray) -> np.ndarray:
    """Return the share of each of `LABELS` in `y`, shape (k,)."""
    counts = np.array([np.sum(np.asarray(y, dtype=object) == label) for label in LABELS], dtype=float)
    return np.asarray(counts / counts.sum())


class _Floor(Parameters):
    """A model that has learned a few rows of probabilities, kept as JSON."""

    classes_ = np.asarray(LABELS, dtype=object)

    def save(self, folder: Path) -> None:
        """Write the learned rows."""
        learned = {name: value for name, value in vars(self).items() if name.endswith("_")}
        text = json.dumps(learned, default=lambda array: array.tolist())
        (folder / "floor.json").write_text(text + "\n", encoding="utf-8")

    def restore(self, folder: Path) -> None:
        """Read what `save` wrote."""
        for name, value in json.loads((folder / "floor.json").read_text(encoding="utf-8")).items():
            setattr(self, name, value)


class Majority(_Floor):
    """Always the most frequent label of the training part."""

    def fit(self, X: Table, y: Sequence[str]) -> Majority:
        """Count the labels."""
        self.row_ = np.eye(len(LABELS))[label_shares(y).argmax()]
        return self

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return the one-hot row of the majority label for each example, shape (n, k)."""
        return np.tile(self.row_, (len(X), 1))


class MajorityPerTarget(_Floor):
    """The most frequent label of each target; of all of them for a target not seen in training."""

    def fit(self, X: Table, y: Sequence[str]) -> MajorityPerTarget:
        """Count the labels of each target."""
        targets, labels = np.asarray(X["target"], dtype=object), np.asarray(y, dtype=object)
        one_hot = np.eye(len(LABELS))
        self.default_ = one_hot[label_shares(labels).argmax()]
        self.rows_: dict[Any, np.ndarray] = {
            target: one_hot[label_shares(labels[targets == target]).argmax()]
            for target in dict.fromkeys(targets)
        }
        return self

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return the one-hot row of each example's target, shape (n, k)."""
        rows = [self.rows_.get(target, self.default_) for target in X["target"]]
        return np.array(rows).reshape(len(X), len(LABELS))


class Prior(_Floor):
    """Labels drawn from the class shares of the training part.

    Parameters
    ----------
    random_state : int
        Seed of the draws; the same examples in the same order get the same draws.
    """

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(self, X: Table, y: Sequence[str]) -> Prior:
        """Count the labels."""
        self.shares_ = label_shares(y)
        return self

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return the class shares for each example, shape (n, k)."""
        return np.tile(self.shares_, (len(X), 1))

    def predict(self, X: Table) -> np.ndarray:
        """Return a label drawn from the class shares for each example, shape (n,)."""
        draws = np.random.default_rng(self.random_state).choice(len(LABELS), len(X), p=self.shares_)
        return np.asarray(LABELS, dtype=object)[draws]

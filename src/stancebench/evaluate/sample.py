"""Predictions of one group of examples, by document: what every metric is computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from stancebench.evaluate.counts import positions
from stancebench.types import LABELS, SHARE_COLUMNS

#: Columns of a predictions file by name, each of n values.
Columns = Mapping[str, Any]
#: Columns of the probabilities, and of the raw judgements' vote shares, in the order of `LABELS`.
PROBABILITIES = tuple(f"p_{label}" for label in LABELS)
SHARES = SHARE_COLUMNS


@dataclass(frozen=True)
class Sample:
    """n examples with the place of each one's document among d.

    Parameters
    ----------
    columns : mapping
        ``gold``, ``predicted`` and whatever else a metric asks for, n values each.
    document : array of int, shape (n,)
        Place of each example's document.
    documents : int
        How many documents there are, d; some may have no example here.
    """

    columns: Columns
    document: np.ndarray
    documents: int

    @classmethod
    def of(cls, columns: Columns, documents: Sequence[str]) -> Sample:
        """Return `columns` as a sample over the sorted names `documents`."""
        names = np.asarray(columns["document_id"], dtype=object)
        place = {name: i for i, name in enumerate(documents)}
        return cls(columns, np.array([place[name] for name in names], dtype=int), len(documents))

    def where(self, mask: np.ndarray) -> Sample:
        """Return the examples in the boolean `mask`, over the same documents."""
        kept = {
            name: np.asarray(values, dtype=float if name in (*PROBABILITIES, *SHARES) else object)[mask]
            for name, values in self.columns.items()
        }
        return Sample(kept, self.document[mask], self.documents)

    def then(self, other: Sample) -> Sample:
        """Return both samples' examples; the documents of `other` follow as new ones."""
        return Sample(
            {name: [*self.columns[name], *other.columns[name]] for name in self.columns},
            np.concatenate([self.document, other.document + self.documents]),
            self.documents + other.documents,
        )

    def __len__(self) -> int:
        return len(self.document)

    @cached_property
    def gold(self) -> np.ndarray:
        """Places of the gold labels in `LABELS`, shape (n,)."""
        return positions(self.columns["gold"])

    @cached_property
    def predicted(self) -> np.ndarray:
        """Places of the predicted labels, shape (n,); k where unscored."""
        return positions(self.columns["predicted"])

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Predicted probabilities, shape (n, k); NaN where unscored."""
        return self._table(PROBABILITIES)

    @cached_property
    def shares(self) -> np.ndarray:
        """Share of the raw judgements for each label, shape (n, k); NaN where they are not given."""
        return self._table(SHARES)

    @cached_property
    def confusions(self) -> np.ndarray:
        """Confusion counts of each document, shape (d, k, k + 1)."""
        counts = np.zeros((self.documents, len(LABELS), len(LABELS) + 1))
        np.add.at(counts, (self.document, self.gold, self.predicted), 1)
        return counts

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Return the sums of `values`, shape (n, ...), within each document, shape (d, ...)."""
        sums = np.zeros((self.documents, *values.shape[1:]))
        np.add.at(sums, self.document, values)
        return sums

    def _table(self, names: Sequence[str]) -> np.ndarray:
        return np.column_stack([np.asarray(self.columns[name], dtype=float) for name in names])


def require_same_examples(runs: Sequence[Columns]) -> None:
    """Refuse runs that were not made on the same examples with the same gold labels.

    Raises
    ------
    ValueError
        With the first run that differs from run 0, and in how many examples.
    """
    labels = [
        dict(zip(zip(run["fold"], run["example_id"], strict=True), run["gold"], strict=True)) for run in runs
    ]
    for place, other in enumerate(labels[1:], start=1):
        if other != labels[0]:
            differ = len({key for key, _ in other.items() ^ labels[0].items()})
            raise ValueError(f"runs 0 and {place} differ in {differ} examples or gold labels: not comparable")

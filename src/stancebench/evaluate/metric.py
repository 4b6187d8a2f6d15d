"""What a metric is, and how its figure becomes a statistic of document weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from stancebench.evaluate.intervals import Estimate, Statistic, Sums, estimate
from stancebench.evaluate.probabilities import ratio
from stancebench.evaluate.sample import Sample
from stancebench.types import LABELS


@dataclass(frozen=True)
class Metric:
    """One metric.

    Parameters
    ----------
    name, title : str
        What it is stored under, and what tables call it.
    definition : str
        What it is, in one sentence.
    better : {"higher", "lower"}
        Which way is better.
    range : tuple of two floats
        The least and the greatest value it can have.
    source : str
        Where it was proposed or is defined.
    unscored : str
        How an unscored prediction counts.
    needs : tuple of str
        Columns that it is computed from.
    statistic : callable
        From a sample to the figure as a function of document weights.
    rests_on : callable
        From a sample to a mask, shape (n,): the examples that the figure rests on.
    resampled : bool
        Whether resamples tell how precise the figure is.
    """

    name: str
    title: str
    definition: str
    better: Literal["higher", "lower"]
    range: tuple[float, float]
    source: str
    unscored: str
    needs: tuple[str, ...]
    statistic: Callable[[Sample], Statistic]
    rests_on: Callable[[Sample], np.ndarray] = lambda sample: np.ones(len(sample), dtype=bool)
    resampled: bool = True

    def estimate(self, runs: Sequence[Sample], documents: np.ndarray, seeds: np.ndarray) -> Estimate:
        """Return the mean over runs with its resamples, as `intervals.estimate`; NaN where they mislead."""
        found = estimate([self.statistic(sample) for sample in runs], documents, seeds)
        return found if self.resampled else found._replace(draws=np.full(len(documents), np.nan))


def of_counts(figure: Callable[[np.ndarray], np.ndarray]) -> Callable[[Sample], Sums]:
    """Return a figure of confusion counts as a statistic, NaN where no example was drawn at all."""

    def drawn(confusions: np.ndarray) -> np.ndarray:
        return np.where(confusions.sum(axis=(-2, -1)) > 0, figure(confusions), np.nan)

    return lambda sample: Sums(sample.confusions, drawn)


def of_label(figure: Callable[[np.ndarray], np.ndarray], label: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return the figure of one label as a figure of its own."""
    return lambda confusions: figure(confusions)[..., LABELS.index(label)]


def mean(values: Callable[[Sample], np.ndarray]) -> Callable[[Sample], Sums]:
    """Return the mean over examples as a ratio of sums; an example whose value is NaN is left out."""

    def statistic(sample: Sample) -> Sums:
        each = np.asarray(values(sample), dtype=float)
        terms = np.stack([np.nan_to_num(each, nan=0.0), ~np.isnan(each)], axis=1)
        return Sums(sample.summed(terms), ratio)

    return statistic

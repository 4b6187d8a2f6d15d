"""Two models, or all pairs of many, compared on the documents that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from stancebench.evaluate import intervals, significance
from stancebench.evaluate.intervals import RESAMPLES, SEED, Estimate, Statistic
from stancebench.evaluate.metric import Metric
from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.sample import Columns, Sample, require_same_examples
from stancebench.evaluate.scores import MEAN, POOLED, samples_by_group


class Comparison(NamedTuple):
    """One figure of two models on the same examples.

    `difference` is first minus second, with its 95 % interval over documents and seeds; `standardised`
    is the same in standard deviations between documents. `p_documents` comes from swapping the fitted
    models document by document, `p_seeds` from the interval, which counts in that other seeds would give
    other models; the two after it are corrected for all pairs compared (`compare_all`; else NaN).
    `detectable` is the least difference that such documents and seeds show in 80 of 100 cases.
    """

    metric: str
    group: str
    first: float
    second: float
    difference: float
    low: float
    high: float
    standardised: float
    detectable: float
    p_documents: float
    p_seeds: float
    p_documents_holm: float
    p_seeds_holm: float
    documents: int
    n: int


def compare(
    first: Sequence[Columns],
    second: Sequence[Columns],
    metric: str = "macro_f1",
    group: str = POOLED,
    resamples: int = RESAMPLES,
) -> Comparison:
    """Compare two models, each with the runs of one or several seeds.

    Seed k of one model has nothing in common with seed k of another: for the interval each model's
    seeds are drawn on their own, and both models' documents together. For `p_documents`, whose swaps
    make whole runs, runs are paired in the order given; a model with a single run is paired with each.

    Parameters
    ----------
    first, second : sequences of mappings
        Predictions of each seed's run: the columns that the metric needs, and ``fold``,
        ``example_id``, ``document_id`` and ``target``.
    metric, group : str
        A name in `METRICS`; ``pooled``, ``mean_over_targets``, or a target.
    resamples : int
        Bootstrap resamples, and random swaps.

    Raises
    ------
    ValueError
        Where two runs were not made on the same examples, or the models have different numbers of
        runs, both more than one.
    """
    require_same_examples([*first, *second])
    pairs = _pairs(len(first), len(second))
    by_group = samples_by_group([*first, *second])
    runs = [by_group[name] for name in _names(first[0], group)]
    of, d, k = METRICS[metric], runs[0][0].documents, len(first)
    documents = intervals.draw(d, resamples)
    one = _estimate(of, [samples[:k] for samples in runs], documents, stream=1)
    other = _estimate(of, [samples[k:] for samples in runs], documents, stream=2)
    difference = one.minus(other)
    low, high = intervals.interval(difference, level=intervals.widened(intervals.LEVEL, d))
    joint = [_mean([of.statistic(s[i].then(s[k + j])) for s in runs]) for i, j in pairs]
    return Comparison(
        metric=metric,
        group=group,
        first=one.value,
        second=other.value,
        difference=difference.value,
        low=low,
        high=high,
        standardised=significance.standardised(difference),
        detectable=significance.detectable_difference(difference.standard_error),
        p_documents=significance.approximate_randomisation(joint, d, resamples),
        p_seeds=significance.bootstrap_p(difference),
        p_documents_holm=np.nan,
        p_seeds_holm=np.nan,
        documents=d,
        n=sum(int(of.rests_on(samples[0]).sum()) for samples in runs),
    )


def compare_all(
    models: Mapping[str, Sequence[Columns]],
    metric: str = "macro_f1",
    group: str = POOLED,
    resamples: int = RESAMPLES,
) -> dict[tuple[str, str], Comparison]:
    """Compare every pair of models, with p values corrected for how many pairs there are (Holm)."""
    found = {
        (a, b): compare(models[a], models[b], metric, group, resamples) for a, b in combinations(models, 2)
    }
    by_documents = significance.holm([comparison.p_documents for comparison in found.values()])
    by_seeds = significance.holm([comparison.p_seeds for comparison in found.values()])
    return {
        names: comparison._replace(p_documents_holm=float(a), p_seeds_holm=float(b))
        for (names, comparison), a, b in zip(found.items(), by_documents, by_seeds, strict=True)
    }


def _estimate(
    metric: Metric, groups: Sequence[Sequence[Sample]], documents: np.ndarray, stream: int
) -> Estimate:
    seeds = intervals.draw(len(groups[0]), len(documents), seed=(SEED, stream))
    return intervals.mean_of([metric.estimate(runs, documents, seeds) for runs in groups])


def _mean(statistics: Sequence[Statistic]) -> Statistic:
    return lambda weights: np.mean([statistic(weights) for statistic in statistics], axis=0)


def _names(columns: Columns, group: str) -> list[str]:
    """Return the groups whose figures are averaged: all targets for `MEAN`, else the one group."""
    return sorted(set(columns["target"])) if group == MEAN else [group]


def _pairs(first: int, second: int) -> list[tuple[int, int]]:
    """Return which runs are swapped with which, as places in each model's runs."""
    if first != second and 1 not in (first, second):
        raise ValueError(f"runs are paired in order, but there are {first} and {second} of them")
    return [(min(i, first - 1), min(i, second - 1)) for i in range(max(first, second))]

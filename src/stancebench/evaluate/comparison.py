"""Two models, or all pairs of many, compared on the documents that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product
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
    `detectable` is the least difference that such documents and seeds show in 80 of 100 cases. Over one
    document there is nothing but the difference; the rest is NaN.
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
    make whole runs, equally many runs are paired in the order given; otherwise each is paired with each.

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
        Where two runs were not made on the same examples.
    """
    require_same_examples([*first, *second])
    by_group = samples_by_group([*first, *second])
    runs = [by_group[name] for name in _names(first[0], group)]
    of, d, k = METRICS[metric], runs[0][0].documents, len(first)
    documents = intervals.draw(d, resamples)
    one = _estimate(of, [samples[:k] for samples in runs], documents, stream=1)
    other = _estimate(of, [samples[k:] for samples in runs], documents, stream=2)
    difference = one.minus(other)
    low, high = intervals.interval(difference, level=intervals.widened(intervals.LEVEL, d))
    joint = [
        _mean([of.statistic(samples[i].then(samples[k + j])) for samples in runs])
        for i, j in _pairs(k, len(second))
    ]
    told = d > 1  # one document alone tells nothing of others
    return Comparison(
        metric=metric,
        group=group,
        first=one.value,
        second=other.value,
        difference=difference.value,
        low=low,
        high=high,
        standardised=significance.standardised(difference),
        detectable=significance.detectable_difference(difference.standard_error) if told else np.nan,
        p_documents=significance.approximate_randomisation(joint, d, resamples) if told else np.nan,
        p_seeds=significance.bootstrap_p(difference) if told else np.nan,
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


class Ties(NamedTuple):
    """The model with the best figure, and those that cannot be told from it."""

    best: str
    tied: tuple[str, ...]


def ties_with_best(
    models: Mapping[str, Sequence[Columns]],
    metric: str = "macro_f1",
    resamples: int = RESAMPLES,
    level: float = 0.05,
) -> Ties:
    """Return the best of several models, all targets pooled, and which others it is not told from.

    The best was chosen by looking, so that its differences are corrected for all pairs of models
    (Holm), not for its own alone. A pair is tested over documents and seeds (`p_seeds` of `compare`)
    where both models have several runs and the figure can be resampled, else over documents alone.

    Parameters
    ----------
    models : mapping of str to sequence of mappings
        What `compare_all` takes.
    metric : str
        A name in `METRICS`.
    resamples : int
        Bootstrap resamples, and random swaps.
    level : float
        A corrected p value above it is a tie.
    """
    of, places = METRICS[metric], np.cumsum([0, *(len(runs) for runs in models.values())])
    every_run = [run for runs in models.values() for run in runs]
    require_same_examples(every_run)
    samples = samples_by_group(every_run)[POOLED]
    own = {m: samples[a:b] for m, a, b in zip(models, places, places[1:], strict=False)}
    documents = intervals.draw(samples[0].documents, resamples)
    estimates = {m: _estimate(of, [own[m]], documents, stream) for stream, m in enumerate(models, start=1)}
    pairs = list(combinations(models, 2))
    p_values = [_p(of, own[a], own[b], estimates[a].minus(estimates[b]), resamples) for a, b in pairs]
    worst_first = sorted(models, key=lambda m: estimates[m].value, reverse=of.better == "lower")
    best = worst_first[-1]
    not_told = [pair for pair, p in zip(pairs, significance.holm(p_values), strict=True) if p > level]
    return Ties(best, tuple(m for m in models if (m, best) in not_told or (best, m) in not_told))


def _p(
    of: Metric, first: Sequence[Sample], second: Sequence[Sample], difference: Estimate, resamples: int
) -> float:
    """Return the p value of a pair: over documents and seeds where that can be, else over documents."""
    if of.resampled and min(len(first), len(second)) > 1:
        return significance.bootstrap_p(difference)
    joint = [of.statistic(first[i].then(second[j])) for i, j in _pairs(len(first), len(second))]
    return significance.approximate_randomisation(joint, first[0].documents, resamples)


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
    if first == second:
        return [(i, i) for i in range(first)]
    return list(product(range(first), range(second)))

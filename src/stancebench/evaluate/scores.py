"""The long table of scores of a model: metric, part, group, value, interval, n."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from stancebench.evaluate import intervals
from stancebench.evaluate.counts import unscored
from stancebench.evaluate.intervals import RESAMPLES
from stancebench.evaluate.metric import Metric
from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.pairs import ORIGINAL_PREDICTED, paired
from stancebench.evaluate.sample import PROBABILITIES, SHARES, Columns, Sample, require_same_examples

#: Names of the groups beside the targets' own.
POOLED, MEAN = "pooled", "mean_over_targets"
#: Figures of pairs, by what the edits of the part are.
CONTRAST, PERTURBED = ("consistency", "flip_rate"), ("consistency", "perturbed_flip_rate")


@dataclass(frozen=True)
class Score:
    """One figure with its 95 % interval over documents and the number of examples behind it.

    The interval is the percentile one, widened for the number of documents (`intervals.widened`); `low`
    and `high` are NaN where nothing was resampled or resamples mislead (`Metric.resampled`). `n` is the
    number of gold examples the figure rests on: of the label for a label's figure, of the group
    otherwise.
    """

    metric: str
    part: str
    group: str
    value: float
    low: float
    high: float
    n: int
    fold: str = ""


def score_part(columns: Columns, part: str, resamples: int = RESAMPLES) -> list[Score]:
    """Return all scores of one part: pooled, per target, and the mean over targets.

    Parameters
    ----------
    columns : mapping
        ``document_id``, ``target``, ``gold`` and ``predicted``, n values each; ``p_against``,
        ``p_none`` and ``p_favor`` where the model gives probabilities, and ``share_against``,
        ``share_none`` and ``share_favor``, the shares of the raw judgements, where they are known.
    part : str
        ``validation`` or ``test``; copied into the rows.
    resamples : int
        Bootstrap resamples of documents.

    Returns
    -------
    list of Score
    """
    return score_runs([columns], part, resamples)


def score_runs(
    runs: Sequence[Columns], part: str, resamples: int = RESAMPLES, names: Iterable[str] = METRICS
) -> list[Score]:
    """Return all scores of a model over its seeds: means, with intervals over documents and seeds.

    Parameters
    ----------
    runs : sequence of s mappings
        What `score_part` takes, one for each seed, over the same examples.
    part, resamples
        As in `score_part`.
    names : iterable of str
        Which of `METRICS`; those that need columns which are not there are left out.

    Raises
    ------
    ValueError
        Where several runs did not predict the same examples (``fold``, ``example_id``).
    """
    if len(runs) > 1:
        require_same_examples(runs)
    metrics = [METRICS[name] for name in names if _computable(METRICS[name], runs)]
    scores = _scores(runs, part, metrics, resamples)
    for group, samples in samples_by_group(runs).items():
        missed = float(np.mean([unscored(sample.confusions.sum(axis=0)) for sample in samples]))
        scores.append(Score("unscored", part, group, missed, np.nan, np.nan, len(samples[0])))
    return scores


def score_consistency(
    test: Columns, contrast: Columns, resamples: int = RESAMPLES, part: str = "contrast"
) -> list[Score]:
    """Return how predictions follow edits: pooled, per target, and the mean over targets.

    ``consistency`` is the share of pairs that are right on both sides; a model that ignores what was
    edited cannot be, since they differ in their gold label. ``flip_rate`` is the share whose
    predicted label changes. Of the part ``perturbed``, whose edits keep the gold label,
    ``perturbed_flip_rate`` is given instead.

    Parameters
    ----------
    test, contrast : mapping
        ``fold``, ``example_id``, ``document_id``, ``target``, ``gold``, ``predicted``, and for
        `contrast` ``original_id``: the test example that it is an edit of.
    resamples : int
        Bootstrap resamples of documents.
    part : {"contrast", "perturbed"}
        What the edits are; copied into the rows.
    """
    return score_consistency_runs([test], [contrast], resamples, part)


def score_consistency_runs(
    tests: Sequence[Columns],
    contrasts: Sequence[Columns],
    resamples: int = RESAMPLES,
    part: str = "contrast",
) -> list[Score]:
    """Return what `score_consistency` does of a model over its seeds, as `score_runs` averages them."""
    names = PERTURBED if part == "perturbed" else CONTRAST
    pairs = [paired(test, contrast) for test, contrast in zip(tests, contrasts, strict=True)]
    return _scores(pairs, part, [METRICS[name] for name in names], resamples)


def confusions_by_target(columns: Columns) -> dict[str, list[list[int]]]:
    """Return the confusion counts of each target and of all (`POOLED`), as nested lists."""
    groups = samples_by_group([columns]).items()
    return {name: sample.confusions.sum(axis=0).astype(int).tolist() for name, (sample,) in groups}


def as_rows(scores: Sequence[Score]) -> list[dict[str, Any]]:
    """Return scores as dictionaries that JSON can hold (NaN becomes ``None``)."""
    rows = [asdict(score) for score in scores]
    return [{k: None if v != v else v for k, v in row.items()} for row in rows]


def _scores(runs: Sequence[Columns], part: str, metrics: Iterable[Metric], resamples: int) -> list[Score]:
    groups = samples_by_group(runs)
    d = groups[POOLED][0].documents
    documents, level = intervals.draw(d, resamples), intervals.widened(intervals.LEVEL, d)
    # A stream of its own: the seeds must not move with the documents.
    seeds = intervals.draw(len(runs), resamples, seed=(intervals.SEED, 1))
    rows = []
    for metric in metrics:
        estimates = {group: metric.estimate(samples, documents, seeds) for group, samples in groups.items()}
        n = {group: int(metric.rests_on(samples[0]).sum()) for group, samples in groups.items()}
        targets = [group for group in groups if group != POOLED]
        estimates[MEAN] = intervals.mean_of([estimates[target] for target in targets])
        n[MEAN] = sum(n[target] for target in targets)
        for group, found in estimates.items():
            low, high = intervals.interval(found, level=level)
            rows.append(Score(metric.name, part, group, found.value, low, high, n[group]))
    return rows


def samples_by_group(runs: Sequence[Columns]) -> dict[str, list[Sample]]:
    """Return the samples of all runs, over the same documents: pooled, then of each target."""
    documents, targets = sorted(set(runs[0]["document_id"])), sorted(set(runs[0]["target"]))
    samples = [Sample.of(columns, documents) for columns in runs]
    groups = {POOLED: samples}
    for target in targets:
        groups[target] = [s.where(np.asarray(s.columns["target"], dtype=object) == target) for s in samples]
    return groups


def _computable(metric: Metric, runs: Sequence[Columns]) -> bool:
    """Return whether all runs have what a metric needs; a column of numbers that are all NaN is none."""
    if ORIGINAL_PREDICTED in metric.needs:
        return False
    return all(
        name in columns
        and (name not in (*PROBABILITIES, *SHARES) or np.isfinite(np.asarray(columns[name], float)).any())
        for columns in runs
        for name in metric.needs
    )

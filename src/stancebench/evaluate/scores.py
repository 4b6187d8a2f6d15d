"""The long table of scores of one run: metric, part, group, value, interval, n."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from stancebench.evaluate.metrics import METRICS, confusion, unscored
from stancebench.types import LABELS

#: Names of the groups beside the targets' own.
POOLED, MEAN = "pooled", "mean_over_targets"
#: Seed of the bootstrap: the same predictions give the same interval.
BOOTSTRAP_SEED = 20250227
RESAMPLES = 10_000


@dataclass(frozen=True)
class Score:
    """One figure with its 95 % interval over documents and the number of examples behind it.

    `n` is the number of gold examples the figure rests on: of the label for a label's figure, of the
    group otherwise. `low` and `high` are NaN where nothing was resampled.
    """

    metric: str
    part: str
    group: str
    value: float
    low: float
    high: float
    n: int


def score_part(columns: Mapping[str, Any], part: str, resamples: int = RESAMPLES) -> list[Score]:
    """Return all scores of one part: pooled, per target, and the mean over targets.

    Parameters
    ----------
    columns : mapping
        ``document_id``, ``target``, ``gold`` and ``predicted``, n values each.
    part : str
        ``validation`` or ``test``; copied into the rows.
    resamples : int
        Bootstrap resamples of documents.

    Returns
    -------
    list of Score
    """
    targets = list(dict.fromkeys(sorted(columns["target"])))
    per_document = _confusions_by_document(columns, targets)
    weights = _document_weights(len(per_document), resamples)
    d = len(per_document)
    resampled = (weights @ per_document.reshape(d, -1)).reshape(-1, *per_document.shape[1:])
    total = per_document.sum(axis=0)

    groups = {POOLED: (total.sum(axis=0), resampled.sum(axis=1))}
    groups |= {target: (total[i], resampled[:, i]) for i, target in enumerate(targets)}
    rows = []
    for metric, function in METRICS.items():
        values = {}
        for group, (counts, draws) in groups.items():
            values[group] = (float(function(counts)), function(draws), _n_behind(metric, counts))
        by_target = [values[target] for target in targets]
        values[MEAN] = (
            float(np.mean([value for value, _, _ in by_target])),
            np.mean([draws for _, draws, _ in by_target], axis=0),
            sum(n for _, _, n in by_target),
        )
        for group, (value, draws, n) in values.items():
            low, high = np.percentile(draws, [2.5, 97.5])
            rows.append(Score(metric, part, group, value, float(low), float(high), n))
    for group, (counts, _) in groups.items():
        missed = float(unscored(counts))
        rows.append(Score("unscored", part, group, missed, np.nan, np.nan, int(counts.sum())))
    return rows


def score_consistency(
    test: Mapping[str, Any], contrast: Mapping[str, Any], resamples: int = RESAMPLES
) -> list[Score]:
    """Return the share of contrast pairs that are right on both sides: pooled, per target, their mean.

    1 is every pair right; a model that ignores what was edited cannot be right on both sides, since
    they differ in their gold label.

    Parameters
    ----------
    test, contrast : mapping
        ``fold``, ``example_id``, ``document_id``, ``target``, ``gold``, ``predicted``, and for
        `contrast` ``original_id``: the test example that it is an edit of.
    resamples : int
        Bootstrap resamples of documents.

    References
    ----------
    M. Gardner et al., "Evaluating Models' Local Decision Boundaries via Contrast Sets", Findings of
    EMNLP 2020.
    """
    right = {
        (fold, example): gold == predicted
        for fold, example, gold, predicted in zip(
            *(test[c] for c in ("fold", "example_id", "gold", "predicted")), strict=True
        )
    }
    documents, targets = sorted(set(contrast["document_id"])), sorted(set(contrast["target"]))
    counts = np.zeros((len(documents), len(targets), 2))
    for fold, original, document, target, gold, predicted in zip(
        *(contrast[c] for c in ("fold", "original_id", "document_id", "target", "gold", "predicted")),
        strict=True,
    ):
        both = right[fold, original] and gold == predicted
        counts[documents.index(document), targets.index(target)] += (both, 1)
    weights = _document_weights(len(documents), resamples)
    drawn = np.tensordot(weights, counts, axes=1)
    whole = counts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        per_target, per_target_drawn = whole[:, 0] / whole[:, 1], drawn[..., 0] / drawn[..., 1]
        pooled_drawn = drawn[..., 0].sum(axis=1) / drawn[..., 1].sum(axis=1)
    pairs = int(whole[:, 1].sum())
    groups = {POOLED: (whole[:, 0].sum() / whole[:, 1].sum(), pooled_drawn, pairs)}
    for i, target in enumerate(targets):
        groups[target] = (per_target[i], per_target_drawn[:, i], int(whole[i, 1]))
    groups[MEAN] = (per_target.mean(), per_target_drawn.mean(axis=1), pairs)
    rows = []
    for group, (value, draws, n) in groups.items():
        low, high = np.nanpercentile(draws, [2.5, 97.5])
        rows.append(Score("consistency", "contrast", group, float(value), float(low), float(high), n))
    return rows


def confusions_by_target(columns: Mapping[str, Any]) -> dict[str, list[list[int]]]:
    """Return the confusion counts of each target and of all (`POOLED`), as nested lists."""
    targets = sorted(set(columns["target"]))
    total = _confusions_by_document(columns, targets).sum(axis=0)
    named = {POOLED: total.sum(axis=0), **dict(zip(targets, total, strict=True))}
    return {name: counts.astype(int).tolist() for name, counts in named.items()}


def as_rows(scores: Sequence[Score]) -> list[dict[str, Any]]:
    """Return scores as dictionaries that JSON can hold (NaN becomes ``None``)."""
    rows = [asdict(score) for score in scores]
    return [{k: None if v != v else v for k, v in row.items()} for row in rows]


def _confusions_by_document(columns: Mapping[str, Any], targets: Sequence[str]) -> np.ndarray:
    """Return confusion counts, shape (d, t, k, k + 1)."""
    documents = sorted(set(columns["document_id"]))
    row_of = {name: i for i, name in enumerate(documents)}
    column_of = {name: i for i, name in enumerate(targets)}
    cells: list[list[tuple[list[Any], list[Any]]]] = [[([], []) for _ in targets] for _ in documents]
    for document, target, gold, predicted in zip(
        *(columns[c] for c in ("document_id", "target", "gold", "predicted")), strict=True
    ):
        golds, predictions = cells[row_of[document]][column_of[target]]
        golds.append(gold)
        predictions.append(predicted)
    return np.array([[confusion(*cell) for cell in row] for row in cells], dtype=float)


def _document_weights(d: int, resamples: int) -> np.ndarray:
    """Return how often each of d documents is drawn in each resample, shape (b, d)."""
    generator = np.random.default_rng(BOOTSTRAP_SEED)
    return generator.multinomial(d, np.full(d, 1 / d), size=resamples).astype(float)


def _n_behind(metric: str, counts: np.ndarray) -> int:
    label = metric.rpartition("_")[2]
    return int(counts[LABELS.index(label)].sum() if label in LABELS else counts.sum())

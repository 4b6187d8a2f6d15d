"""From a run's predictions to its ``metrics.json``: folds together, averaged, or apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.scores import (
    MEAN,
    POOLED,
    Score,
    as_rows,
    confusions_by_target,
    score_consistency_runs,
    score_runs,
)
from stancebench.predictions import PREDICTED, Predictions
from stancebench.protocol import Scored

SCHEMA_VERSION = 2


def score_predictions(predictions: Predictions, scored: Scored) -> dict[str, Any]:
    """Return the content of ``metrics.json``.

    Parameters
    ----------
    predictions : Predictions
        Of all folds and parts.
    scored : {"together", "averaged", "apart"}
        ``together``: the folds test on different examples, which are scored as one part.
        ``averaged``: the folds are repeats on the same examples; each is scored, and so is their mean,
        with an interval over repeats and documents. ``apart``: each fold is scored, and nothing else.

    Returns
    -------
    dict
        ``schema_version``; ``scores``, one row a figure; ``confusions`` by part and target, of the
        first repeat where there are several.
    """
    folds = predictions.by_fold()
    scores: list[Score] = []
    if scored == "together":
        scores += score_repeats([predictions])
    else:
        for name, fold in folds.items():
            scores += [replace(score, fold=name) for score in score_repeats([fold])]
    if scored == "averaged":
        scores += score_repeats(folds_as_repeats(predictions))
    shown = predictions if scored == "together" else next(iter(folds.values()))
    confusions = {
        part: confusions_by_target(columns) for part in PREDICTED for columns in _columns([shown], part)
    }
    return {"schema_version": SCHEMA_VERSION, "scores": as_rows(scores), "confusions": confusions}


def headline(content: Mapping[str, Any]) -> str:
    """Return in one line what a run scored on its test part; its last fold, where all stand apart."""
    test = [row for row in content["scores"] if row["part"] == "test"]
    found = {(row["metric"], row["group"]): row for row in test if row["fold"] == test[-1]["fold"]}
    pooled, mean = found["macro_f1", POOLED], found["macro_f1", MEAN]
    fold = f"{pooled['fold']}: " if pooled["fold"] else ""
    # One document alone, such as the article, has no interval over documents.
    interval = "" if pooled["low"] is None else f" [{pooled['low']:.3f}, {pooled['high']:.3f}]"
    return (
        f"{fold}test macro-F1 {pooled['value']:.3f}{interval}, mean over targets {mean['value']:.3f},"
        f" F_avg {found['f_avg', POOLED]['value']:.3f}, n={pooled['n']}"
    )


def score_repeats(
    repeats: Sequence[Predictions], names: Iterable[str] = METRICS, parts: Sequence[str] = PREDICTED
) -> list[Score]:
    """Return the scores of parts, over one or several sets of predictions of the same examples.

    Parameters
    ----------
    repeats : sequence of Predictions
        Of each seed, or of each draw.
    names : iterable of str
        Which of `METRICS`; of the contrast part, how predictions follow its edits too.
    parts : sequence of str
        Which parts.
    """
    scores: list[Score] = []
    for part in parts:
        if columns := _columns(repeats, part):
            scores += score_runs(columns, part, names=names)
    if "contrast" in parts and (contrasts := _columns(repeats, "contrast")):
        scores += score_consistency_runs(_columns(repeats, "test"), contrasts)
    return scores


def _columns(repeats: Sequence[Predictions], part: str) -> list[Mapping[str, Any]]:
    """Return the columns of a part, of each set of predictions; nothing where the part is empty."""
    found = [repeat.part(part).columns for repeat in repeats]
    return [columns for columns in found if len(columns["gold"])]


def folds_as_repeats(predictions: Predictions) -> list[Predictions]:
    """Return each fold under one name that all share: by it and their ids, examples are paired."""
    return [
        Predictions({**fold.columns, "fold": np.full(len(fold["fold"]), "", dtype=object)})
        for fold in predictions.by_fold().values()
    ]

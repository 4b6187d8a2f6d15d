"""Pairs of an example and an edit of it: whether the prediction follows what was edited."""

from __future__ import annotations

from typing import Any

import numpy as np

from stancebench.evaluate.counts import positions
from stancebench.evaluate.sample import Columns, Sample
from stancebench.types import LABELS

ORIGINAL_GOLD, ORIGINAL_PREDICTED = "original_gold", "original_predicted"


def paired(originals: Columns, edits: Columns) -> dict[str, Any]:
    """Return the columns of `edits` with the gold and predicted labels of what they were made from.

    Parameters
    ----------
    originals, edits : mapping
        ``fold``, ``example_id``, ``gold`` and ``predicted``; `edits` also ``original_id``, the
        ``example_id`` of the original in the same fold.

    Raises
    ------
    KeyError
        Where the original of an edit was not predicted in its fold.
    """
    labels = {
        (fold, example): (gold, predicted)
        for fold, example, gold, predicted in zip(
            *(originals[name] for name in ("fold", "example_id", "gold", "predicted")), strict=True
        )
    }
    found = [labels[key] for key in zip(edits["fold"], edits["original_id"], strict=True)]
    return {
        **edits,
        ORIGINAL_GOLD: [gold for gold, _ in found],
        ORIGINAL_PREDICTED: [predicted for _, predicted in found],
    }


def both_right(sample: Sample) -> np.ndarray:
    """Return, for each pair, whether the original and the edit are both right, shape (n,)."""
    original = positions(sample.columns[ORIGINAL_PREDICTED]) == positions(sample.columns[ORIGINAL_GOLD])
    return np.asarray(original & (sample.predicted == sample.gold))


def flipped(sample: Sample) -> np.ndarray:
    """Return, for each pair, whether both sides have a predicted label and the two differ, shape (n,)."""
    return np.asarray(_both_scored(sample) & _unequal(sample))


def flipped_or_unscored(sample: Sample) -> np.ndarray:
    """Return, for each pair, whether the two labels differ or one is missing, shape (n,)."""
    return np.asarray(~_both_scored(sample) | _unequal(sample))


def _unequal(sample: Sample) -> np.ndarray:
    return np.asarray(positions(sample.columns[ORIGINAL_PREDICTED]) != sample.predicted)


def _both_scored(sample: Sample) -> np.ndarray:
    original = positions(sample.columns[ORIGINAL_PREDICTED])
    return np.asarray((original < len(LABELS)) & (sample.predicted < len(LABELS)))

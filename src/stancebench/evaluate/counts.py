"""Figures of confusion counts, so that ten thousand resamples are one matrix product.

A confusion has shape (..., k, k + 1): rows are gold labels, columns predicted ones in the order of
`LABELS`, the last column counts unscored predictions (no usable answer). An unscored prediction is a
miss of its gold label and a hit of none; how many there are is a figure of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stancebench.types import LABELS


def positions(labels: Sequence[Any]) -> np.ndarray:
    """Return the place of each label in `LABELS`; ``None``, unscored, comes after the last.

    Examples
    --------
    >>> positions(["favor", None, "against"]).tolist()
    [2, 3, 0]
    """
    place: dict[Any, int] = {label: i for i, label in enumerate((*LABELS, None))}
    return np.array([place[label] for label in labels], dtype=int)


def confusion(gold: Sequence[Any], predicted: Sequence[Any]) -> np.ndarray:
    """Return the confusion counts, shape (k, k + 1); ``None`` as a prediction is unscored.

    Examples
    --------
    >>> confusion(["favor", "none"], ["favor", None])
    array([[0, 0, 0, 0],
           [0, 0, 0, 1],
           [0, 0, 1, 0]])
    """
    counts = np.zeros((len(LABELS), len(LABELS) + 1), dtype=int)
    np.add.at(counts, (positions(gold), positions(predicted)), 1)
    return counts


def _totals(confusions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return hits, predicted and gold totals of each label, shape (..., k)."""
    k = len(LABELS)
    hits = np.diagonal(confusions[..., :k], axis1=-2, axis2=-1).astype(float)
    return hits, confusions[..., :k].sum(axis=-2), confusions.sum(axis=-1)


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Divide, with 0 for nothing over nothing: an absent class scores 0, it does not vanish."""
    quotient: np.ndarray = np.divide(
        numerator, denominator, out=np.zeros(np.shape(denominator)), where=denominator > 0
    )
    return quotient


def precision(confusions: np.ndarray) -> np.ndarray:
    """Return the precision of each label, shape (..., k); 0 where it is never predicted."""
    hits, predicted, _ = _totals(confusions)
    return _ratio(hits, predicted)


def recall(confusions: np.ndarray) -> np.ndarray:
    """Return the recall of each label, shape (..., k); 0 where gold never has it."""
    hits, _, gold = _totals(confusions)
    return _ratio(hits, gold)


def f1(confusions: np.ndarray) -> np.ndarray:
    """Return F1 of each label, ``2 hits / (gold + predicted)``, shape (..., k)."""
    hits, predicted, gold = _totals(confusions)
    return _ratio(2 * hits, predicted + gold)


def macro_f1(confusions: np.ndarray) -> np.ndarray:
    """Return the mean F1 over all labels, shape (...); an absent label counts as 0."""
    return np.asarray(f1(confusions).mean(axis=-1))


def f_avg(confusions: np.ndarray) -> np.ndarray:
    """Return the mean F1 of favor and against, shape (...).

    ``none`` is not averaged over, but a ``none`` called ``favor`` still costs precision.

    Examples
    --------
    >>> float(f_avg(confusion(["favor", "against", "none"], ["favor", "none", "none"])))
    0.5
    """
    scores = f1(confusions)
    return np.asarray((scores[..., LABELS.index("favor")] + scores[..., LABELS.index("against")]) / 2)


def accuracy(confusions: np.ndarray) -> np.ndarray:
    """Return the share of right predictions, shape (...); an unscored prediction is not right."""
    hits, _, gold = _totals(confusions)
    return _ratio(hits.sum(axis=-1), gold.sum(axis=-1))


def balanced_accuracy(confusions: np.ndarray) -> np.ndarray:
    """Return the mean recall over all labels, shape (...); a label that gold lacks counts as 0."""
    return np.asarray(recall(confusions).mean(axis=-1))


def mcc(confusions: np.ndarray) -> np.ndarray:
    r"""Return the Matthews correlation coefficient for k classes, shape (...).

    1 is perfect, 0 no better than the margins allow (also where one side has one label only),
    negative worse. Unscored predictions count as a class of their own that gold never has.

    .. math:: \frac{c\,s - \sum_l p_l g_l}
              {\sqrt{(s^2 - \sum_l p_l^2)(s^2 - \sum_l g_l^2)}}

    with :math:`c` right predictions of :math:`s`, :math:`p_l` predicted and :math:`g_l` gold counts.

    References
    ----------
    J. Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient",
    Computational Biology and Chemistry 28 (2004).
    """
    hits, _, gold = _totals(confusions)
    predicted = confusions.sum(axis=-2).astype(float)
    s = gold.sum(axis=-1).astype(float)
    covariance = hits.sum(axis=-1) * s - (predicted[..., : len(LABELS)] * gold).sum(axis=-1)
    spread = (s**2 - (predicted**2).sum(axis=-1)) * (s**2 - (gold.astype(float) ** 2).sum(axis=-1))
    return _ratio(covariance, np.sqrt(np.maximum(spread, 0)))


def unscored(confusions: np.ndarray) -> np.ndarray:
    """Return how many predictions were unscored, shape (...)."""
    return np.asarray(confusions[..., -1].sum(axis=-1))

"""Calibration: temperatures fitted on validation alone, reliability tables, risk–coverage curves.

Shape letters: n examples, k labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from stancebench.evaluate.counts import positions
from stancebench.evaluate.probabilities import BINS, CLIP, adaptive_bins, confidences, log_losses
from stancebench.evaluate.sample import PROBABILITIES, Columns

#: Temperatures that are looked at; a fit at either end says that validation knows no finite one.
TEMPERATURES = (0.01, 100.0)


def fit_temperature(gold: Sequence[Any], probabilities: np.ndarray) -> float:
    """Return the temperature that gives validation probabilities the smallest log loss.

    Above 1 the model was too sure, below 1 too timid. Unscored rows (NaN) are left out.

    Parameters
    ----------
    gold : sequence of n labels
        Of the validation part; never of the test part.
    probabilities : array, shape (n, k)
        Predicted for the validation part.

    Raises
    ------
    ValueError
        Where no row is scored.

    References
    ----------
    C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """
    from scipy.optimize import minimize_scalar

    scored = ~np.isnan(probabilities).any(axis=1)
    if not scored.any():
        raise ValueError("no validation prediction has probabilities: no temperature can be fitted")
    labels, rows = positions(gold)[scored], probabilities[scored]

    def loss(logarithm: float) -> float:
        return float(log_losses(labels, with_temperature(rows, float(np.exp(logarithm)))).mean())

    found = minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities proportional to ``p ** (1 / temperature)``, shape (n, k).

    The order of labels within a row stays. Probabilities are kept at least `probabilities.CLIP` from 0
    first, so that a row has a logarithm; rows with NaN stay NaN.

    Examples
    --------
    >>> with_temperature(np.array([[0.8, 0.1, 0.1]]), 0.5).round(3).tolist()
    [[0.97, 0.015, 0.015]]
    """
    logarithms = np.log(np.clip(probabilities, CLIP, None)) / temperature
    powers = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class Calibrated(NamedTuple):
    """Probabilities of all rows of a predictions file, rescaled, and the temperature of each fold."""

    probabilities: np.ndarray
    temperatures: dict[str, float]


def calibrate(columns: Columns) -> Calibrated:
    """Rescale a run's probabilities by the temperature of each fold's own validation part.

    Parameters
    ----------
    columns : mapping
        A predictions file: ``fold``, ``part``, ``gold`` and the probabilities, n values each. What
        stands in parts other than ``validation`` has no influence on a temperature.

    Returns
    -------
    Calibrated
        A fold without validation rows keeps its probabilities, and has no temperature.
    """
    fold, part = (np.asarray(columns[name], dtype=object) for name in ("fold", "part"))
    gold = np.asarray(columns["gold"], dtype=object)
    table = np.column_stack([np.asarray(columns[name], dtype=float) for name in PROBABILITIES])
    rescaled, temperatures = table.copy(), {}
    for name in sorted(set(fold)):
        validation = (fold == name) & (part == "validation")
        if validation.any():
            temperatures[name] = fit_temperature(gold[validation], table[validation])
            rescaled[fold == name] = with_temperature(table[fold == name], temperatures[name])
    return Calibrated(rescaled, temperatures)


class ReliabilityBin(NamedTuple):
    """Predictions of like confidence: their range, mean confidence, accuracy, and number."""

    low: float
    high: float
    confidence: float
    accuracy: float
    n: int


def reliability(columns: Columns, bins: int = BINS) -> list[ReliabilityBin]:
    """Return the reliability table over bins of equally many predictions, least confident first.

    Confidence is the probability of the predicted label; unscored predictions are left out, and ties
    share a bin (`probabilities.adaptive_bins`), so that there may be fewer than `bins`. The mean gap of
    confidence and accuracy, weighted by n, is the metric ``calibration_error``.
    """
    right, confidence = _right_and_confidence(columns)
    scored = np.isfinite(confidence)
    right, confidence = right[scored], confidence[scored]
    place = adaptive_bins(confidence, bins)
    rows = []
    for b in np.unique(place):
        inside = confidence[place == b]
        accuracy = float(right[place == b].mean())
        rows.append(
            ReliabilityBin(
                float(inside.min()), float(inside.max()), float(inside.mean()), accuracy, len(inside)
            )
        )
    return rows


class RiskCoverageCurve(NamedTuple):
    """The error rate among the most confident predictions, by the share of them; both arrays rise."""

    coverage: np.ndarray
    risk: np.ndarray


def risk_coverage(columns: Columns) -> RiskCoverageCurve:
    """Return the risk–coverage curve: one point for each distinct confidence, the highest first.

    Equal confidences are answered together; unscored predictions come last, and are wrong.

    References
    ----------
    Y. Geifman and R. El-Yaniv, "Selective Classification for Deep Neural Networks", NeurIPS 2017.
    """
    right, confidence = _right_and_confidence(columns)
    scored = np.isfinite(confidence)
    levels, place = np.unique(np.where(scored, -confidence, 1), return_inverse=True)
    answered = np.bincount(place, minlength=len(levels)).cumsum()
    wrong = np.bincount(place, weights=~(right & scored), minlength=len(levels)).cumsum()
    return RiskCoverageCurve(answered / len(right), wrong / answered)


def _right_and_confidence(columns: Columns) -> tuple[np.ndarray, np.ndarray]:
    predicted = positions(columns["predicted"])
    table = np.column_stack([np.asarray(columns[name], dtype=float) for name in PROBABILITIES])
    return predicted == positions(columns["gold"]), confidences(predicted, table)

"""Figures of predicted probabilities: losses, calibration, and what abstaining would gain.

An unscored prediction (NaN probabilities, or no label) is treated as a model that knows nothing: in a
loss it has the uniform distribution, in the risk–coverage curve it is answered last and wrong. Only
the calibration error leaves it out, since nothing was claimed.

Shape letters: n examples, k labels, d documents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stancebench.types import LABELS

#: Probabilities are kept this far from 0 before a logarithm, as scikit-learn does in `log_loss`.
CLIP = float(np.finfo(float).eps)
BINS = 15
#: Resamples that the risk–coverage statistic works on at once, so that they stay in the cache.
_CHUNK = 50


def or_uniform(probabilities: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (n, k), with the uniform distribution in place of rows with NaN."""
    unscored = np.isnan(probabilities).any(axis=1, keepdims=True)
    return np.where(unscored, 1 / len(LABELS), probabilities)


def log_losses(gold: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return minus the natural logarithm of each gold label's probability, shape (n,).

    Examples
    --------
    >>> log_losses(np.array([0, 2]), np.array([[1, 0, 0], [np.nan] * 3])).round(3).tolist()
    [0.0, 1.099]
    """
    return soft_losses(np.eye(len(LABELS))[gold], probabilities)


def soft_losses(shares: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the cross-entropy of each example's vote shares, shape (n, k), and probabilities."""
    logarithms = np.log(np.clip(or_uniform(probabilities), CLIP, 1 - CLIP))
    return np.asarray(-(shares * logarithms).sum(axis=1))


def brier_losses(gold: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the squared distance of probabilities and gold label, summed over labels, shape (n,).

    Examples
    --------
    >>> brier_losses(np.array([0, 0]), np.array([[0.5, 0.5, 0], [0, 0, 1]])).tolist()
    [0.5, 2.0]
    """
    return np.asarray(((or_uniform(probabilities) - np.eye(len(LABELS))[gold]) ** 2).sum(axis=1))


def ratio(sums: np.ndarray) -> np.ndarray:
    """Return the first sum over the second, shape (..., 2) to (...); NaN where there is nothing."""
    quotient: np.ndarray = np.divide(
        sums[..., 0], sums[..., 1], out=np.full(sums.shape[:-1], np.nan), where=sums[..., 1] > 0
    )
    return quotient


def confidences(predicted: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the probability of each predicted label, shape (n,); NaN where unscored."""
    padded = np.column_stack([probabilities, np.full(len(probabilities), np.nan)])
    unscored = np.isnan(probabilities).any(axis=1)
    return np.where(unscored, np.nan, padded[np.arange(len(padded)), predicted])


def adaptive_bins(confidence: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Return the bin of each confidence, 0 to bins − 1, such that bins hold equally many.

    Ties stay together, in the bin of the first of them: an example's bin is ``bins × smaller / n``,
    rounded down, where ``smaller`` examples have a smaller confidence. The order does not matter.

    References
    ----------
    J. Nixon et al., "Measuring Calibration in Deep Learning", CVPR Workshops 2019.

    Examples
    --------
    >>> adaptive_bins(np.array([0.9, 0.4, 0.5, 0.5]), bins=2).tolist()
    [1, 0, 0, 0]
    """
    smaller = np.searchsorted(np.sort(confidence), confidence, side="left")
    return np.asarray(bins * smaller // max(len(confidence), 1))


def calibration_terms(right: np.ndarray, confidence: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Return what each example adds to `calibration_error`, shape (n, bins + 1): gap by bin, and 1."""
    scored = np.isfinite(confidence)
    terms = np.zeros((len(confidence), bins + 1))
    (rows,) = np.nonzero(scored)
    terms[rows, adaptive_bins(confidence[scored], bins)] = confidence[scored] - right[scored]
    terms[rows, bins] = 1
    return terms


def calibration_error(sums: np.ndarray) -> np.ndarray:
    r"""Return the expected calibration error of sums of `calibration_terms`, shape (...).

    .. math:: \frac{1}{n} \sum_m \Bigl| \sum_{i \in B_m} (p_i - r_i) \Bigr|

    over bins :math:`B_m`, with confidence :math:`p_i` and :math:`r_i = 1` where right. 0 is
    calibrated. It is biased upwards: a calibrated model of n examples shows about :math:`\sqrt{m/n}/3`.

    References
    ----------
    M. Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015.
    """
    gaps = np.abs(sums[..., :-1]).sum(axis=-1)
    return ratio(np.stack([gaps, sums[..., -1]], axis=-1))


@dataclass(frozen=True)
class RiskCoverage:
    r"""The area under the risk–coverage curve, as a function of document weights.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} \frac{|\{j : p_j \ge p_i,\ j\ \text{wrong}\}|}{|\{j : p_j \ge p_i\}|}

    the error rate among the predictions at least as confident, averaged over predictions: equal
    confidences are answered together. 0 is never wrong; the error rate is what constant confidences
    give.

    Parameters
    ----------
    right, confidence, document : arrays, shape (n,)
        Whether the prediction is right, its confidence (NaN: unscored), and the place of its document.

    References
    ----------
    Y. Geifman, G. Uziel and R. El-Yaniv, "Bias-Reduced Uncertainty Estimation for Deep Neural
    Classifiers", ICLR 2019.

    Examples
    --------
    >>> right, confidence = np.array([True, False, True]), np.array([0.9, 0.8, 0.7])
    >>> area = RiskCoverage(right, confidence, document=np.array([0, 0, 1]))
    >>> round(float(area(np.array([1, 1]))), 4)  # (0/1 + 1/2 + 1/3) / 3
    0.2778
    """

    right: np.ndarray
    confidence: np.ndarray
    document: np.ndarray

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        """Return the area where document j counts ``weights[..., j]`` times."""
        answered = np.isfinite(self.confidence)
        confidence = np.where(answered, self.confidence, -1)
        order = np.argsort(-confidence, kind="stable")
        wrong = ~(self.right & answered)[order]
        last_of_tie = np.searchsorted(-confidence[order], -confidence[order], side="right") - 1
        rows = weights.reshape(-1, weights.shape[-1])
        areas = [
            _area(drawn[:, self.document[order]], wrong, last_of_tie)
            for drawn in np.array_split(rows, max(1, len(rows) // _CHUNK))
        ]
        return np.concatenate(areas).reshape(weights.shape[:-1])


def _area(weights: np.ndarray, wrong: np.ndarray, last_of_tie: np.ndarray) -> np.ndarray:
    """Return the areas of weighted examples, most confident first: (b, n) to (b,)."""
    covered = weights.cumsum(axis=1)
    risks = (weights * wrong).cumsum(axis=1) / np.maximum(covered, 1)
    if (last_of_tie > np.arange(len(wrong))).any():
        risks = risks[:, last_of_tie]
    return ratio(np.stack([np.einsum("bn,bn->b", weights, risks), weights.sum(axis=1)], axis=-1))

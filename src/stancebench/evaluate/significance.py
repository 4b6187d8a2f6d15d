"""Whether a difference between two systems is more than chance, how large, and what could be seen at all.

Two systems are compared on the same documents. Functions here take statistics and estimates; from
predictions, `stancebench.evaluate.comparison` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from stancebench.evaluate.intervals import SEED, Estimate, Statistic

PERMUTATIONS = 10_000


def approximate_randomisation(
    joint: Statistic | Sequence[Statistic],
    documents: int,
    permutations: int = PERMUTATIONS,
    seed: int | Sequence[int] = SEED,
) -> float:
    r"""Return the p value of no difference between two systems, by swapping them document by document.

    If it does not matter which system predicted a document, the difference of their figures is as
    likely as any other that swapping both systems' predictions of some documents gives. With b of m
    random swaps that reach the difference found, in either direction, :math:`p = (b + 1) / (m + 1)`.

    It speaks of the fitted models, on other documents; not of what another training would give. Of two
    models that differ by their seeds alone it rejects 12 % at 5 % where seeds spread accuracy by 0.8
    points, and 30 % at 1.6 points, however many seeds there are; `bootstrap_p` counts seeds in.

    Parameters
    ----------
    joint : statistic, or sequence of s
        A figure over 2 d documents: the first system's d, then the second's in the same order. Several:
        one for each pair of seeds, whose mean is tested; a swapped document is swapped in all pairs.
    documents : int
        How many documents there are, d.
    permutations : int
        How many random swaps, m.
    seed : int or sequence of int
        Seed of the swaps.

    References
    ----------
    E. Noreen, *Computer-Intensive Methods for Testing Hypotheses* (1989); A. Yeh, "More Accurate Tests
    for the Statistical Significance of Result Differences", COLING 2000.
    """
    pairs: Sequence[Statistic] = [joint] if callable(joint) else joint
    drawn = np.random.default_rng(seed).integers(0, 2, size=(permutations, documents))
    swapped = np.vstack([np.zeros(documents), drawn])  # the first row: as found
    as_first = np.hstack([1 - swapped, swapped])
    as_second = np.hstack([swapped, 1 - swapped])
    differences = np.mean([pair(as_first) - pair(as_second) for pair in pairs], axis=0)
    found, null = abs(differences[0]), np.abs(differences[1:])
    reached = ~(null < found - 1e-12)  # rounding must not tell equal differences apart
    return float((reached.sum() + 1) / (permutations + 1))


def bootstrap_p(difference: Estimate) -> float:
    """Return the p value of no difference, by the documents and seeds that it was resampled over.

    It is at most α where the percentile interval of level 1 - α, widened for the number of documents
    (`intervals.widened`), leaves zero out. Where no resample reaches zero, the tail is that of a normal
    distribution with their spread: otherwise 10,000 resamples would not go below 0.0005, and no
    difference among 15 models could stay below 5 % after a correction for all their pairs.

    References
    ----------
    B. Efron and R. Tibshirani, *An Introduction to the Bootstrap* (1993), section 15.4: the level at
    which an interval just reaches zero.
    """
    from scipy.stats import t

    draws = difference.draws[np.isfinite(difference.draws)]
    d = len(difference.jackknives[0])
    if not len(draws) or d < 2:
        return np.nan
    beyond = min((draws <= 0).sum(), (draws >= 0).sum())
    z = -NormalDist().inv_cdf(min((beyond + 1) / (len(draws) + 1), 0.5))
    if not beyond and difference.standard_error > 0:
        z = max(z, abs(difference.value) / difference.standard_error)
    return float(2 * t.sf(z * ((d - 1) / d) ** 0.5, d - 1))


def mcnemar(first_right: np.ndarray, second_right: np.ndarray) -> float:
    """Return the exact p value of equal accuracy, from the examples that only one system has right.

    It takes examples as independent. Where those of one document go wrong together it rejects too
    often; `approximate_randomisation` does not.

    Parameters
    ----------
    first_right, second_right : arrays of bool, shape (n,)
        Whether each system is right.

    References
    ----------
    Q. McNemar, "Note on the Sampling Error of the Difference Between Correlated Proportions",
    Psychometrika 12 (1947).

    Examples
    --------
    >>> mcnemar(np.array([1, 1, 1, 0], dtype=bool), np.array([0, 0, 0, 0], dtype=bool))
    0.25
    """
    from scipy.stats import binomtest

    only_first = int((first_right & ~second_right).sum())
    discordant = int((first_right != second_right).sum())
    return float(binomtest(only_first, discordant).pvalue) if discordant else 1.0


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return p values adjusted for how many there are, in the shape given; NaN cells are no tests.

    Rejecting where the adjusted value is at most 5 % keeps the chance of any false rejection in the
    whole table at most 5 %, however the tests depend on each other.

    References
    ----------
    S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of
    Statistics 6 (1979).

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, dtype=float)
    adjusted = np.full(values.shape, np.nan)
    tests = np.flatnonzero(~np.isnan(values.ravel()))
    order = tests[np.argsort(values.ravel()[tests], kind="stable")]
    factors = len(order) - np.arange(len(order))
    steps = np.maximum.accumulate(values.ravel()[order] * factors)
    np.put(adjusted, order, np.minimum(steps, 1))
    return adjusted


def standardised(difference: Estimate) -> float:
    r"""Return a difference in standard deviations between documents (Cohen's :math:`d_z`).

    .. math:: \frac{\Delta}{\sqrt{d}\, s}, \quad
              s^2 = \frac{d - 1}{d} \sum_i (\Delta_{(i)} - \bar\Delta)^2

    with :math:`\Delta_{(i)}` the difference without document i. Of a plain mean over documents it is
    the mean of their differences by their standard deviation. It does not grow with d; 0 where both
    systems are the same on every document, NaN where there is one document only.

    References
    ----------
    J. Cohen, *Statistical Power Analysis for the Behavioral Sciences* (1988), section 2.3.5.
    """
    left_out = difference.jackknives[0]
    kept = left_out[np.isfinite(left_out)]
    if len(kept) < 2:
        return np.nan
    spread = float(np.sqrt((len(kept) - 1) * ((kept - kept.mean()) ** 2).sum()))
    return difference.value / spread if spread > 0 else 0.0


def detectable_difference(standard_error: float, power: float = 0.8, level: float = 0.05) -> float:
    r"""Return the least true difference that a two-sided test at `level` finds with `power`.

    .. math:: (z_{1 - \alpha / 2} + z_{\text{power}})\, s

    which is 2.80 standard errors of the paired difference (`Estimate.standard_error`) at 5 % and 80 %.

    References
    ----------
    H. Bloom, "Minimum Detectable Effects", Evaluation Review 19 (1995); D. Card et al., "With Little
    Power Comes Great Responsibility", EMNLP 2020.

    Examples
    --------
    >>> round(detectable_difference(0.01), 4)
    0.028
    """
    normal = NormalDist()
    return (normal.inv_cdf(1 - level / 2) + normal.inv_cdf(power)) * standard_error

"""Bootstrap intervals over documents, and over seeds where a model was trained several times.

The documents were drawn from a larger world, and sentences of one document are alike: so documents
are resampled, whole. A figure is a `Statistic`, a function of how often each document counts; its
value, its resamples and its jackknife are that function at other weights.

Shape letters: d documents, b resamples, s seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np

#: Document weights, shape (..., d), to values, shape (...).
Statistic = Callable[[np.ndarray], np.ndarray]
Method = Literal["percentile", "bca"]

#: Seed of the bootstrap: the same predictions give the same interval.
SEED = 20250227
RESAMPLES = 10_000
LEVEL = 0.95


@dataclass(frozen=True)
class Sums:
    """A statistic that needs nothing but sums over examples: confusion counts, losses and their number.

    Parameters
    ----------
    sums : array, shape (d, ...)
        What is summed, within each document.
    figure : callable
        From sums, shape (..., ...), to values, shape (...).

    Examples
    --------
    >>> mean_loss = Sums(np.array([[3.0, 2], [1.0, 2]]), lambda x: x[..., 0] / x[..., 1])
    >>> float(mean_loss(np.array([1, 1]))), float(mean_loss(np.array([2, 0])))
    (1.0, 1.5)
    """

    sums: np.ndarray
    figure: Callable[[np.ndarray], np.ndarray]

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        """Return the figure where document j counts ``weights[..., j]`` times."""
        # One of many targets stands in few of the documents: the others add nothing.
        here = self.sums.any(axis=tuple(range(1, self.sums.ndim)))
        return self.figure(np.tensordot(weights[..., here], self.sums[here], axes=1))


class Estimate(NamedTuple):
    """A figure with its resamples.

    `draws` are the b bootstrap values; `jackknives` are, for each thing that was resampled (the
    documents first, then seeds), the values with one of it left out. NaN: not defined there.
    """

    value: float
    draws: np.ndarray
    jackknives: tuple[np.ndarray, ...]

    @property
    def standard_error(self) -> float:
        """The standard deviation of the resamples."""
        draws = self.draws[np.isfinite(self.draws)]
        return float(np.std(draws, ddof=1)) if len(draws) > 1 else np.nan

    def minus(self, other: Estimate) -> Estimate:
        """Return the paired difference: both were drawn with the same documents, not the same seeds."""
        documents = self.jackknives[0] - other.jackknives[0]
        seeds = (*self.jackknives[1:], *(-values for values in other.jackknives[1:]))
        return Estimate(self.value - other.value, self.draws - other.draws, (documents, *seeds))


class Interval(NamedTuple):
    """A confidence interval; NaN where there is one document only, or no resample gave a value."""

    low: float
    high: float


def draw(units: int, resamples: int = RESAMPLES, seed: int | Sequence[int] = SEED) -> np.ndarray:
    """Return how often each of `units` is drawn in each resample, shape (b, units).

    Examples
    --------
    >>> draw(4, resamples=2).sum(axis=1).tolist()
    [4.0, 4.0]
    """
    generator = np.random.default_rng(seed)
    return generator.multinomial(units, np.full(units, 1 / units), size=resamples).astype(float)


def estimate(
    statistics: Statistic | Sequence[Statistic], documents: np.ndarray, seeds: np.ndarray | None = None
) -> Estimate:
    """Return the mean of a figure over seeds, with its resamples over documents and seeds, crossed.

    One resample draws documents, the same for every seed, and seeds, the same for every document.

    Parameters
    ----------
    statistics : statistic, or sequence of s
        The figure of each seed's run, over the same d documents.
    documents : array, shape (b, d)
        How often each document is drawn (`draw`).
    seeds : array, shape (b, s), optional
        How often each seed is drawn; needed where there are several.

    References
    ----------
    A. Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1 (2007): it errs on the wide
    side by what documents and seeds do together.
    """
    runs: Sequence[Statistic] = [statistics] if callable(statistics) else statistics
    b, d = documents.shape
    values = np.array([float(run(np.ones(d))) for run in runs])
    left_out = np.mean([run(_all_but_one(d)) for run in runs], axis=0)
    draws = np.array([run(documents) for run in runs])
    if len(runs) == 1:
        return Estimate(float(values[0]), draws[0], (left_out,))
    if seeds is None or seeds.shape != (b, len(runs)):
        raise ValueError(f"{len(runs)} runs need seed draws of shape ({b}, {len(runs)})")
    without_seed = (values.sum() - values) / (len(runs) - 1)
    mean = np.einsum("bs,sb->b", seeds, draws) / len(runs)
    return Estimate(float(values.mean()), mean, (left_out, without_seed))


@lru_cache(maxsize=1)  # every figure of every target asks for the same one, which can be large
def _all_but_one(documents: int) -> np.ndarray:
    """Return the weights of the jackknife, shape (d, d): row j leaves out document j."""
    return 1 - np.eye(documents)


def mean_of(estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean of figures that were resampled together, such as that of each target."""
    jackknives = zip(*(e.jackknives for e in estimates), strict=True)
    return Estimate(
        float(np.mean([e.value for e in estimates])),
        np.mean([e.draws for e in estimates], axis=0),
        tuple(np.mean(values, axis=0) for values in jackknives),
    )


def interval(of: Estimate, method: Method = "percentile", level: float = LEVEL) -> Interval:
    """Return the bootstrap interval of an estimate.

    Parameters
    ----------
    of : Estimate
        The figure with its resamples; those that are NaN are left out.
    method : {"percentile", "bca"}
        The plain quantiles of the resamples, or quantiles moved by the bias and the acceleration of
        the figure (bias-corrected and accelerated).
    level : float
        Share of samples whose interval is to hold the true value.

    References
    ----------
    B. Efron, "Better bootstrap confidence intervals", JASA 82 (1987).

    Examples
    --------
    >>> interval(Estimate(2.0, np.arange(5.0), (np.zeros(2),)), level=0.5)
    Interval(low=1.0, high=3.0)
    """
    draws = of.draws[np.isfinite(of.draws)]
    if not len(draws) or len(of.jackknives[0]) < 2:
        return Interval(np.nan, np.nan)
    shares = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca":
        shares = _bca_shares(of.value, draws, acceleration(of.jackknives), shares)
    low, high = np.quantile(draws, shares)
    return Interval(float(low), float(high))


def widened(level: float, units: int) -> float:
    r"""Return the level at which an interval over few units covers `level`.

    Resamples of n units vary too little, by :math:`(n - 1) / n`, and have the tails of a normal
    distribution where Student's t is due. The tail :math:`\alpha / 2` becomes
    :math:`\Phi\bigl(\sqrt{n / (n - 1)}\, t_{\alpha / 2, n - 1}\bigr)`: 95 % over 59 documents become 95.7 %.

    References
    ----------
    T. Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69
    (2015), section 3.3; M. Abramowitz and I. Stegun, *Handbook of Mathematical Functions*, 26.7.5.

    Examples
    --------
    >>> round(widened(0.95, 59), 3), round(widened(0.95, 10_000), 3)
    (0.957, 0.95)
    """
    if units < 2:
        return level
    z, v = NormalDist().inv_cdf((1 + level) / 2), units - 1
    # Student's quantile by its expansion, since importing SciPy takes longer than most runs' scoring.
    t = z + (z**3 + z) / (4 * v) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
    return 2 * NormalDist().cdf(t * (units / v) ** 0.5) - 1


def acceleration(jackknives: Sequence[np.ndarray]) -> float:
    r"""Return the acceleration of a figure, 0 where it does not vary.

    .. math:: \hat a = \frac{1}{6} \frac{\sum_f \sum_i (u_{fi} / n_f)^3}
              {\bigl(\sum_f \sum_i (u_{fi} / n_f)^2\bigr)^{3/2}}, \quad
              u_{fi} = (n_f - 1)(\bar\theta_f - \theta_{f(i)})

    where :math:`\theta_{f(i)}` leaves out unit i of the :math:`n_f` of factor f (documents; seeds).
    """
    cubes = squares = 0.0
    for values in jackknives:
        kept = values[np.isfinite(values)]
        influence = (kept.mean() - kept) * (len(kept) - 1) / len(kept) if len(kept) else kept
        cubes += float((influence**3).sum())
        squares += float((influence**2).sum())
    return cubes / (6 * squares**1.5) if squares > 0 else 0.0


def _bca_shares(value: float, draws: np.ndarray, a: float, shares: np.ndarray) -> np.ndarray:
    normal = NormalDist()
    below = (np.mean(draws < value) + np.mean(draws <= value)) / 2
    half = 0.5 / len(draws)  # keeps the bias finite where every draw lies on one side
    bias = normal.inv_cdf(float(np.clip(below, half, 1 - half)))
    shifted = [bias + normal.inv_cdf(float(share)) for share in shares]
    # Where one document carries all, 1 - a z can fall to 0: the quantile is then the last one.
    return np.array([normal.cdf(bias + z / (1 - a * z)) if a * z < 1 else float(z > 0) for z in shifted])

"""Agreement between annotators: Krippendorff's alpha with intervals over documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from stancebench.corpus.judgements import Judgement
from stancebench.types import LABELS

RESAMPLES = 10_000
#: Seed of the bootstrap; fixed, so that the same judgements give the same interval.
BOOTSTRAP_SEED = 20250227


class Agreement(NamedTuple):
    """Agreement in one group of judged pairs."""

    group: str
    alpha: float
    low: float
    high: float
    equal: float
    pairs: int
    documents: int


def alpha_of(coincidences: np.ndarray) -> np.ndarray:
    r"""Return Krippendorff's nominal alpha of coincidence matrices.

    1 is perfect agreement, 0 what chance gives, below 0 systematic disagreement; NaN where only one
    label occurs, since then nothing can be agreed upon.

    .. math:: \alpha = 1 - (n - 1)\frac{n - \sum_c o_{cc}}{n^2 - \sum_c n_c^2}

    Parameters
    ----------
    coincidences : array, shape (..., k, k)
        Symmetric counts ``o`` of label pairs within units, each unit of m judgements weighing
        ``1 / (m - 1)``.

    Returns
    -------
    array, shape (...)

    References
    ----------
    K. Krippendorff, *Content Analysis*, 4th ed. (2018), chapter 12.

    Examples
    --------
    >>> round(float(alpha_of(np.array([[4.0, 1.0], [1.0, 4.0]]))), 3)
    0.64
    """
    margins = coincidences.sum(axis=-1)
    n = margins.sum(axis=-1)
    observed = n - np.trace(coincidences, axis1=-2, axis2=-1)
    expected = n**2 - (margins**2).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(expected > 0, 1 - (n - 1) * observed / expected, np.nan))


def coincidences_by_document(judgements: Sequence[Judgement]) -> np.ndarray:
    """Return one coincidence matrix per document, shape (d, k, k)."""
    units: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row in judgements:
        key = (row.document_id, row.sentence_id, row.target)
        units[key].append(LABELS.index(row.stance))
    matrices: dict[str, np.ndarray] = defaultdict(lambda: np.zeros((len(LABELS), len(LABELS))))
    for (document_id, _, _), votes in units.items():
        counts = np.bincount(votes, minlength=len(LABELS))
        if len(votes) > 1:
            pairs = np.outer(counts, counts) - np.diag(counts)
            matrices[document_id] += pairs / (len(votes) - 1)
    return np.array([matrices[name] for name in sorted(matrices)])


def agreement(group: str, judgements: Sequence[Judgement]) -> Agreement:
    """Return alpha, its 95 % percentile interval over documents, and the share of equal pairs."""
    matrices = coincidences_by_document(judgements)
    d = len(matrices)
    weights = np.random.default_rng(BOOTSTRAP_SEED).multinomial(d, np.full(d, 1 / d), size=RESAMPLES)
    resampled = alpha_of((weights @ matrices.reshape(d, -1)).reshape(-1, *matrices.shape[1:]))
    low, high = np.nanpercentile(resampled, [2.5, 97.5])
    total = matrices.sum(axis=0)
    n = len({(row.sentence_id, row.target) for row in judgements})
    equal = float(np.trace(total) / total.sum())
    return Agreement(group, float(alpha_of(total)), float(low), float(high), equal, n, d)


def agreement_by(
    judgements: Sequence[Judgement], group_of: Callable[[Judgement], str], order: Sequence[str] = ()
) -> list[Agreement]:
    """Return the agreement of every group of judgements, then of all together."""
    groups: dict[str, list[Judgement]] = {name: [] for name in order}
    for row in judgements:
        groups.setdefault(group_of(row), []).append(row)
    rows = [agreement(name, members) for name, members in groups.items() if members]
    return [*rows, agreement("all", judgements)]

"""How precise the test part is: the interval it will give, and the difference it can detect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stancebench.evaluate.metrics import confusion, macro_f1
from stancebench.types import Examples

RESAMPLES = 2_000
SEED = 20250227
#: 1.96 for a two-sided test at 5 %, 0.84 for a power of 80 %.
DETECTABLE_ERRORS = 1.96 + 0.84


class Power(NamedTuple):
    """Expected precision of macro-F1 on a test part of so many documents."""

    documents: int
    half_width: float
    detectable: float


def power(examples: Examples, first: Sequence[str], second: Sequence[str], test_documents: int) -> Power:
    """Return the half-width of a 95 % interval, and the least difference two models can show.

    Documents are resampled from those that `first` and `second` were predicted for by
    cross-validation, as many as the test part has: the test part itself is not looked at.

    Parameters
    ----------
    examples : Examples
        n examples outside the test part.
    first, second : sequences of n labels
        Predictions of two models of unlike kind; the interval is that of `first`.
    test_documents : int
        Documents of the test part.
    """
    documents = sorted(set(examples["document_id"]))
    counts = np.array(
        [
            [
                confusion(*(np.asarray(v, dtype=object)[inside] for v in (examples["label"], predicted)))
                for predicted in (first, second)
            ]
            for name in documents
            for inside in [examples["document_id"] == name]
        ]
    )
    d = len(documents)
    drawn = np.random.default_rng(SEED).multinomial(test_documents, np.full(d, 1 / d), size=RESAMPLES)
    scores = macro_f1(np.tensordot(drawn, counts, axes=1))
    low, high = np.percentile(scores[:, 0], [2.5, 97.5])
    error = float(np.std(scores[:, 0] - scores[:, 1], ddof=1))
    return Power(test_documents, float(high - low) / 2, DETECTABLE_ERRORS * error)

"""learning_curve: growing shares of the training documents, each within the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from stancebench.dataset.record import Dataset
from stancebench.protocol.balance import most_balanced
from stancebench.protocol.in_target import in_target_fold
from stancebench.types import Fold

if TYPE_CHECKING:
    from stancebench.config import ProtocolConfig


def draw_learning_curve(dataset: Dataset, config: ProtocolConfig) -> list[Fold]:
    """Train on shares of in_target's training documents: a fold, named by it, for every fraction.

    Each share is drawn from the next larger one, balanced as `draw_in_target` is. Validation and test
    are in_target's in every fold.

    Raises
    ------
    UserError
        Where a share would have no document.
    """
    base = in_target_fold(dataset, config)
    generator = np.random.default_rng(config.split_seed)
    folds = []
    ids, larger = base.train, 1.0
    for fraction in sorted(set(config.fractions or ()), reverse=True):
        if fraction < larger:
            ids = _balanced_share(dataset, ids, fraction / larger, generator)
        larger = fraction
        folds.append(Fold(str(fraction), ids, base.validation, base.test))
    return folds[::-1]


def _balanced_share(
    dataset: Dataset, ids: tuple[str, ...], share: float, generator: np.random.Generator
) -> tuple[str, ...]:
    examples = dataset.examples.select(ids)
    part_of = most_balanced(examples, [share, 1 - share], generator)
    return tuple(examples.where(lambda row: part_of[row["document_id"]] == 0)["example_id"])


def learning_curve_faults(folds: Sequence[Fold], dataset: Dataset, config: ProtocolConfig) -> Iterator[str]:
    """Yield folds whose training part is not within the next one's, or that test on something else."""
    base = in_target_fold(dataset, config)
    largest = Fold("all", base.train, (), ())
    for smaller, larger in pairwise([*folds, largest]):
        if not set(smaller.train) <= set(larger.train):
            yield f"{smaller.name}: its training part is not within that of {larger.name}"
        if (smaller.validation, smaller.test) != (base.validation, base.test):
            yield f"{smaller.name}: validation and test are not in_target's"

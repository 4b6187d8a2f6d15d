"""contrast: the originals that have contrast edits, beside the edits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stancebench.dataset.record import Dataset
from stancebench.errors import UserError
from stancebench.protocol.in_target import in_target_fold
from stancebench.types import Fold

if TYPE_CHECKING:
    from stancebench.config import ProtocolConfig


def draw_contrast(dataset: Dataset, config: ProtocolConfig) -> list[Fold]:
    """Train as in_target, test on those of its test examples that have a contrast edit.

    The edits themselves are the fold's contrast part, as in every protocol. So ``test`` and
    ``contrast`` are scored on pairs: the original side and the edited one.

    Raises
    ------
    UserError
        Where no test example has an edit.

    References
    ----------
    M. Gardner et al., "Evaluating Models' Local Decision Boundaries via Contrast Sets", Findings of
    EMNLP 2020.
    """
    base = in_target_fold(dataset, config)
    edited = set(dataset.contrast["original_id"])
    test = tuple(example_id for example_id in base.test if example_id in edited)
    if not test:
        raise UserError(f"protocol=contrast: no test example of {dataset.name} has a contrast edit")
    return [replace(base, test=test)]


def contrast_faults(folds: Sequence[Fold], dataset: Dataset, config: ProtocolConfig) -> Iterator[str]:
    """Yield a fault where the contrast set or in_target's split is not what the fold was made from."""
    if list(folds) != draw_contrast(dataset, config):
        yield "the test part is not what has contrast edits now"

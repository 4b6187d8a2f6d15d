"""cross_target: one target held out, documents apart as well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stancebench.dataset.record import Dataset
from stancebench.errors import UserError
from stancebench.protocol.folds import outside
from stancebench.protocol.in_target import in_target_fold
from stancebench.types import Fold

if TYPE_CHECKING:
    from stancebench.config import ProtocolConfig


def draw_cross_target(dataset: Dataset, config: ProtocolConfig) -> list[Fold]:
    """Hold out each target in turn: a fold, named by it, for every target.

    Train and validation are in_target's without the held-out target, its ``none`` included; test is
    in_target's, of that target alone. So a test sentence is never seen in training, with no target.

    Raises
    ------
    UserError
        Where there is one target only, or a held-out one leaves a part empty.
    """
    base = in_target_fold(dataset, config)
    target_of = _targets(dataset)
    targets = list(dict.fromkeys(dataset.examples["target"]))
    if len(targets) < 2:
        raise UserError(f"protocol=cross_target: {dataset.name} has one target only, {targets[0]}")
    folds = [_hold_out(target, base, target_of) for target in targets]
    empty = [fold.name for fold in folds if not fold.train or not fold.test]
    if empty:
        raise UserError(
            f"protocol=cross_target: holding out {', '.join(empty)} leaves train or test empty",
            hint="give another protocol.split_seed, or leave out the target",
        )
    return folds


def _hold_out(held_out: str, base: Fold, target_of: dict[str, str]) -> Fold:
    train, validation = (
        tuple(i for i in ids if target_of[i] != held_out) for ids in (base.train, base.validation)
    )
    return Fold(held_out, train, validation, tuple(i for i in base.test if target_of[i] == held_out))


def cross_target_faults(folds: Sequence[Fold], dataset: Dataset, config: ProtocolConfig) -> Iterator[str]:
    """Yield each fold with its target outside the test part, or another target in it."""
    base, target_of = in_target_fold(dataset, config), _targets(dataset)
    for fold in folds:
        yield from outside(fold, base)
        if fold.name in {target_of[i] for i in (*fold.train, *fold.validation)}:
            yield f"{fold.name}: the held-out target is in training"
        if {target_of[i] for i in fold.test} != {fold.name}:
            yield f"{fold.name}: the test part is not of the held-out target alone"


def _targets(dataset: Dataset) -> dict[str, str]:
    return dict(zip(dataset.examples["example_id"], dataset.examples["target"], strict=True))

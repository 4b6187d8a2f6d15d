"""in_target: every target in training and test, documents apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stancebench.dataset.record import Dataset
from stancebench.protocol.balance import most_balanced
from stancebench.protocol.folds import PARTS, fold_by, given_folds
from stancebench.protocol.kept import kept_folds
from stancebench.types import Fold

if TYPE_CHECKING:
    from stancebench.config import ProtocolConfig


def draw_in_target(dataset: Dataset, config: ProtocolConfig) -> list[Fold]:
    """Draw train, validation and test by document, balanced by target, stance and genre.

    Raises
    ------
    UserError
        Where there are too few documents for three parts.
    """
    generator = np.random.default_rng(config.split_seed)
    shares = [config.shares["train"], config.shares["validation"], config.shares["test"]]
    chosen = most_balanced(dataset.examples, shares, generator)
    return [fold_by(dataset.examples, lambda row: PARTS[chosen[row["document_id"]]], "all")]


def in_target_folds(dataset: Dataset, config: ProtocolConfig) -> list[Fold]:
    """Return the split that the data came with, else the kept one."""
    return given_folds(dataset) if dataset.split else kept_folds(dataset, config, draw_in_target)


def in_target_fold(dataset: Dataset, config: ProtocolConfig) -> Fold:
    """Return the in_target fold of the seed and shares of `config`, which other protocols build on."""
    own = type(config)(name="in_target", split_seed=config.split_seed, shares=config.shares)
    (fold,) = in_target_folds(dataset, own)
    return fold

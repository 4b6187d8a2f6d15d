"""cross_genre: whole genres held out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from stancebench.dataset.record import Dataset
from stancebench.errors import UserError
from stancebench.protocol.balance import most_balanced
from stancebench.protocol.folds import PARTS, fold_by
from stancebench.types import Examples, Fold

if TYPE_CHECKING:
    from stancebench.config import ProtocolConfig


def draw_cross_genre(dataset: Dataset, config: ProtocolConfig) -> list[Fold]:
    """Deal the genres into ``config.folds`` groups of like size; each group is the test part once.

    The other documents make train and validation, in the proportion of their shares, drawn as
    `draw_in_target` does. No document, and no genre of the test part, is in training.

    Raises
    ------
    UserError
        Where there are fewer genres than folds, or the data have a split of their own.
    """
    if dataset.split:
        raise UserError(f"protocol=cross_genre: {dataset.name} has a split of its own")
    examples = dataset.examples
    generator = np.random.default_rng(config.split_seed)
    folds = []
    for group in _deal(examples, config.folds or 0, generator):
        rest = examples.take(~np.isin(examples["genre"].astype(str), group))
        share = config.shares["train"] / (config.shares["train"] + config.shares["validation"])
        chosen = most_balanced(rest, [share, 1 - share], generator)
        part_of = {name: PARTS[part] for name, part in chosen.items()}
        folds.append(fold_by(examples, partial(_part_or_test, part_of), "+".join(group)))
    return folds


def _deal(examples: Examples, k: int, generator: np.random.Generator) -> list[list[str]]:
    """Deal the genres, largest first, each to the smallest of k groups."""
    genres = sorted(set(examples["genre"]))
    if len(genres) < k:
        raise UserError(f"{len(genres)} genres are too few for {k} folds", hint="lower protocol.folds")
    sizes = {genre: int((examples["genre"] == genre).sum()) for genre in genres}
    groups: list[list[str]] = [[] for _ in range(k)]
    for genre in sorted(generator.permutation(genres), key=lambda g: -sizes[g]):
        min(groups, key=lambda group: sum(sizes[g] for g in group)).append(str(genre))
    return groups


def _part_or_test(part_of: dict[str, str], row: dict[str, Any]) -> str:
    return part_of.get(row["document_id"], "test")


def cross_genre_faults(folds: Sequence[Fold], dataset: Dataset, config: ProtocolConfig) -> Iterator[str]:
    """Yield each fold that trains on, or chooses by, a genre that it tests on."""
    genre_of = dict(zip(dataset.examples["example_id"], dataset.examples["genre"], strict=True))
    for fold in folds:
        tested = {genre_of[i] for i in fold.test}
        shared = tested & {genre_of[i] for i in (*fold.train, *fold.validation)}
        if shared:
            yield f"{fold.name}: {', '.join(sorted(shared))} in training and in test"

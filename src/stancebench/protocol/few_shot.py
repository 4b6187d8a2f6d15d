"""few_shot: a handful of labelled examples for each target and stance, drawn several times."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from stancebench.dataset.record import Dataset
from stancebench.protocol.folds import outside
from stancebench.protocol.in_target import in_target_fold
from stancebench.types import LABELS, Examples, Fold

if TYPE_CHECKING:
    from stancebench.config import ProtocolConfig


def draw_few_shot(dataset: Dataset, config: ProtocolConfig) -> list[Fold]:
    """Draw `k` training examples of each target and stance from in_target's, ``config.draws`` times.

    There is no validation part: whoever has k examples has none to choose by. All draws are tested on
    in_target's test part. Draw i with a smaller `k` is a subset of draw i with a larger one. Of a
    stance with fewer than `k` examples all are taken, with a message.

    References
    ----------
    E. Perez, D. Kiela, K. Cho, "True Few-Shot Learning with Language Models", NeurIPS 2021.
    """
    base = in_target_fold(dataset, config)
    training = dataset.examples.select(base.train)
    for short in shortages(training, dataset.examples, config.k or 0):
        print(f"few_shot: {short}", file=sys.stderr)
    draws = [_draw(training, config.k or 0, (config.split_seed, i)) for i in range(config.draws or 0)]
    return [Fold(f"draw-{i}", ids, (), base.test) for i, ids in enumerate(draws)]


def _draw(training: Examples, k: int, seed: tuple[int, int]) -> tuple[str, ...]:
    """Return the first k of each target and label in a random order, as ids in the order of the table."""
    cells = np.array([f"{row['target']}\n{row['label']}" for row in training.rows()])
    order = np.random.default_rng(seed).permutation(len(training))
    chosen = [order[cells[order] == cell][:k] for cell in np.unique(cells)]
    return tuple(training["example_id"][np.sort(np.concatenate(chosen))])


def shortages(training: Examples, examples: Examples, k: int) -> Iterator[str]:
    """Yield each target and label of which there are fewer than k training examples."""
    counts = Counter(zip(training["target"], training["label"], strict=True))
    for target in dict.fromkeys(examples["target"]):
        for label in LABELS:
            if counts[target, label] < k:
                yield f"{target}: {counts[target, label]} training examples of {label}, not {k}"


def few_shot_faults(folds: Sequence[Fold], dataset: Dataset, config: ProtocolConfig) -> Iterator[str]:
    """Yield draws of another size than `k` by cell, with a validation part, or of another split."""
    base = in_target_fold(dataset, config)
    available = _cell_counts(base.train, dataset)
    for fold in folds:
        yield from outside(fold, base)
        if fold.validation:
            yield f"{fold.name}: has a validation part"
        if fold.test != base.test:
            yield f"{fold.name}: its test part is not in_target's"
        drawn = _cell_counts(fold.train, dataset)
        for cell, n in available.items():
            if drawn[cell] != min(n, config.k or 0):
                yield f"{fold.name}: {drawn[cell]} examples of {' '.join(cell)}, not {min(n, config.k or 0)}"


def _cell_counts(ids: Sequence[str], dataset: Dataset) -> Counter[tuple[str, str]]:
    inside = dataset.examples.select(ids)
    return Counter(zip(inside["target"], inside["label"], strict=True))

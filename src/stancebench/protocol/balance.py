"""The balanced draw: of many random splits of the documents, the one most like the whole in every part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stancebench.errors import UserError
from stancebench.types import Examples

#: Random splits of the documents that the most balanced one is chosen from.
CANDIDATES = 5_000


def most_balanced(
    examples: Examples, shares: Sequence[float], generator: np.random.Generator
) -> dict[str, int]:
    """Return which of the parts, one for each of `shares`, each document goes to.

    The parts differ least from the whole in the shares of each (target, label) and each genre.

    Raises
    ------
    UserError
        Where a part would be left without a document.
    """
    documents, counts = _cells_by_document(examples)
    d = len(documents)
    sizes = [round(d * share) for share in shares[:-1]]
    sizes.append(d - sum(sizes))
    if min(sizes) < 1:
        raise UserError(
            f"{d} documents are too few for parts of {list(shares)}",
            hint="give a split column, or other protocol.shares",
        )
    part_of = np.repeat(np.arange(len(shares)), sizes)
    best, best_distance = part_of, np.inf
    expected = counts.sum(axis=0) / counts.sum()
    for _ in range(CANDIDATES):
        candidate = generator.permutation(part_of)
        inside = np.eye(len(shares))[candidate].T @ counts
        shares_inside = inside / inside.sum(axis=1, keepdims=True)
        size = inside.sum(axis=1) / counts.sum() - np.array(shares)
        distance = np.abs(shares_inside - expected).sum() + np.abs(size).sum()
        if distance < best_distance:
            best, best_distance = candidate, distance
    return dict(zip(documents, best, strict=True))


def _cells_by_document(examples: Examples) -> tuple[list[str], np.ndarray]:
    """Return the documents, and counts of each (target, label) and genre in them, shape (d, cells)."""
    documents = sorted(set(examples["document_id"]))
    cells: dict[Any, int] = {}
    keys = []
    for row in examples.rows():
        pair = [(row["target"], row["label"]), row["genre"]]
        keys.append((row["document_id"], [cells.setdefault(key, len(cells)) for key in pair]))
    counts = np.zeros((len(documents), len(cells)))
    position = {name: i for i, name in enumerate(documents)}
    for document, found in keys:
        counts[position[document], found] += 1
    return documents, counts

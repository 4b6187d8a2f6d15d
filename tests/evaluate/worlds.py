"""Worlds whose true figures are known: predictions that are alike within a document."""

from __future__ import annotations

from typing import Any

import numpy as np

from stancebench.types import LABELS

#: Share of each gold label (rows) and prediction (columns) in the world; about what MiniLM does on Backstop.
CELLS = np.array([[0.10, 0.045, 0.015], [0.06, 0.54, 0.06], [0.02, 0.04, 0.12]])
#: The world's confusion, with a column for unscored predictions: its figures are the true ones.
WORLD = np.hstack([CELLS, np.zeros((3, 1))])
#: Correlation of two predictions of one document.
ALIKE = 0.03


def confusions(rng: np.random.Generator, d: int, alike: float = ALIKE) -> np.ndarray:
    """Confusion counts of d documents drawn from the world, shape (d, k, k + 1)."""
    own = rng.dirichlet(CELLS.ravel() / CELLS.sum() * (1 / alike - 1), size=d)
    counts = rng.multinomial(rng.integers(45, 55, size=d), own).reshape(d, 3, 3)
    return np.concatenate([counts, np.zeros((d, 3, 1))], axis=2)


def twins(rng: np.random.Generator, d: int, alike: float = ALIKE) -> tuple[np.ndarray, np.ndarray]:
    """Confusions of two systems that are exchangeable on every document, and share its gold labels."""
    sizes = rng.integers(45, 55, size=d)
    gold = rng.multinomial(sizes, CELLS.sum(axis=1) / CELLS.sum())
    systems = []
    for _ in range(2):
        counts = np.zeros((d, 3, 4))
        for label, row in enumerate(CELLS / CELLS.sum(axis=1, keepdims=True)):
            counts[:, label, :3] = rng.multinomial(
                gold[:, label], rng.dirichlet(row * (1 / alike - 1), size=d)
            )
        systems.append(counts)
    return systems[0], systems[1]


def columns(n: int = 120, documents: int = 20, seed: int = 1, right: float = 0.6) -> dict[str, Any]:
    """A predictions file of n examples of two targets, of which a share is right by design."""
    rng = np.random.default_rng(seed)
    gold = np.random.default_rng(0).choice(LABELS, n)
    probabilities = rng.dirichlet(np.ones(3), n)
    predicted = np.where(rng.random(n) < right, gold, rng.choice(LABELS, n))
    for row, label in zip(probabilities, predicted, strict=True):
        top, place = row.argmax(), LABELS.index(label)
        row[[top, place]] = row[[place, top]]
    return {
        "fold": ["in_target"] * n,
        "part": ["test"] * n,
        "example_id": [f"e{i}" for i in range(n)],
        "document_id": [f"d{i * documents // n:02d}" for i in range(n)],
        "target": [f"t{i % 2}" for i in range(n)],
        "gold": list(gold),
        "predicted": list(predicted),
        **{f"p_{label}": probabilities[:, i] for i, label in enumerate(LABELS)},
    }

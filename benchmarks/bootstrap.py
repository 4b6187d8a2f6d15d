"""How much faster resampled macro-F1 is over confusion counts than as a loop over `f1_score`.

Both are run in turn in one process; the ratio is what counts: ``python benchmarks/bootstrap.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
from sklearn.metrics import f1_score

from stancebench.evaluate.scores import score_part
from stancebench.types import LABELS

EXAMPLES, DOCUMENTS, RESAMPLES, ROUNDS = 1_800, 40, 50, 5


def main() -> None:
    """Print the median ratio of loop to ours, for the same number of resamples."""
    rng = np.random.default_rng(0)
    columns = {
        "document_id": [f"d{i * DOCUMENTS // EXAMPLES:03d}" for i in range(EXAMPLES)],
        "target": ["t"] * EXAMPLES,
        "gold": list(rng.choice(LABELS, EXAMPLES)),
        "predicted": list(rng.choice(LABELS, EXAMPLES)),
    }
    ratios = []
    for _ in range(ROUNDS):
        slow = _seconds(lambda: _loop(columns, RESAMPLES))
        fast = _seconds(lambda: score_part(columns, "test", resamples=RESAMPLES))
        ratios.append(slow / fast)
    print(f"loop over f1_score / all {len(LABELS)}-label metrics at once, {RESAMPLES} resamples:")
    print(f"  median {median(ratios):.1f} (min {min(ratios):.1f}, max {max(ratios):.1f})")
    full = _seconds(lambda: score_part(columns, "test"))
    print(f"  all metrics, 10,000 resamples: {full:.2f} s")


def _loop(columns: dict[str, list[str]], resamples: int) -> None:
    rng = np.random.default_rng(0)
    names, gold = np.array(columns["document_id"]), np.array(columns["gold"])
    predicted = np.array(columns["predicted"])
    rows_of = {name: np.flatnonzero(names == name) for name in np.unique(names)}
    for _ in range(resamples):
        drawn = rng.choice(list(rows_of), len(rows_of))
        rows = np.concatenate([rows_of[name] for name in drawn])
        f1_score(gold[rows], predicted[rows], labels=list(LABELS), average="macro", zero_division=0)


def _seconds(function: Callable[[], object]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()

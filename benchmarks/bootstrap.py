"""How much faster resampled figures are over confusion counts than as a loop over `f1_score`.

Both are run in turn in one process, in seconds of CPU; the ratio is what counts:
``python benchmarks/bootstrap.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
from sklearn.metrics import f1_score

from stancebench.evaluate.comparison import compare
from stancebench.evaluate.intervals import RESAMPLES, draw, estimate, interval
from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.sample import Sample
from stancebench.evaluate.scores import score_part
from stancebench.types import LABELS

EXAMPLES, DOCUMENTS, LOOPED, ROUNDS = 1_800, 40, 50, 5
Columns = dict[str, list[str] | np.ndarray]


def main() -> None:
    """Print the median ratio of loop to ours for macro-F1, a resample each, and what all figures take."""
    columns, other = _predictions(seed=0), _predictions(seed=1)
    ratios, ours = [], []
    for _ in range(ROUNDS):
        slow = _seconds(lambda: _loop(columns, LOOPED)) / LOOPED
        ours.append(_seconds(lambda: _macro_f1(columns)))
        ratios.append(slow / (ours[-1] / RESAMPLES))
    print(f"macro-F1 over {EXAMPLES:,} predictions, {RESAMPLES:,} resamples: {median(ours):.3f} s")
    print(
        f"  a loop over f1_score takes {median(ratios):,.0f} times as long a resample"
        f" (min {min(ratios):,.0f}, max {max(ratios):,.0f})"
    )
    labels = {name: values for name, values in columns.items() if not name.startswith("p_")}
    print(f"all figures of labels: {_seconds(lambda: score_part(labels, 'test')):.2f} s")
    print(f"all figures, of probabilities too: {_seconds(lambda: score_part(columns, 'test')):.2f} s")
    print(f"a comparison of two models: {_seconds(lambda: compare([columns], [other])):.2f} s")


def _predictions(seed: int) -> Columns:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(len(LABELS)), EXAMPLES)
    return {
        "fold": ["f"] * EXAMPLES,
        "example_id": [f"e{i}" for i in range(EXAMPLES)],
        "document_id": [f"d{i * DOCUMENTS // EXAMPLES:03d}" for i in range(EXAMPLES)],
        "target": ["t"] * EXAMPLES,
        "gold": [LABELS[i * 7 % len(LABELS)] for i in range(EXAMPLES)],
        "predicted": [LABELS[i] for i in probabilities.argmax(axis=1)],
        **{f"p_{label}": probabilities[:, i] for i, label in enumerate(LABELS)},
    }


def _macro_f1(columns: Columns) -> None:
    sample = Sample.of(columns, sorted(set(columns["document_id"])))
    interval(estimate(METRICS["macro_f1"].statistic(sample), draw(sample.documents)))


def _loop(columns: Columns, resamples: int) -> None:
    rng = np.random.default_rng(0)
    names, gold = np.array(columns["document_id"]), np.array(columns["gold"])
    predicted = np.array(columns["predicted"])
    rows_of = {name: np.flatnonzero(names == name) for name in np.unique(names)}
    for _ in range(resamples):
        drawn = rng.choice(list(rows_of), len(rows_of))
        rows = np.concatenate([rows_of[name] for name in drawn])
        f1_score(gold[rows], predicted[rows], labels=list(LABELS), average="macro", zero_division=0)


def _seconds(function: Callable[[], object]) -> float:
    began = time.process_time()
    function()
    return time.process_time() - began


if __name__ == "__main__":
    main()

"""How much faster a grid over shared n-grams is than scikit-learn's `GridSearchCV` over the whole model.

`GridSearchCV` counts the n-grams of each fold again for every value, training and held-out texts. Both
are run in turn in one process; the ratio is what counts: ``python benchmarks/linear_grid.py``, after
``stancebench data build``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold

from stancebench import dataset
from stancebench.config import DatasetConfig, default_protocol
from stancebench.model.linear import LinearStance
from stancebench.protocol import load_folds
from stancebench.types import LABELS

DOCUMENTS, FOLDS, ROUNDS = 36, 3, 5
GRIDS: dict[str, tuple[float, ...]] = {
    "nb": (0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    "svm": (0.1, 0.3, 1.0, 3.0),
    "ridge": (0.3, 1.0, 3.0, 10.0, 30.0),
}


def main() -> None:
    """Print the median ratio for each kind of classifier, on a third of Backstop's training part."""
    backstop = dataset.load(DatasetConfig(name="backstop"))
    train = backstop.part(load_folds(backstop, default_protocol("in_target"))[0], "train")
    some = sorted(set(train["document_id"]))[:DOCUMENTS]
    examples = train.where(lambda row: row["document_id"] in some)
    table, labels = examples.to_pandas(), list(examples["label"])
    print(f"GridSearchCV / shared n-grams, {len(labels)} examples, {FOLDS} folds:")
    for kind, grid in GRIDS.items():
        ratios = [_ratio(kind, grid, table, labels) for _ in range(ROUNDS)]
        spread = f"(min {min(ratios):.1f}, max {max(ratios):.1f})"
        print(f"  {kind:6} {len(grid)} values: median {median(ratios):.1f} {spread}")


def _ratio(kind: Any, grid: tuple[float, ...], table: Any, labels: list[str]) -> float:
    parameter = "C" if kind == "svm" else "alpha"
    whole = GridSearchCV(
        LinearStance(kind=kind),
        {parameter: grid},
        cv=GroupKFold(FOLDS),
        scoring=make_scorer(f1_score, labels=LABELS, average="macro", zero_division=0),
    )
    shared = LinearStance(kind=kind, grid=grid, cv_folds=FOLDS)
    slow = _cpu_seconds(lambda: whole.fit(table, labels, groups=table["document_id"]))
    return slow / _cpu_seconds(lambda: shared.fit(table, labels))


def _cpu_seconds(function: Callable[[], object]) -> float:
    began = time.process_time()
    function()
    return time.process_time() - began


if __name__ == "__main__":
    main()

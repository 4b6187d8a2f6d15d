"""Every pair of models compared on the same test examples, as a frame of text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from stancebench.evaluate.comparison import Comparison, compare_all
from stancebench.predictions import Predictions, read_predictions
from stancebench.report.collect import Run, by_model, require_comparable

#: What stands under the table of pairs.
PAIRED_LEGEND = (
    "difference: first minus second in test macro-F1, all targets pooled, with the 95 % interval over"
    " documents and seeds. p (documents): of these fitted models, by swapping whole documents; p (seeds): of"
    " the training too, other seeds included, which one seed cannot tell. Both are corrected for all pairs"
    " (Holm). detectable: the least difference that such documents and seeds show in 80 of 100 cases."
)


def paired_table(runs: Sequence[Run]) -> pd.DataFrame:
    """Return a frame with a row for each pair of models.

    Where two models have different numbers of seeds, the seeds that both have are compared.

    Raises
    ------
    UserError
        Where the runs are of different data or protocols.
    """
    require_comparable(runs)
    models = by_model(runs)
    seeds = [{run.record["seed"] for run in members} for members in models.values()]
    shared = sorted(set.intersection(*seeds))
    columns = {
        label: [_test(run) for seed in shared for run in members if run.record["seed"] == seed]
        for label, members in models.items()
    }
    found = compare_all(columns) if shared else {}
    return pd.DataFrame([_row(names, comparison, len(shared)) for names, comparison in found.items()])


def _test(run: Run) -> dict[str, Any]:
    predictions: Predictions = read_predictions(Path(run.folder) / "predictions.parquet")
    return predictions.part("test").columns


def _row(names: tuple[str, str], found: Comparison, seeds: int) -> dict[str, str]:
    return {
        "first": names[0],
        "second": names[1],
        "seeds": str(seeds),
        "difference": f"{found.difference:+.3f} [{found.low:+.3f}, {found.high:+.3f}]",
        "p (documents)": _p(found.p_documents_holm),
        "p (seeds)": _p(found.p_seeds_holm) if seeds > 1 else "",
        "detectable": f"{found.detectable:.3f}",
    }


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"

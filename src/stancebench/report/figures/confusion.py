"""confusion: gold labels against predictions for each target, of the best models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from stancebench.evaluate.scores import POOLED, confusions_by_target
from stancebench.report.figures.canvas import PAGE, Figure, draw, shade_cells, short, wrapped
from stancebench.report.figures.models import DrawnModel, best_of, how_many
from stancebench.types import LABELS

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

MOST_MODELS = 3
#: More targets than this are shown pooled.
MOST_TARGETS = 4
_UNSCORED = "unscored"


def draw_confusions(models: Sequence[DrawnModel]) -> list[Figure]:
    """Return the confusion tables of the best models, a row of small multiples for each."""
    shown = best_of(models, MOST_MODELS)
    tables = {model.label: mean_confusions(model) for model in shown}
    columns = _columns(tables.values())

    def paint(drawing: Drawing) -> None:
        first = next(iter(tables.values()))
        panels = drawing.subplots(len(tables), len(first), squeeze=False, sharex=True, sharey=True)
        for row, (label, found) in zip(panels, tables.items(), strict=True):
            for panel, (target, counts) in zip(row, found.items(), strict=True):
                _paint_table(panel, counts[:, : len(columns)], columns)
                panel.set_title(wrapped(f"{short(label)}: {target}", 26))
            row[0].set_ylabel("gold")
        for panel in panels[-1]:
            panel.set_xlabel("predicted")

    caption = (
        "Gold labels (rows) against predictions on the test part: the share of the gold label, which is"
        " the recall on the diagonal, and in brackets the number of examples, the mean over seeds or"
        f" draws where there are several. {how_many(shown, models)}"
    )
    size = (PAGE, 0.4 + 1.6 * len(tables))
    return [draw("confusion", caption, _description(tables, columns), size, paint)]


def mean_confusions(model: DrawnModel) -> dict[str, np.ndarray]:
    """Return confusion counts, shape (k, k + 1), of each target, or of all, as means over repeats."""
    found = [confusions_by_target(test) for test in model.tests]
    targets = [group for group in found[0] if group != POOLED]
    groups = targets if len(targets) <= MOST_TARGETS else [POOLED]
    return {group: np.mean([counts[group] for counts in found], axis=0) for group in groups}


def shares_of_gold(counts: np.ndarray) -> np.ndarray:
    """Return counts by their row's sum, NaN in a row without examples.

    Examples
    --------
    >>> shares_of_gold(np.array([[3.0, 1.0], [0.0, 0.0]])).tolist()
    [[0.75, 0.25], [nan, nan]]
    """
    totals = counts.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0))


def _columns(tables: Any) -> list[str]:
    unscored = any(counts[:, -1].any() for found in tables for counts in found.values())
    return [*LABELS, _UNSCORED] if unscored else list(LABELS)


def _paint_table(panel: Any, counts: np.ndarray, columns: Sequence[str]) -> None:
    shares = shares_of_gold(counts)
    texts = [
        ["" if np.isnan(share) else f"{share:.2f}\n({n:.0f})" for share, n in zip(*row, strict=True)]
        for row in zip(shares, counts, strict=True)
    ]
    shade_cells(panel, shares, texts, limits=(0, 1))
    panel.set_xticks(np.arange(len(columns)) + 0.5, columns)
    panel.set_yticks(np.arange(len(LABELS)) + 0.5, LABELS)


def _description(tables: dict[str, dict[str, np.ndarray]], columns: Sequence[str]) -> str:
    parts = []
    for label, found in tables.items():
        for target, counts in found.items():
            rows = [
                f"gold {gold}: " + ", ".join(f"{n:.0f} {c}" for n, c in zip(row, columns, strict=False))
                for gold, row in zip(LABELS, counts, strict=True)
            ]
            parts.append(f"{label} on {target}, predictions of {'; '.join(rows)}.")
    return "Confusion counts on the test part. " + " ".join(parts)

"""protocols: the macro-F1 of every model under every protocol, as a table shaded by its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from stancebench.evaluate.scores import POOLED
from stancebench.protocol import PROTOCOLS
from stancebench.report.collect import Run, by_model
from stancebench.report.figures.canvas import COLUMN, PAGE, Figure, draw, shade_cells, short
from stancebench.report.figures.models import METRIC
from stancebench.report.models import Model

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def draw_protocols(groups: Mapping[str, Sequence[Run]]) -> list[Figure]:
    """Return the table of models and protocols; nothing with fewer than two protocols that are scored."""
    scored = [name for name, runs in groups.items() if runs[0].score(METRIC, POOLED)]
    columns = sorted(scored, key=lambda name: _place(groups[name][0]))
    if len(columns) < 2:
        return []
    scores = protocol_scores({name: groups[name] for name in columns})
    values = np.array(list(scores.values()))

    def paint(drawing: Drawing) -> None:
        panel = drawing.subplots()
        texts = [["–" if np.isnan(v) else f"{v:.3f}" for v in row] for row in values]
        shade_cells(panel, values, texts, limits=(float(np.nanmin(values)), float(np.nanmax(values))))
        panel.set_yticks(np.arange(len(scores)) + 0.5, [short(label) for label in scores])
        panel.set_xticks(
            np.arange(len(columns)) + 0.5, columns, rotation=30, ha="left", rotation_mode="anchor"
        )
        panel.xaxis.tick_top()

    caption = (
        "Test macro-F1, all targets pooled, of each model under each protocol, the mean over seeds where"
        " there are several; darker is higher, –: not run. Compare within a column: protocols test on"
        " different examples."
    )
    size = (PAGE if len(columns) > 3 else COLUMN, 0.8 + 0.2 * len(scores))
    return [draw("protocols", caption, _description(scores, columns), size, paint)]


def protocol_scores(groups: Mapping[str, Sequence[Run]]) -> dict[str, list[float]]:
    """Return the macro-F1 of each model, a value for each protocol (NaN: not run).

    Models are ordered by the protocol that most of them ran under, then by the next one.
    """
    rows = {}
    for label, members in by_model([run for runs in groups.values() for run in runs]).items():
        folders = {run.folder for run in members}
        rows[label] = [_mean([run for run in runs if run.folder in folders]) for runs in groups.values()]
    values = np.array(list(rows.values()))
    commonest_first = np.argsort(np.isnan(values).sum(axis=0), kind="stable")
    keys = np.nan_to_num(values[:, commonest_first]).tolist()
    best_first = sorted(zip(keys, rows, strict=True), reverse=True)
    return {label: rows[label] for _, label in best_first}


def _place(run: Run) -> tuple[int, int]:
    """Return the place of a run's protocol among all, and its number of examples where it has one."""
    protocol = run.record["config"]["protocol"]
    return list(PROTOCOLS).index(protocol["name"]), protocol["k"] or 0


def _mean(runs: Sequence[Run]) -> float:
    found = Model("", runs).of_each_run(METRIC)
    return float(np.mean([score.value for score in found if score])) if found else np.nan


def _description(scores: Mapping[str, Sequence[float]], columns: Sequence[str]) -> str:
    rows = []
    for label, values in scores.items():
        cells = [f"{v:.3f} {name}" for name, v in zip(columns, values, strict=True) if not np.isnan(v)]
        rows.append(f"{label}: {', '.join(cells)}.")
    return "Test macro-F1 by protocol. " + " ".join(rows)

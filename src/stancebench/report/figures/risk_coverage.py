"""risk_coverage: the error rate among the predictions that a model is surest of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from stancebench.evaluate.calibration import risk_coverage
from stancebench.evaluate.sample import Columns
from stancebench.report.figures.canvas import COLUMN, Figure, draw, short
from stancebench.report.figures.lines import MOST_LINES, legend_below, line_style
from stancebench.report.figures.models import DrawnModel, best_of, how_many

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

#: Shares of the predictions at which the error rate is drawn; among fewer, each single one moves it.
COVERAGES = np.linspace(0.05, 1, 96)
_TOLD = (0.25, 0.5, 0.75, 1.0)


def draw_risk_coverage(models: Sequence[DrawnModel]) -> list[Figure]:
    """Return the risk–coverage curves of the best models; nothing where none gives probabilities."""
    giving = [model for model in models if model.has_probabilities]
    if not giving:
        return []
    shown = best_of(giving, MOST_LINES)
    risks = {model.label: mean_risks(model.tests) for model in shown}
    areas = {model.label: mean_area(model) for model in shown}

    def paint(drawing: Drawing) -> None:
        panel = drawing.subplots()
        for i, (label, risk) in enumerate(risks.items()):
            panel.plot(
                COVERAGES,
                risk,
                label=f"{short(label)} ({areas[label]:.3f})",
                markevery=(3 * i, 24),
                **line_style(i),
            )
        panel.set(xlim=(0, 1), ylim=(0, None), xlabel="coverage", ylabel="error rate")
        panel.grid()
        legend_below(drawing, panel)

    caption = (
        "Error rate on the test part among the predictions with the highest confidence, by their share"
        " (coverage), the mean over seeds or draws where there are several. In brackets: the area under"
        f" the curve (AURC), lower is better. {how_many(shown, models)}"
    )
    size = (COLUMN, 2.4 + 0.13 * len(shown))
    return [draw("risk_coverage", caption, _description(risks, areas), size, paint)]


def mean_risks(tests: Sequence[Columns]) -> np.ndarray:
    """Return the error rate at each of `COVERAGES`, the mean over repeats."""
    curves = [risk_coverage(test) for test in tests]
    risks = [np.interp(COVERAGES, curve.coverage, curve.risk) for curve in curves]
    return np.asarray(np.mean(risks, axis=0))


def mean_area(model: DrawnModel) -> float:
    """Return the area under the curve, the mean over the model's runs, as their metrics have it."""
    return float(np.mean([score.value for score in model.of_each_run("aurc") if score]))


def _description(risks: dict[str, np.ndarray], areas: dict[str, float]) -> str:
    parts = []
    for label, risk in risks.items():
        told = ", ".join(f"{np.interp(share, COVERAGES, risk):.3f} at {share:.0%}" for share in _TOLD)
        parts.append(f"{label}: {told}; area {areas[label]:.3f}.")
    return "Error rate by coverage on the test part. " + " ".join(parts)

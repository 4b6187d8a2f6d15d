"""learning_curve, few_shot_curve: scores against how much a model was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from stancebench.evaluate.scores import POOLED
from stancebench.report.collect import Run
from stancebench.report.figures.canvas import COLUMN, Figure, draw
from stancebench.report.figures.lines import MOST_LINES, Point, legend_below, plot_curves
from stancebench.report.figures.models import drawn_models
from stancebench.report.models import folds_apart

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

Curves = dict[str, list[Point]]
_FEW_SHOT = "few_shot-"
_INTERVALS = (
    "with 95 % intervals, by bootstrap over documents, and over seeds and draws where there are several"
)


def draw_learning_curve(runs: Sequence[Run]) -> list[Figure]:
    """Return macro-F1 against the share of the training documents; a fold is a share."""
    curves = curves_of({float(fold): (runs, fold) for fold in folds_apart(runs)})
    caption = f"Test macro-F1 of models trained on a share of the training documents, {_INTERVALS}."
    return [_draw("learning_curve", curves, caption, "share of the training documents", "{:.0%}")]


def draw_few_shot_curve(groups: Mapping[str, Sequence[Run]]) -> list[Figure]:
    """Return macro-F1 against the examples per target and stance; nothing with fewer than two numbers."""
    by_k = {
        float(name.removeprefix(_FEW_SHOT)): (runs, "")
        for name, runs in groups.items()
        if name.startswith(_FEW_SHOT)
    }
    if len(by_k) < 2:
        return []
    caption = f"Test macro-F1 of models trained on k examples of each target and stance, {_INTERVALS}."
    return [_draw("few_shot_curve", curves_of(by_k), caption, "k", "{:.0f}")]


def curves_of(runs_by_x: Mapping[float, tuple[Sequence[Run], str]]) -> Curves:
    """Return each model's points, of rising x; the models that are best at their last point first.

    Parameters
    ----------
    runs_by_x : mapping of float to runs and fold
        Where a point lies, and what is scored there.
    """
    curves: Curves = {}
    for x in sorted(runs_by_x):
        for model in drawn_models(*runs_by_x[x]):
            score = model.macro_f1[POOLED]
            curves.setdefault(model.label, []).append(Point(x, score.value, score.low, score.high))
    best_first = sorted(curves, key=lambda label: -curves[label][-1].value)
    return {label: curves[label] for label in best_first}


def _draw(name: str, curves: Curves, caption: str, x_label: str, x_format: str) -> Figure:
    shown = dict(list(curves.items())[:MOST_LINES])
    if len(shown) < len(curves):
        caption += f" The best {len(shown)} of {len(curves)} models."

    def paint(drawing: Drawing) -> None:
        panel = drawing.subplots()
        plot_curves(panel, shown)
        ticks = sorted({point.x for points in shown.values() for point in points})
        panel.set_xticks(ticks, [x_format.format(x) for x in ticks])
        panel.minorticks_off()
        panel.set(xlabel=x_label, ylabel="test macro-F1")
        legend_below(drawing, panel)

    description = _description(shown, x_label, x_format)
    return draw(name, caption, description, (COLUMN, 2.4 + 0.13 * len(shown)), paint)


def _description(curves: Curves, x_label: str, x_format: str) -> str:
    parts = []
    for label, points in curves.items():
        cells = [f"{p.value:.3f} ({p.low:.3f} to {p.high:.3f}) at {x_format.format(p.x)}" for p in points]
        parts.append(f"{label}: {', '.join(cells)}.")
    return f"Test macro-F1 with 95 % intervals by {x_label}. " + " ".join(parts)

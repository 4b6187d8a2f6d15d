"""scores: the macro-F1 of every model with its interval, pooled and per target, as a forest plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stancebench.evaluate.scores import MEAN, POOLED, Score
from stancebench.report.figures.canvas import COLOURS, MUTED, PAGE, Figure, draw, short, wrapped
from stancebench.report.figures.models import METRIC, DrawnModel

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

#: More targets than this are summed up by their mean.
MOST_TARGETS = 4
_TITLES = {POOLED: "all targets pooled", MEAN: "mean over targets"}


def draw_scores(models: Sequence[DrawnModel]) -> list[Figure]:
    """Return the forest plot of models that are ordered best first."""
    groups = shown_groups(models[0].macro_f1)

    def paint(drawing: Drawing) -> None:
        panels = drawing.subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
        for panel, group in zip(panels, groups, strict=True):
            _paint_group(panel, models, group)
        panels[0].set_yticks(range(len(models)), [short(model.label) for model in models])
        panels[0].set_ylim(len(models) - 0.4, -0.6)
        drawing.supxlabel("test macro-F1")

    title_lines = max(_title(group).count("\n") for group in groups)
    size = (PAGE, 0.9 + 0.13 * title_lines + 0.18 * len(models))
    return [draw("scores", _caption(models), _description(models, groups), size, paint)]


def shown_groups(scores: dict[str, Score]) -> list[str]:
    """Return the groups that have a panel: pooled, and each target, or their mean where there are many."""
    targets = [group for group in scores if group not in _TITLES]
    return [POOLED, *targets] if len(targets) <= MOST_TARGETS else [POOLED, MEAN]


def single_values(model: DrawnModel, group: str) -> list[float]:
    """Return the macro-F1 of each run; nothing where there is but one."""
    found = model.of_each_run(METRIC, group)
    return [score.value for score in found if score] if len(found) > 1 else []


def best_floor(models: Sequence[DrawnModel], group: str) -> float | None:
    """Return the best macro-F1 of a floor, or ``None`` where no model is one."""
    return max((model.macro_f1[group].value for model in models if model.is_floor), default=None)


def _paint_group(panel: Any, models: Sequence[DrawnModel], group: str) -> None:
    panel.set_title(_title(group))
    panel.grid(axis="x")
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)
    floor = best_floor(models, group)
    if floor is not None:
        panel.axvline(floor, color=MUTED, linestyle="--", linewidth=0.8)
    for row, model in enumerate(models):
        score, singles = model.macro_f1[group], single_values(model, group)
        colour, filling = (MUTED, "white") if model.is_floor else (COLOURS[0], COLOURS[0])
        panel.plot([score.low, score.high], [row, row], color=colour, solid_capstyle="butt")
        panel.plot(singles, [row + 0.3] * len(singles), ".", color=colour, markersize=2.2)
        panel.plot([score.value], [row], "o", color=colour, markerfacecolor=filling)


def _title(group: str) -> str:
    return wrapped(_TITLES.get(group, group))


def _caption(models: Sequence[DrawnModel]) -> str:
    caption = (
        f"Test macro-F1 of each model ({models[0].macro_f1[POOLED].n} examples) with its 95 % interval, by"
        " bootstrap over documents."
    )
    if any(len(model.repeats) > 1 for model in models):
        caption += " Of several seeds or draws: their mean, and an interval over them too."
    if any(len(model.runs) > 1 for model in models):
        caption += " Small dots: single seeds."
    if any(model.is_floor for model in models):
        caption += " Open grey marks: floors, which are not shown all of an example; dashed: the best floor."
    return caption


def _description(models: Sequence[DrawnModel], groups: Sequence[str]) -> str:
    parts = []
    for group in groups:
        cells = [f"{_named(model)} {with_interval(model.macro_f1[group])}" for model in models]
        parts.append(f"{_TITLES.get(group, group)}: {', '.join(cells)}.")
    return "Test macro-F1 with 95 % intervals, best model first. " + " ".join(parts)


def _named(model: DrawnModel) -> str:
    return f"{model.label} (floor)" if model.is_floor else model.label


def with_interval(score: Score) -> str:
    """Return a value with its interval in words; the value alone where there is no interval.

    Examples
    --------
    >>> with_interval(Score("macro_f1", "test", "pooled", 0.5, 0.4, 0.6, 90))
    '0.500 (0.400 to 0.600)'
    """
    if score.low != score.low:
        return f"{score.value:.3f}"
    return f"{score.value:.3f} ({score.low:.3f} to {score.high:.3f})"

"""Figures over runs, as SVG and PNG, with their captions and their content in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stancebench.report.collect import Run, require_comparable
from stancebench.report.figures.canvas import Figure
from stancebench.report.figures.confusion import draw_confusions
from stancebench.report.figures.curves import draw_few_shot_curve, draw_learning_curve
from stancebench.report.figures.files import write_figures
from stancebench.report.figures.forest import draw_scores
from stancebench.report.figures.models import drawn_models
from stancebench.report.figures.protocols import draw_protocols
from stancebench.report.figures.ranks import draw_ranks
from stancebench.report.figures.reliability import draw_reliability
from stancebench.report.figures.risk_coverage import draw_risk_coverage
from stancebench.report.models import scored_as

__all__ = ["Figure", "draw_across", "draw_figures", "write_figures"]

_OF_MODELS = (draw_scores, draw_confusions, draw_ranks, draw_reliability, draw_risk_coverage)


def draw_figures(runs: Sequence[Run]) -> list[Figure]:
    """Return the figures over runs of one dataset and protocol, those that apply.

    Raises
    ------
    UserError
        Where the runs are of different data or protocols.
    """
    require_comparable(runs)
    if scored_as(runs[0]) == "apart":
        return draw_learning_curve(runs)
    models = drawn_models(runs)
    return [figure for draw in _OF_MODELS for figure in draw(models)]


def draw_across(groups: Mapping[str, Sequence[Run]]) -> list[Figure]:
    """Return the figures over several protocols, from the runs of each (`report.collect.by_protocol`)."""
    return [*draw_protocols(groups), *draw_few_shot_curve(groups)]

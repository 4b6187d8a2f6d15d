"""Several models as lines in one panel, told apart by colour, dash and marker, with a legend below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stancebench.report.figures.canvas import COLOURS, DASHES, MARKERS, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

#: As many lines as can be told apart.
MOST_LINES = len(COLOURS)


class Point(NamedTuple):
    """A point of a curve with the interval of its value; NaN where there is none."""

    x: float
    value: float
    low: float
    high: float


def plot_curves(panel: Any, curves: Mapping[str, list[Point]]) -> None:
    """Draw a line with error bars for each curve, moved a little aside where bars would overlap."""
    for i, (label, points) in enumerate(curves.items()):
        x, value, low, high = np.array(points).T
        aside = 1.03 ** (i - (len(curves) - 1) / 2)  # the same distance everywhere on a logarithmic axis
        panel.errorbar(
            x * aside,
            value,
            yerr=np.nan_to_num([value - low, high - value]),
            label=short(label),
            elinewidth=0.7,
            **line_style(i),
        )
    panel.set_xscale("log")
    panel.grid(axis="y")


def line_style(i: int) -> dict[str, Any]:
    """Return how the i-th line looks."""
    return {"color": COLOURS[i], "linestyle": DASHES[i], "marker": MARKERS[i]}


def legend_below(drawing: Drawing, panel: Any) -> None:
    """Put the legend of a panel under the drawing."""
    handles, labels = panel.get_legend_handles_labels()
    columns = 2 if max(map(len, labels)) < 24 else 1
    drawing.legend(handles, labels, loc="outside lower center", ncols=columns, handlelength=2.8)

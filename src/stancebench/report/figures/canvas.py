"""A drawing in the one style of all figures, as SVG and PNG that depend on the figures alone."""

from __future__ import annotations

import hashlib
import io
import re
import textwrap
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

#: Widths of a paper's column and of its page, in inches.
COLUMN, PAGE = 3.3, 6.9
INK, MUTED, FAINT = "#1a1a1a", "#666666", "#d9d9d9"
#: Okabe and Ito's colours, which the colour-blind tell apart, without the yellow that white swallows;
#: lines and markers differ too, so that a grey print can be read.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#7F7F7F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (6, 2, 1, 2)))
_DOTS_PER_INCH = 200
_STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": 7.5,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 8,
    "figure.labelsize": 7.5,
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same letters on every machine
    "font.size": 7.5,
    "grid.color": FAINT,
    "grid.linewidth": 0.5,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.4,
    "svg.fonttype": "none",  # text stays text: it can be selected, searched and read out
    "text.color": INK,
    "text.parse_math": False,  # a dollar in a target's name is a dollar
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 7,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 7,
}


class Figure(NamedTuple):
    """A figure, ready for a file or a page.

    `name` is its file's stem, unique within one call; `caption` says what is drawn and how it was
    computed; `description` holds the figures in words, for who does not see it. `svg` is one ``<svg>``
    element without an XML declaration, which can stand in HTML as it is: its ids occur in no other
    figure, and its ``aria-label`` is `description`. `png` has 200 dots an inch.
    """

    name: str
    caption: str
    description: str
    svg: str
    png: bytes


def draw(
    name: str,
    caption: str,
    description: str,
    size: tuple[float, float],
    paint: Callable[[Drawing], None],
) -> Figure:
    """Return what `paint` puts on an empty drawing of `size` (width and height in inches).

    Equal drawings give equal bytes; matplotlib's settings of the user have no influence and stay.
    """
    from matplotlib.figure import Figure as Drawing
    from matplotlib.style import context

    with context(["default", {**_STYLE, "svg.hashsalt": name}]):
        drawing = Drawing(figsize=size, layout="constrained", facecolor="white")
        paint(drawing)
        svg, png = io.StringIO(), io.BytesIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        drawing.savefig(svg, format="svg", metadata=nothing)
        drawing.savefig(png, format="png", dpi=_DOTS_PER_INCH, metadata={"Software": None})
    return Figure(name, caption, description, _element(svg.getvalue(), name, description), png.getvalue())


def _element(document: str, name: str, description: str) -> str:
    """Return the ``<svg>`` element of a document with ids of its own and its description as label."""
    svg = document[document.index("<svg") :]
    # matplotlib numbers its groups from 1 in every file: on one page they would clash.
    prefix = f"{name}-{hashlib.sha256(svg.encode()).hexdigest()[:8]}-"
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}", svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(description)}"', 1)


def short(label: str, most: int = 32) -> str:
    """Return a model's name, without its middle where it is long: names often differ at their ends.

    Examples
    --------
    >>> short("svm"), short("organisation/model-base-v2", most=16)
    ('svm', 'organisa…base-v2')
    """
    half = most // 2
    return label if len(label) <= most else f"{label[:half]}…{label[half + 1 - most :]}"


def wrapped(title: str, width: int = 24) -> str:
    """Return a title in lines that fit over a panel."""
    return textwrap.fill(title, width)


def shade_cells(
    panel: Any, values: np.ndarray, texts: Sequence[Sequence[str]], limits: tuple[float, float]
) -> None:
    """Fill a panel with cells as dark as their values, shape (r, c), the first row on top, and their texts.

    A cell that is NaN stays white. The darkest cell is light enough for dark text.
    """
    low, high = limits
    darkest = low + (high - low) / 0.6
    panel.pcolormesh(values, cmap="Blues", vmin=low, vmax=darkest, edgecolors="white", linewidth=1)
    for row, column in np.ndindex(values.shape):
        place = (column + 0.5, row + 0.5)
        panel.text(*place, texts[row][column], ha="center", va="center_baseline", fontsize=7)
    panel.invert_yaxis()
    panel.tick_params(length=0)
    for spine in panel.spines.values():
        spine.set_visible(False)

"""The card's figures: how the labels are spread over targets and genres."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial
from typing import TYPE_CHECKING

from stancebench.publish.release import Release
from stancebench.report.figures.canvas import COLOURS, FAINT, INK, PAGE, Figure, draw
from stancebench.types import LABELS

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

#: Vermilion and blue for against and favor, which the colour-blind tell apart, and grey for neither.
_COLOUR = {"against": COLOURS[1], "none": FAINT, "favor": COLOURS[0]}

Counts = dict[str, Counter[str]]


def label_figures(release: Release) -> list[Figure]:
    """Return the label distribution of each target and of each genre."""
    wording = {target.id: target.name for target in release.dataset.targets}
    by_target: Counts = defaultdict(Counter)
    by_genre: Counts = defaultdict(Counter)
    for row in release.dataset.examples.rows():
        by_target[wording[row["target"]]][row["label"]] += 1
        by_genre[row["genre"]][row["label"]] += 1
    by_genre = dict(sorted(by_genre.items(), key=lambda item: item[1]["none"] / item[1].total()))
    return [_figure("targets", "target", by_target), _figure("genres", "genre", by_genre)]


def _figure(name: str, of: str, counts: Counts) -> Figure:
    described = "; ".join(
        f"{group}: " + ", ".join(f"{label} {100 * found[label] / found.total():.0f} %" for label in LABELS)
        for group, found in counts.items()
    )
    caption = f"Share of each label by {of}, in per cent; n pairs of a sentence and a target."
    height = 0.55 + 0.24 * len(counts)
    return draw(name, caption, f"{caption} {described}.", (PAGE, height), partial(_paint, counts=counts))


def _paint(drawing: Drawing, counts: Counts) -> None:
    axes = drawing.add_subplot()
    groups = list(counts)
    left = [0.0] * len(groups)
    for label in LABELS:
        shares = [100 * counts[group][label] / counts[group].total() for group in groups]
        bars = axes.barh(groups, shares, left=left, color=_COLOUR[label], label=label, height=0.72)
        colour = INK if label == "none" else "white"
        axes.bar_label(bars, fmt="%.0f", label_type="center", color=colour, fontsize=7)
        left = [a + b for a, b in zip(left, shares, strict=True)]
    axes.set_yticks(range(len(groups)), [f"{group} ({counts[group].total():,})" for group in groups])
    axes.invert_yaxis()
    axes.margins(y=0.01)
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of pairs")
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    drawing.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=len(LABELS))

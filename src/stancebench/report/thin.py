"""Cells that rest on few gold examples of a class, and how tables mark them."""

from __future__ import annotations

from stancebench.evaluate.scores import MEAN, POOLED
from stancebench.report.collect import Run
from stancebench.types import LABELS

#: Gold examples of a class below which a figure says little.
LEAST = 30
MARK = "*"
THIN_LEGEND = f"{MARK} after a figure: it rests on a class with fewer than {LEAST} gold examples."


def is_thin(run: Run, metric: str, group: str, part: str = "test") -> bool:
    """Return whether a figure rests on a class with fewer than `LEAST` gold examples.

    A label's precision, recall and F1 rest on that label, F_avg on favor and against, every other
    figure on all labels; a mean over targets rests on those of each target.
    """
    counts = run.confusions.get(part, {})
    groups = set(counts) - {POOLED} if group == MEAN else {group} & set(counts)
    rows = [LABELS.index(label) for label in classes_of(metric)]
    return any(sum(counts[name][row]) < LEAST for name in groups for row in rows)


def classes_of(metric: str) -> tuple[str, ...]:
    """Return the labels that a metric's figure rests on.

    Examples
    --------
    >>> classes_of("recall_favor"), classes_of("f_avg")
    (('favor',), ('against', 'favor'))
    """
    label = metric.rpartition("_")[2]
    if label in LABELS:
        return (label,)
    return ("against", "favor") if metric == "f_avg" else LABELS

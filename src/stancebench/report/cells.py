"""Cells of tables: a figure with its interval, deviation and number of examples, as text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.scores import Score

ARROWS = {"higher": "↑", "lower": "↓"}


def title_of(metric: str) -> str:
    """Return what tables call a metric, with an arrow to where it is better.

    Examples
    --------
    >>> title_of("log_loss")
    'log loss ↓'
    """
    return f"{METRICS[metric].title} {ARROWS[METRICS[metric].better]}"


def cell(scores: Sequence[Score | None], over_seeds: Score | None = None, mark: str = "") -> str:
    """Return one cell over the seeds of a model; empty where any seed lacks the figure.

    Parameters
    ----------
    scores : sequence of s scores
        Of each seed's run.
    over_seeds : Score, optional
        The mean over seeds with its interval over seeds and documents.
    mark : str
        Stands after the figure.

    Examples
    --------
    >>> cell([Score("macro_f1", "test", "pooled", 0.5, 0.4, 0.6, 90)])
    '0.500 [0.400, 0.600] (90)'
    >>> two = [Score("f", "test", "g", v, 0, 1, 90) for v in (0.4, 0.6)]
    >>> cell(two), cell(two, Score("f", "test", "g", 0.5, 0.3, 0.7, 90), mark="*")
    ('0.500 ± 0.141 (2×90)', '0.500* [0.300, 0.700] ± 0.141 (2×90)')
    """
    found = [score for score in scores if score is not None]
    if not found or len(found) < len(scores) or len({score.n for score in found}) != 1:
        return ""
    values, n = [score.value for score in found], found[0].n
    if len(found) == 1:
        return f"{values[0]:.3f}{mark}{interval(found[0])} ({n})"
    deviation = float(np.std(values, ddof=1))
    return f"{np.mean(values):.3f}{mark}{interval(over_seeds)} ± {deviation:.3f} ({len(values)}×{n})"


def interval(score: Score | None) -> str:
    """Return an interval in brackets after a space; nothing where there is none."""
    return between(score.low, score.high) if score else ""


def between(low: float, high: float, sign: str = "") -> str:
    """Return two bounds in brackets after a space; nothing where they are NaN.

    Examples
    --------
    >>> between(-0.1, 0.25, sign="+"), between(float("nan"), float("nan"))
    (' [-0.100, +0.250]', '')
    """
    return f" [{low:{sign}.3f}, {high:{sign}.3f}]" if np.isfinite(low) else ""

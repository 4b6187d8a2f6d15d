"""Every pair of a setting's models compared on the same test examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from stancebench.evaluate.comparison import Comparison, compare
from stancebench.evaluate.significance import holm
from stancebench.report.models import Model
from stancebench.report.page.kept import kept
from stancebench.report.page.settings import Setting, digest_of

#: How many models are compared, best first: 20 have 190 pairs, 0.1 to 0.8 seconds each.
MOST_MODELS = 20


class Pair(NamedTuple):
    """Two models by their places in the setting, and how they differ; `repeats` of each."""

    first: int
    second: int
    repeats: tuple[int, int]
    found: Comparison


def places(setting: Setting) -> list[tuple[int, int]]:
    """Return the pairs of models that are compared, as their places in the setting."""
    return list(combinations(range(min(len(setting.models), MOST_MODELS)), 2))


def compare_pairs(setting: Setting, advance: Callable[[], None]) -> list[Pair]:
    """Return all pairs of the best models, as `report.paired` compares them, with progress."""
    models, pairs = setting.models, []
    for i, j in places(setting):
        repeats = (len(models[i].repeats), len(models[j].repeats))
        pairs.append(Pair(i, j, repeats, _compared(models[i], models[j])))
        advance()
    by_documents = holm([pair.found.p_documents for pair in pairs])
    by_seeds = holm([pair.found.p_seeds for pair in pairs])
    return [
        pair._replace(found=pair.found._replace(p_documents_holm=float(a), p_seeds_holm=float(b)))
        for pair, a, b in zip(pairs, by_documents, by_seeds, strict=True)
    ]


def _compared(first: Model, second: Model) -> Comparison:
    made_from = ["pair", digest_of(first), digest_of(second)]
    return Comparison(**kept(made_from, lambda: compare(first.columns(), second.columns())._asdict()))


def as_rows(pairs: Sequence[Pair]) -> list[list[Any]]:
    """Return pairs as rows that JSON can hold: places, repeats, and the figures that the page shows.

    The p values over seeds are None where a model has a single fit, which cannot tell.
    """
    rows = []
    for pair in pairs:
        f = pair.found
        figures = [f.first, f.second, f.difference, f.low, f.high, f.standardised, f.detectable]
        over_seeds = [f.p_seeds, f.p_seeds_holm] if min(pair.repeats) > 1 else [float("nan")] * 2
        numbers = [*figures, f.p_documents, f.p_documents_holm, *over_seeds]
        rounded = [None if n != n else round(float(n), 5) for n in numbers]
        rows.append([pair.first, pair.second, *pair.repeats, *rounded])
    return rows

"""Every pair of models compared on the same test examples, as a frame of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from stancebench.evaluate.comparison import Comparison, compare_all
from stancebench.report.cells import between
from stancebench.report.collect import Run, require_comparable
from stancebench.report.models import Model, folds_apart, models_of
from stancebench.report.thin import MARK, is_thin

#: What stands under the table of pairs.
PAIRED_LEGEND = (
    "difference: first minus second in test macro-F1, all targets pooled, with the 95 % interval over"
    " documents and seeds; d: the same in standard deviations between documents. p (documents): of these"
    " fitted models, by swapping whole documents; p (seeds): of the training too, other seeds included, which"
    " a model with one seed cannot tell. Both are corrected for all pairs (Holm). detectable: the least"
    " difference that such documents and seeds show in 80 of 100 cases."
)


def paired_table(runs: Sequence[Run]) -> pd.DataFrame:
    """Return a frame with a row for each pair of models, all their seeds together.

    Where folds are results of their own, the models of the last are compared.

    Raises
    ------
    UserError
        Where the runs are of different data or protocols.
    """
    require_comparable(runs)
    models = models_of(runs, folds_apart(runs)[-1])
    return as_frame(compare_pairs(models), models)


def compare_pairs(models: Sequence[Model]) -> dict[tuple[str, str], Comparison]:
    """Return the comparison of every pair of models in test macro-F1, the better one first."""
    return compare_all({model.label: model.columns() for model in models})


def as_frame(found: Mapping[tuple[str, str], Comparison], models: Sequence[Model]) -> pd.DataFrame:
    """Return comparisons as text, a row for each pair."""
    of = {model.label: model for model in models}
    return pd.DataFrame([_row(of[first], of[second], pair) for (first, second), pair in found.items()])


def _row(first: Model, second: Model, found: Comparison) -> dict[str, str]:
    mark = MARK if is_thin(first.runs[0], found.metric, found.group) else ""
    several = min(len(first.repeats), len(second.repeats)) > 1
    return {
        "first": first.label,
        "second": second.label,
        "difference": f"{found.difference:+.3f}{mark}{between(found.low, found.high, sign='+')}",
        "d": _number(found.standardised, "+.2f"),
        "p (documents)": _p(found.p_documents_holm),
        "p (seeds)": _p(found.p_seeds_holm) if several else "",
        "detectable": _number(found.detectable, ".3f"),
    }


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else _number(value, ".3f")


def _number(value: float, form: str) -> str:
    return "" if np.isnan(value) else f"{value:{form}}"

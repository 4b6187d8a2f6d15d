"""What ``stancebench compare`` shows: models side by side, every pair of them, and what the target adds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from stancebench.errors import UserError
from stancebench.evaluate.comparison import Comparison, ties_with_best
from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.scores import POOLED
from stancebench.files import write_atomically
from stancebench.report.cells import ARROWS, interval
from stancebench.report.collect import Run, by_protocol, require_comparable
from stancebench.report.models import Model, folds_apart, models_of
from stancebench.report.paired import PAIRED_LEGEND, as_frame, compare_pairs
from stancebench.report.tables import ReportTable, in_markdown, part_of
from stancebench.report.target_use import TARGET_USE_CAPTION, target_use
from stancebench.report.thin import MARK, THIN_LEGEND, is_thin

#: The metrics side by side, under names that are short enough for a terminal.
SHOWN = {
    "macro_f1": "macro-F1",
    "f_avg": "F_avg",
    "mcc": "MCC",
    "consistency": "contrast",
    "log_loss": "log loss",
    "calibration_error": "ECE",
}
#: Marks after a figure: the best of its column, and what is not told from it.
BEST, TIED = "•", "="
SCORES_LEGEND = (
    "Test part, all targets pooled, with the 95 % interval over documents and, where there are several,"
    " seeds; SD: over seeds. contrast: share of contrast pairs that are right before and after the edit;"
    f" ECE: calibration error. {BEST} is the best of a column, {TIED} what is not told from it (p > 0.05,"
    " corrected by Holm for all pairs): by the bootstrap over documents and seeds, or, for the ECE and where"
    f" a model has one seed, by swapping documents. {THIN_LEGEND}"
)


class Section(NamedTuple):
    """The comparison of models under one protocol: its tables, and the pairs behind one of them."""

    title: str
    tables: list[ReportTable]
    pairs: dict[tuple[str, str], Comparison]


def compare_runs(runs: Sequence[Run]) -> list[Section]:
    """Compare all models of each protocol, and of each fold where those are results of their own.

    Raises
    ------
    UserError
        Where runs of one protocol are of different data or splits.
    """
    groups = by_protocol(runs).values()
    for group in groups:
        require_comparable(group)
    return [_section(group, fold) for group in groups for fold in folds_apart(group)]


def _section(runs: Sequence[Run], fold: str) -> Section:
    models = models_of(runs, fold)
    pairs = compare_pairs(models)
    tables = [ReportTable("scores", SCORES_LEGEND, _side_by_side(models), _of_one_seed(models))]
    if pairs:
        frame = as_frame(pairs, models)
        both = frame.pop("first") + " − " + frame.pop("second")
        frame.insert(0, "first − second", both)
        tables.append(ReportTable("pairs", PAIRED_LEGEND, frame))
    use = target_use(runs, fold)
    if len(use.frame):
        tables.append(ReportTable("target use", TARGET_USE_CAPTION, use.frame, use.missing))
    return Section(_title(runs, fold), tables, pairs)


def _title(runs: Sequence[Run], fold: str) -> str:
    dataset, protocol = runs[0].record["dataset"]["name"], runs[0].record["protocol"]
    place = f"{protocol['name']} version {protocol['version']}" + (f", {fold}" if fold else "")
    score = runs[0].score("macro_f1", POOLED, fold=fold)
    n = f", {score.n} test examples" if score else ""
    return f"{dataset}, {place}: {len(runs)} runs{n}"


def _side_by_side(models: Sequence[Model]) -> pd.DataFrame:
    """Return a row for each model: its seeds and figures, the best of each marked."""
    rows = {model.label: {"model": model.label, "seeds": _seeds(model)} for model in models}
    for metric, name in SHOWN.items():
        figures = {model: _values(model, metric) for model in models}
        having = [model for model, values in figures.items() if values]
        marks = _marks(having, metric)
        title = f"{name} {ARROWS[METRICS[metric].better]}"
        for model in having:
            thin = MARK if is_thin(model.runs[0], metric, POOLED, part_of(metric)) else ""
            shown = _interval(model) if metric == "macro_f1" else ""
            figure = f"{np.mean(figures[model]):.3f}{thin}{shown} {marks.get(model.label, '')}"
            rows[model.label][title] = figure.rstrip()
        if metric == "macro_f1" and any(len(values) > 1 for values in figures.values()):
            for model, values in figures.items():
                rows[model.label]["SD"] = f"{np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
    return pd.DataFrame(list(rows.values())).fillna("")


def _values(model: Model, metric: str) -> list[float]:
    """Return a pooled figure of every run; nothing where a run lacks it."""
    scores = model.of_each_run(metric, part=part_of(metric))
    return [score.value for score in scores if score] if all(scores) else []


def _interval(model: Model) -> str:
    return interval(model.scores(["macro_f1"], ["test"]).get(("macro_f1", "test", POOLED)))


def _seeds(model: Model) -> str:
    draws = len(model.repeats) // len(model.runs)
    return f"{len(model.runs)}×{draws} draws" if draws > 1 else str(len(model.runs))


def _marks(models: Sequence[Model], metric: str) -> dict[str, str]:
    if len(models) < 2:
        return {}
    ties = ties_with_best({model.label: model.columns(metric) for model in models}, metric)
    return {**dict.fromkeys(ties.tied, TIED), ties.best: BEST}


def _of_one_seed(models: Sequence[Model]) -> str:
    single = [model.label for model in models if len(model.repeats) == 1]
    if not single:
        return ""
    return (
        f"One seed tells little ({', '.join(single)}): its interval says nothing of what another seed would"
        " give. python train.py -m seed=0,1,2,3,4 … trains five."
    )


def require_suffix(path: Path) -> None:
    """Refuse a file that `write_comparison` would not know how to write.

    Raises
    ------
    UserError
        Where its suffix is neither ``.md`` nor ``.csv``.
    """
    if path.suffix not in (".md", ".csv"):
        raise UserError(f"--output {path}: neither .md nor .csv", hint="name it comparison.md, or pairs.csv")


def write_comparison(sections: Sequence[Section], path: Path) -> None:
    """Write the tables as Markdown, or every pair's figures in full as CSV, as the suffix of `path` says."""
    if path.suffix == ".md":
        parts = [
            f"## {section.title}\n\n" + "\n".join(f"### {t.name}\n\n{in_markdown(t)}" for t in section.tables)
            for section in sections
        ]
        write_atomically(path, "\n".join(parts))
    else:
        rows = [
            {"section": section.title, "first_model": a, "second_model": b, **found._asdict()}
            for section in sections
            for (a, b), found in section.pairs.items()
        ]
        write_atomically(path, pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"))

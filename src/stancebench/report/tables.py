"""Tables over models, as pandas frames of text, and their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from stancebench.evaluate.scores import MEAN, POOLED, Score
from stancebench.report.collect import Run, by_model, require_comparable
from stancebench.types import LABELS

NAMES = {
    "macro_f1": "macro-F1",
    "f_avg": "F_avg",
    "accuracy": "accuracy",
    "mcc": "MCC",
    "consistency": "consistency",
    "precision": "P",
    "recall": "R",
    "f1": "F1",
}
#: Columns of the overview and of the contrast table: title to (metric, group).
OVERVIEW: dict[str, tuple[str, str]] = {
    NAMES["macro_f1"]: ("macro_f1", POOLED),
    "macro-F1, mean over targets": ("macro_f1", MEAN),
    NAMES["f_avg"]: ("f_avg", POOLED),
    "F_avg, mean over targets": ("f_avg", MEAN),
    NAMES["accuracy"]: ("accuracy", POOLED),
    NAMES["mcc"]: ("mcc", POOLED),
}
CONTRAST: dict[str, tuple[str, str]] = {
    "consistency": ("consistency", POOLED),
    "consistency, mean over targets": ("consistency", MEAN),
    "accuracy on the edits": ("accuracy", POOLED),
    "macro-F1 on the edits": ("macro_f1", POOLED),
}
#: Metrics that exist in one part only.
PART_OF = {"consistency": "contrast"}
LEGEND = (
    "One run: value [95 % interval by bootstrap over documents; over draws too, where a run has several] "
    "(n examples). Several seeds: mean ± standard deviation (seeds × n examples). macro-F1 is over "
    "against, none and favor; F_avg is the mean F1 of favor and against (SemEval-2016 Task 6). A label's "
    "figures count that label's gold examples as n."
)


class ReportTable(NamedTuple):
    """A table with the name of its file, its caption, and its cells as text."""

    name: str
    caption: str
    frame: pd.DataFrame


def cell(scores: Sequence[Score | None]) -> str:
    """Return one cell over the seeds of a model; empty where any seed lacks the figure.

    Examples
    --------
    >>> cell([Score("macro_f1", "test", "pooled", 0.5, 0.4, 0.6, 90)])
    '0.500 [0.400, 0.600] (90)'
    >>> cell([Score("f", "test", "g", v, 0, 1, 90) for v in (0.4, 0.6)])
    '0.500 ± 0.141 (2×90)'
    """
    found = [score for score in scores if score is not None]
    if len(found) < len(scores) or len({score.n for score in found}) != 1:
        return ""
    values, n = [score.value for score in found], found[0].n
    if len(values) == 1:
        has_interval = np.isfinite(found[0].low)
        interval = f" [{found[0].low:.3f}, {found[0].high:.3f}]" if has_interval else ""
        return f"{values[0]:.3f}{interval} ({n})"
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f} ({len(values)}×{n})"


def long_frame(runs: Sequence[Run]) -> pd.DataFrame:
    """Return every score of every run, one row each: what all tables are views of."""
    rows = []
    for label, members in by_model(runs).items():
        for run in members:
            origin = {
                "dataset": run.record["dataset"]["name"],
                "fingerprint": run.record["dataset"]["fingerprint"],
                "protocol": run.record["protocol"]["name"],
                "protocol_version": run.record["protocol"]["version"],
                "model": label,
                "seed": run.record["seed"],
                "commit": run.record["git"]["commit"],
                "dirty": run.record["git"]["dirty"],
            }
            rows += [{**origin, **score.__dict__} for score in run.scores]
    return pd.DataFrame(rows)


def make_tables(runs: Sequence[Run], part: str = "test") -> list[ReportTable]:
    """Return the tables over runs that can be compared: overview, targets, labels, confusion.

    Raises
    ------
    UserError
        Where the runs are of different data or protocols.
    """
    require_comparable(runs)
    models = _ranked(by_model(runs), part)
    groups = sorted({s.group for s in runs[0].scores} - {POOLED, MEAN})

    def rows(columns: dict[str, tuple[str, str]], part: str = part) -> pd.DataFrame:
        table = {
            model: {
                title: cell([run.score(metric, group, part) for run in members])
                for title, (metric, group) in columns.items()
            }
            for model, members in models.items()
        }
        return pd.DataFrame.from_dict(table, orient="index").rename_axis("model").reset_index()

    targets = {
        f"{group}: {NAMES[metric]}": (metric, group) for group in groups for metric in ("macro_f1", "f_avg")
    }
    labels = {
        f"{label}: {NAMES[name]}": (f"{name}_{label}", POOLED)
        for label in LABELS
        for name in ("precision", "recall", "f1")
    }
    extra = []
    if runs[0].record["dataset"]["contrast"]:
        caption = "Contrast set: consistency is the share of pairs that are right before and after the edit."
        extra = [ReportTable("contrast", caption, rows(CONTRAST, part="contrast"))]
    return [
        ReportTable("overview", f"All targets pooled, and their mean; {part} part.", rows(OVERVIEW)),
        ReportTable("targets", f"Each target; {part} part.", rows(targets)),
        ReportTable("labels", f"Each label, all targets pooled; {part} part.", rows(labels)),
        ReportTable(
            "confusion",
            f"Gold labels (rows) against predictions, all targets pooled; {part} part, first seed.",
            _confusions(models, part),
        ),
        *extra,
        ReportTable("costs", "Median over the seeds.", _costs(models)),
    ]


def _ranked(models: dict[str, list[Run]], part: str) -> dict[str, list[Run]]:
    def mean(label: str) -> float:
        found = [run.score("macro_f1", POOLED, part) for run in models[label]]
        return float(np.mean([score.value if score else 0.0 for score in found]))

    return {label: models[label] for label in sorted(models, key=mean, reverse=True)}


def _confusions(models: dict[str, list[Run]], part: str) -> pd.DataFrame:
    rows = []
    for model, members in models.items():
        counts = members[0].confusions.get(part, {}).get(POOLED, [])
        for label, row in zip(LABELS, counts, strict=False):
            predicted = dict(zip([*LABELS, "unscored"], row, strict=True))
            rows.append({"model": model, "gold": label, **predicted, "n": sum(row)})
    return pd.DataFrame(rows)


def _costs(models: dict[str, list[Run]]) -> pd.DataFrame:
    rows = []
    for model, members in models.items():
        records = [run.record for run in members]
        rows.append(
            {
                "model": model,
                "seeds": len(members),
                "fit, s": round(float(np.median([r["fit_seconds"] for r in records])), 2),
                "predict, s": round(float(np.median([r["predict_seconds"] for r in records])), 2),
                "peak memory, MiB": round(float(np.median([r["peak_memory_mib"] for r in records]))),
                "parameters": records[0]["parameters"] or "",
            }
        )
    return pd.DataFrame(rows)


def write_tables(runs: Sequence[Run], output: Path) -> list[Path]:
    """Write the tables as Markdown, CSV and LaTeX (booktabs), and the long frame as CSV."""
    tables = make_tables(runs)
    output.mkdir(parents=True, exist_ok=True)
    written = [output / "report.md", output / "scores.csv"]
    written[0].write_text(_markdown(tables, runs), encoding="utf-8")
    long_frame(runs).to_csv(written[1], index=False, lineterminator="\n")
    for table in tables:
        csv, tex = output / f"{table.name}.csv", output / f"{table.name}.tex"
        table.frame.to_csv(csv, index=False, lineterminator="\n")
        tex.write_text(_latex(table), encoding="utf-8")
        written += [csv, tex]
    return written


def _markdown(tables: Sequence[ReportTable], runs: Sequence[Run]) -> str:
    first = runs[0].record
    commits = sorted({str(run.record["git"]["commit"])[:10] for run in runs})
    head = (
        f"Dataset `{first['dataset']['name']}` (fingerprint `{first['dataset']['fingerprint'][:12]}`),"
        f" protocol `{first['protocol']['name']}` version {first['protocol']['version']},"
        f" {len(runs)} runs, commit {', '.join(commits)}.\n\n{LEGEND}\n"
    )
    parts = [
        f"## {table.name}\n\n{table.caption}\n\n"
        + str(table.frame.to_markdown(index=False, disable_numparse=True))
        + "\n"
        for table in tables
    ]
    return "\n".join([head, *parts])


def _latex(table: ReportTable) -> str:
    styler = table.frame.style.hide(axis="index").format(escape="latex")
    styler = styler.format_index(escape="latex", axis="columns")
    text = styler.to_latex(hrules=True, caption=table.caption.replace("_", r"\_"), label=f"tab:{table.name}")
    return text.replace("±", r"$\pm$").replace("×", r"$\times$")


def side_by_side(runs: Sequence[Run], part: str = "test") -> pd.DataFrame:
    """Return a frame with a column per run and a row per figure, pooled and per target.

    Raises
    ------
    UserError
        Where the runs are of different data or protocols, with what differs.
    """
    require_comparable(runs)
    groups = dict.fromkeys(s.group for s in runs[0].scores)
    figures = [(m, g) for m in ("macro_f1", "f_avg", "accuracy", "mcc") for g in groups]
    figures += [("consistency", g) for g in groups if runs[0].record["dataset"]["contrast"]]
    columns = {
        f"{run.model} seed={run.record['seed']}": [
            cell([run.score(m, g, PART_OF.get(m, part))]) for m, g in figures
        ]
        for run in runs
    }
    if len(columns) < len(runs):
        columns = {
            str(run.folder): [cell([run.score(m, g, PART_OF.get(m, part))]) for m, g in figures]
            for run in runs
        }
    rows = pd.DataFrame(columns)
    rows.insert(0, "figure", [f"{NAMES[m]}, {g}" for m, g in figures])
    return rows

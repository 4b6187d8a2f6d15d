"""Tables over models, as pandas frames of text, and their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.scores import MEAN, POOLED, Score
from stancebench.report.cells import cell, title_of
from stancebench.report.collect import Run, by_model, require_comparable
from stancebench.report.models import Model, folds_apart, models_of
from stancebench.report.target_use import TARGET_USE_CAPTION, target_use
from stancebench.report.thin import LEAST, MARK, THIN_LEGEND, is_thin
from stancebench.types import LABELS

NAMES = {"macro_f1": "macro-F1", "f_avg": "F_avg", "precision": "P", "recall": "R", "f1": "F1"}
#: Columns of the overview and of the contrast table: title to (metric, group).
OVERVIEW: dict[str, tuple[str, str]] = {
    "macro-F1": ("macro_f1", POOLED),
    "macro-F1, mean over targets": ("macro_f1", MEAN),
    "F_avg": ("f_avg", POOLED),
    "F_avg, mean over targets": ("f_avg", MEAN),
    "accuracy": ("accuracy", POOLED),
    "MCC": ("mcc", POOLED),
}
CONTRAST: dict[str, tuple[str, str]] = {
    "consistency": ("consistency", POOLED),
    "consistency, mean over targets": ("consistency", MEAN),
    "accuracy on the edits": ("accuracy", POOLED),
    "macro-F1 on the edits": ("macro_f1", POOLED),
}
#: Parts of the metrics of pairs, which are of no other part.
_OF_PAIRS = {"consistency": "contrast", "flip_rate": "contrast", "perturbed_flip_rate": "perturbed"}
LEGEND = (
    "One run: value [95 % interval by bootstrap over documents; over draws too, where a run has several] "
    "(n examples). Several seeds: mean [95 % interval over documents and seeds] ± standard deviation over "
    "seeds (seeds × n examples). macro-F1 is over against, none and favor; F_avg is the mean F1 of favor and "
    f"against (SemEval-2016 Task 6). A label's figures count that label's gold examples as n. {THIN_LEGEND}"
)


class ReportTable(NamedTuple):
    """A table with the name of its file, its caption, its cells as text, and what stands under it."""

    name: str
    caption: str
    frame: pd.DataFrame
    note: str = ""


class _Row(NamedTuple):
    """A model as a row of tables, with its scores over all its seeds."""

    title: str
    model: Model
    scores: dict[tuple[str, str, str], Score]

    def cell(self, metric: str, group: str, part: str) -> str:
        mark = MARK if is_thin(self.model.runs[0], metric, group, part) else ""
        each = self.model.of_each_run(metric, group, part)
        return cell(each, self.scores.get((metric, part, group)), mark)

    def cells(self, columns: Mapping[str, tuple[str, str]], part: str) -> dict[str, str]:
        shown = {title: self.cell(metric, group, part) for title, (metric, group) in columns.items()}
        return {"model": self.title, **shown}


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
            rows += [
                {**origin, **score.__dict__, "thin": is_thin(run, score.metric, score.group, score.part)}
                for score in run.scores
            ]
    return pd.DataFrame(rows)


def make_tables(runs: Sequence[Run], part: str = "test") -> list[ReportTable]:
    """Return the tables over runs that can be compared: overview, targets, labels, and so on.

    Raises
    ------
    UserError
        Where the runs are of different data or protocols.
    """
    require_comparable(runs)
    rows = [
        _Row(f"{model.label}, {fold}" if fold else model.label, model, model.scores(parts=(part, "contrast")))
        for fold in folds_apart(runs)
        for model in models_of(runs, fold)
    ]
    groups = sorted({s.group for s in runs[0].scores} - {POOLED, MEAN})
    targets = {f"{group}: {NAMES[m]}": (m, group) for group in groups for m in ("macro_f1", "f_avg")}
    labels = {
        f"{label}: {NAMES[name]}": (f"{name}_{label}", POOLED)
        for label in LABELS
        for name in ("precision", "recall", "f1")
    }

    def table(name: str, caption: str, columns: Mapping[str, tuple[str, str]], part: str) -> ReportTable:
        return ReportTable(name, caption, pd.DataFrame([row.cells(columns, part) for row in rows]))

    found = [
        table("overview", f"All targets pooled, and their mean; {part} part.", OVERVIEW, part),
        table("targets", f"Each target; {part} part.", targets, part),
        table("labels", f"Each label, all targets pooled; {part} part.", labels, part),
        ReportTable("metrics", f"Every metric, all targets pooled; {part} part.", _metrics(rows, part)),
        ReportTable(
            "confusion",
            f"Gold labels (rows) against predictions, all targets pooled; {part} part, first seed.",
            _confusions(rows, part),
        ),
    ]
    if runs[0].record["dataset"]["contrast"]:
        caption = "Contrast set: consistency is the share of pairs that are right before and after the edit."
        found.append(table("contrast", caption, CONTRAST, "contrast"))
    use = target_use(runs)
    if len(use.frame):
        found.append(ReportTable("target_use", TARGET_USE_CAPTION, use.frame, use.missing))
    return [*found, ReportTable("costs", "Median over the seeds.", _costs(models_of(runs)))]


def part_of(metric: str, part: str = "test") -> str:
    """Return the part that a metric is of: `part`, but for those of pairs."""
    return _OF_PAIRS.get(metric, part)


def _metrics(rows: Sequence[_Row], part: str) -> pd.DataFrame:
    """Return a row for each metric that any model has, a column for each model."""
    lines = []
    for name in METRICS:
        cells = {row.title: row.cell(name, POOLED, part_of(name, part)) for row in rows}
        if any(cells.values()):
            lines.append({"metric": title_of(name), **cells})
    return pd.DataFrame(lines)


def _confusions(rows: Sequence[_Row], part: str) -> pd.DataFrame:
    lines = []
    for row in rows:
        counts = row.model.runs[0].confusions.get(part, {}).get(POOLED, [])
        for label, cells in zip(LABELS, counts, strict=False):
            predicted = dict(zip([*LABELS, "unscored"], cells, strict=True))
            n = f"{sum(cells)}{MARK if sum(cells) < LEAST else ''}"
            lines.append({"model": row.title, "gold": label, **predicted, "n": n})
    return pd.DataFrame(lines)


def _costs(models: Sequence[Model]) -> pd.DataFrame:
    rows = []
    for model in models:
        records = [run.record for run in model.runs]
        rows.append(
            {
                "model": model.label,
                "seeds": len(records),
                "fit, s": round(float(np.median([r["fit_seconds"] for r in records])), 2),
                "predict, s": round(float(np.median([r["predict_seconds"] for r in records])), 2),
                "peak memory, MiB": round(float(np.median([r["peak_memory_mib"] for r in records]))),
                "parameters": records[0]["parameters"] or "",
            }
        )
    return pd.DataFrame(rows)


def write_tables(
    runs: Sequence[Run], output: Path, tables: Sequence[ReportTable] | None = None
) -> list[Path]:
    """Write the tables as Markdown, CSV and LaTeX (booktabs), and the long frame as CSV.

    Parameters
    ----------
    runs : sequence of Run
        What the tables are of.
    output : Path
        A folder.
    tables : sequence of ReportTable, optional
        What `make_tables` returned for `runs`, where that was called already.
    """
    tables = make_tables(runs) if tables is None else tables
    output.mkdir(parents=True, exist_ok=True)
    written = [output / "report.md", output / "scores.csv"]
    written[0].write_text(_markdown(tables, runs), encoding="utf-8")
    long_frame(runs).to_csv(written[1], index=False, lineterminator="\n")
    return written + [path for table in tables for path in _write(table, output)]


def _write(table: ReportTable, output: Path) -> list[Path]:
    csv, tex = output / f"{table.name}.csv", output / f"{table.name}.tex"
    table.frame.to_csv(csv, index=False, lineterminator="\n")
    tex.write_text(_latex(table), encoding="utf-8")
    return [csv, tex]


def across_protocols(overviews: Mapping[str, ReportTable]) -> ReportTable:
    """Return one table over the overviews of several protocols: a row for each model, empty where not run."""
    columns = [table.frame.set_index("model")["macro-F1"].rename(name) for name, table in overviews.items()]
    frame = pd.concat(columns, axis=1).fillna("").rename_axis("model").reset_index()
    caption = "Test macro-F1 under each protocol. Protocols test on different examples: compare in a column."
    return ReportTable("protocols", caption, frame)


def write_across(table: ReportTable, output: Path) -> list[Path]:
    """Write the table over protocols as Markdown (``report.md``), CSV and LaTeX."""
    output.mkdir(parents=True, exist_ok=True)
    text = f"{LEGEND}\n\n## {table.name}\n\n{in_markdown(table)}"
    (output / "report.md").write_text(text, encoding="utf-8")
    return [output / "report.md", *_write(table, output)]


def _markdown(tables: Sequence[ReportTable], runs: Sequence[Run]) -> str:
    first = runs[0].record
    commits = sorted({str(run.record["git"]["commit"])[:10] for run in runs})
    head = (
        f"Dataset `{first['dataset']['name']}` (fingerprint `{first['dataset']['fingerprint'][:12]}`),"
        f" protocol `{first['protocol']['name']}` version {first['protocol']['version']},"
        f" {len(runs)} runs, commit {', '.join(commits)}.\n\n{LEGEND}\n"
    )
    return "\n".join([head, *(f"## {table.name}\n\n{in_markdown(table)}" for table in tables)])


def in_markdown(table: ReportTable) -> str:
    """Return a table with its caption and note as Markdown."""
    rows = table.frame.to_markdown(index=False, disable_numparse=True)
    return "\n\n".join(part for part in (table.caption, str(rows), table.note) if part) + "\n"


#: Characters of cells that LaTeX needs as mathematics.
_LATEX = {"±": r"$\pm$", "×": r"$\times$", "↑": r"$\uparrow$", "↓": r"$\downarrow$", MARK: r"$^{*}$"}


def _latex(table: ReportTable) -> str:
    styler = table.frame.style.hide(axis="index").format(escape="latex")
    styler = styler.format_index(escape="latex", axis="columns")
    caption = table.caption.replace("_", r"\_").replace("%", r"\%")
    text = styler.to_latex(hrules=True, caption=caption, label=f"tab:{table.name}")
    for character, mathematics in _LATEX.items():
        text = text.replace(character, mathematics)
    return text

"""Tables over runs, and the refusal of what cannot be compared."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from stancebench.cli import main
from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.scores import Score
from stancebench.report.cells import cell, title_of
from stancebench.report.collect import find_runs
from stancebench.report.tables import make_tables
from stancebench.report.thin import is_thin
from stancebench.run import execute
from tests.test_run import composed


def score(value: float, n: int = 90) -> Score:
    return Score("macro_f1", "test", "pooled", value, value - 0.1, value + 0.1, n)


def test_cells() -> None:
    assert cell([score(0.5)]) == "0.500 [0.400, 0.600] (90)"
    seeds = [score(0.4), score(0.5), score(0.6)]
    assert cell(seeds) == "0.500 ± 0.100 (3×90)"
    assert cell(seeds, score(0.5)) == "0.500 [0.400, 0.600] ± 0.100 (3×90)"
    assert cell([score(0.5)], mark="*") == "0.500* [0.400, 0.600] (90)"
    assert cell([score(0.4), None]) == ""
    assert cell([score(0.4), score(0.5, n=80)]) == ""


def test_report_writes_markdown_csv_and_latex(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, seeds in (("majority", (0,)), ("prior", (0, 1, 2))):
        for seed in seeds:
            execute(composed(model={"label": name, "name": name}, seed=seed))
    assert main(["report", "runs", "--output", "out"]) == 0
    assert "4 runs" in capsys.readouterr().out
    markdown = Path("out/report.md").read_text(encoding="utf-8")
    for heading in ("overview", "targets", "labels", "confusion", "costs"):
        assert f"## {heading}" in markdown
    with Path("out/overview.csv").open(encoding="utf-8") as file:
        rows = {row["model"]: row for row in csv.DictReader(file)}
    assert re.fullmatch(r"0\.\d{3}\* \[.*\] ± 0\.\d{3} \(3×\d+\)", rows["prior"]["macro-F1"])
    assert " [" in rows["majority"]["macro-F1"]
    latex = Path("out/overview.tex").read_text(encoding="utf-8")
    for word in (r"\toprule", r"\midrule", r"\bottomrule", r"F\_avg", r"$\pm$", r"\caption", "$^{*}$"):
        assert word in latex


def test_every_metric_that_was_computed_is_in_a_table(project: Path) -> None:
    for seed in (0, 1):
        execute(composed(model={"label": "prior", "name": "prior"}, seed=seed))
    tables = {table.name: table.frame for table in make_tables(find_runs([Path("runs")]))}
    shown = dict(zip(tables["metrics"]["metric"], tables["metrics"]["prior"], strict=True))
    of_pairs = {"consistency", "flip_rate", "perturbed_flip_rate"}  # there is no contrast set
    assert set(shown) == {title_of(name) for name in set(METRICS) - of_pairs}
    assert " [" in shown["soft cross-entropy ↓"], "the vote shares are in the predictions"
    assert shown["macro-F1 ↑"] == tables["overview"]["macro-F1"][0]


def test_a_cell_is_thin_where_a_class_it_rests_on_has_few_gold_examples(project: Path) -> None:
    (run,) = find_runs([execute(composed())])
    counts = {"t": [[30, 0, 0, 0], [5, 0, 0, 24], [0, 0, 31, 0]], "u": [[40, 0, 0, 0]] * 3}
    counts["pooled"] = [[70, 0, 0, 0]] * 3
    run = replace(run, confusions={"test": counts})
    assert [is_thin(run, "macro_f1", group) for group in ("t", "u", "pooled", "mean_over_targets")] == [
        True,
        False,
        False,
        True,
    ]
    assert is_thin(run, "recall_none", "t")
    assert not is_thin(run, "f1_favor", "t")
    assert not is_thin(run, "f_avg", "t"), "F_avg rests on favor and against"
    assert is_thin(run, "log_loss", "t")
    assert not is_thin(run, "macro_f1", "t", part="validation"), "nothing is known of it"


def test_runs_on_different_data_are_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = execute(composed())
    rows = "".join(f"text {i},t,{label}\n" for i, label in enumerate(["favor", "against", "none"] * 10))
    Path("mine.csv").write_text("text,target,label\n" + rows, encoding="utf-8")
    second = execute(composed(dataset={"name": "table", "path": "mine.csv", "label": "backstop"}))
    capsys.readouterr()
    assert main(["compare", str(first), str(second)]) == 1
    assert capsys.readouterr().err.count("data fingerprint = ") == 2
    other = execute(composed(dataset={"name": "table", "path": "mine.csv"}))
    assert main(["compare", str(first), str(other)]) == 0
    shown = capsys.readouterr().out
    assert "backstop, in_target" in shown
    assert "mine, in_target" in shown, "two datasets stand in two sections"
    assert main(["report", "nowhere"]) == 1
    assert "no complete run in nowhere" in capsys.readouterr().err


def test_a_run_scored_by_an_earlier_version_is_scored_anew(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = execute(composed())
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    (folder / "metrics.json").write_text(json.dumps({**metrics, "schema_version": 1}), encoding="utf-8")
    assert main(["report", str(folder)]) == 1
    assert f"stancebench rescore {folder}" in capsys.readouterr().err
    assert main(["rescore", str(folder)]) == 0
    assert json.loads((folder / "metrics.json").read_text(encoding="utf-8")) == metrics


def test_each_protocol_has_tables_of_its_own(project: Path) -> None:
    execute(composed())
    few = {**composed()["protocol"], "name": "few_shot", "k": 2, "draws": 3}
    execute(composed(protocol=few))
    assert main(["report", "runs", "--output", "out"]) == 0
    with Path("out/few_shot-2/overview.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    with Path("out/in_target/overview.csv").open(encoding="utf-8") as file:
        (other,) = csv.DictReader(file)
    n = other["macro-F1"].rpartition(" ")[2]
    assert row["macro-F1"].endswith(n), "three draws, but the same test examples"
    with Path("out/protocols.csv").open(encoding="utf-8") as file:
        (both,) = csv.DictReader(file)
    expected = {"model": "majority", "in_target": other["macro-F1"], "few_shot-2": row["macro-F1"]}
    assert both == expected, "one sweep over protocols is one table"
    report = Path("out/report.md").read_text(encoding="utf-8")
    assert report.index("## protocols") < report.index("## figures")


def test_folds_that_stand_apart_have_a_row_each(project: Path) -> None:
    execute(composed(protocol={**composed()["protocol"], "name": "learning_curve", "fractions": [0.5, 1.0]}))
    overview = make_tables(find_runs([Path("runs")]))[0].frame
    assert set(overview["model"]) == {"majority, 0.5", "majority, 1.0"}
    assert all(" [" in cell for cell in overview["macro-F1"])

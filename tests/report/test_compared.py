"""``stancebench compare``: side by side, pair by pair, with and without the target."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from stancebench.cli import main
from stancebench.predictions import read_predictions
from stancebench.report import terminal
from stancebench.report.collect import find_runs
from stancebench.report.compared import Section, compare_runs
from stancebench.report.paired import paired_table
from stancebench.report.tables import ReportTable
from stancebench.report.target_use import target_use
from stancebench.run import execute
from tests.test_run import composed

PRIOR = {"label": "prior", "name": "prior"}
SVM = {"label": "svm", "name": "linear", "kind": "svm"}


def train(model: dict[str, Any], *seeds: int, **changes: Any) -> Path:
    """Run a model with each seed; return the folder that holds them."""
    return [execute(composed(model=model, seed=seed, **changes)) for seed in seeds][-1].parent


def macro_f1(folder: Path) -> float:
    test = read_predictions(folder / "predictions.parquet").part("test")
    return float(f1_score(test["gold"], test["predicted"], average="macro", zero_division=0))


def test_models_have_a_row_each_the_best_first_and_marked(project: Path) -> None:
    prior, svm = train(PRIOR, 0, 1), train(SVM, 0)
    (section,) = compare_runs(find_runs([prior, svm]))
    scores, pairs, _ = section.tables
    first, second = scores.frame.to_dict("records")
    assert (first["model"], first["seeds"], first["SD"]) == ("svm", "1", "")
    assert first["macro-F1 ↑"].startswith(f"{macro_f1(next(svm.iterdir())):.3f}* [")
    assert first["macro-F1 ↑"].endswith(" •")
    values = [macro_f1(folder) for folder in prior.iterdir()]
    assert second["macro-F1 ↑"].startswith(f"{np.mean(values):.3f}* [")
    assert second["SD"] == f"{np.std(values, ddof=1):.3f}"
    assert "One seed tells little (svm)" in scores.note
    (pair,) = pairs.frame.to_dict("records")
    assert pair["first − second"] == "svm − prior"
    assert pair["difference"].startswith("+0.")
    assert pair["p (seeds)"] == "", "one of the two has one seed"


def test_paired_table_takes_all_seeds_of_both(project: Path) -> None:
    folders = [train(PRIOR, 0, 1, 2), train(SVM, 0, 1)]
    (row,) = paired_table(find_runs(folders)).to_dict("records")
    means = [np.mean([macro_f1(run) for run in folder.iterdir()]) for folder in folders]
    assert row["difference"].split("*")[0] == f"{means[1] - means[0]:+.3f}"
    assert row["p (seeds)"]


def test_a_section_for_each_protocol_and_fold_that_stands_apart(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = composed()["protocol"]
    train(PRIOR, 0)
    train(PRIOR, 0, protocol={**base, "name": "few_shot", "k": 2, "draws": 3})
    train(PRIOR, 0, protocol={**base, "name": "learning_curve", "fractions": [0.5, 1.0]})
    assert main(["compare", "runs"]) == 0
    printed = capsys.readouterr().out
    for title in ("few_shot-2 version", "in_target version", "learning_curve version 1, 0.5:", "1, 1.0:"):
        assert title in printed
    assert "1×3 draws" in printed


def test_the_target_is_worth_what_the_model_loses_without_it(project: Path) -> None:
    full = train(SVM, 0, 1)
    text_only = train({**SVM, "input": "text_only"}, 0)
    train({**SVM, "input": "shuffled_target", "min_df": 2}, 0)  # of other parameters: another model
    found = target_use(find_runs([Path("runs")]))
    (row,) = found.frame.to_dict("records")
    gap = np.mean([macro_f1(run) for run in full.iterdir()]) - macro_f1(next(text_only.iterdir()))
    assert row["minus text_only"].split("*")[0] == f"{gap:+.3f}"
    assert row["minus shuffled_target"] == ""
    assert "python train.py -m model=svm model.input=shuffled_target" in found.missing
    assert row["opposite stances"] == "", "no sentence of the toy documents is for one and against another"


def test_the_missing_command_names_protocol_and_data(project: Path) -> None:
    rows = "".join(
        f"text {i},t{i % 2},{label}\n" for i, label in enumerate(["favor", "against", "none"] * 20)
    )
    Path("mine.csv").write_text("text,target,label\n" + rows, encoding="utf-8")
    protocol = {**composed()["protocol"], "name": "few_shot", "k": 2, "draws": 2}
    train(SVM, 0, dataset={"name": "table", "path": "mine.csv"}, protocol=protocol)
    assert target_use(find_runs([Path("runs")])).missing.endswith(
        "python train.py -m model=svm model.input=text_only,shuffled_target protocol=few_shot protocol.k=2"
        " dataset=table dataset.path=mine.csv"
    )


def test_floors_have_no_row(project: Path) -> None:
    train(PRIOR, 0)
    found = target_use(find_runs([Path("runs")]))
    assert (len(found.frame), found.missing) == (0, "")


def test_what_is_printed_fits_100_columns_and_is_plain_in_a_pipe(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    names = ["a_model_of_a_rather_long_name-shuffled_target", "b" * 60]
    rows = [
        {"model": name, **{f"figure {i} ↑": "0.500 [0.400, 0.600] •" for i in range(3)}} for name in names
    ]
    table = ReportTable("scores", "A caption. " * 20, pd.DataFrame(rows), "A note. " * 20)
    terminal.print_sections([Section("A title", [table], {})])
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 100
    assert "\x1b" not in printed
    assert printed.count("0.500 [0.400, 0.600] •") == 6
    assert printed.count("b") == 60, "a name is broken and not cut"


def test_output_is_markdown_or_all_figures_of_the_pairs(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(train(PRIOR, 0)), str(train(SVM, 0))]
    assert main(["compare", *folders, "--output", "out.md"]) == 0
    markdown = Path("out.md").read_text(encoding="utf-8")
    assert "### scores" in markdown
    assert "| svm − prior" in markdown
    assert main(["compare", *folders, "--output", "out.csv"]) == 0
    with Path("out.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["first_model"], row["second_model"]) == ("svm", "prior")
    assert float(row["difference"]) == pytest.approx(float(row["first"]) - float(row["second"]))
    capsys.readouterr()
    assert main(["compare", *folders, "--output", "out.txt"]) == 1
    assert "neither .md nor .csv" in capsys.readouterr().err


def test_a_figure_that_no_model_has_is_no_column(project: Path) -> None:
    (run,) = find_runs([train(PRIOR, 0)])
    without = replace(run, scores=[score for score in run.scores if score.metric != "log_loss"])
    (section,) = compare_runs([without])
    assert "log loss ↓" not in section.tables[0].frame
    assert "ECE ↓" in section.tables[0].frame

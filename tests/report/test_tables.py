"""Tables over runs, and the refusal of what cannot be compared."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from stancebench.cli import main
from stancebench.evaluate.scores import Score
from stancebench.report.tables import cell
from stancebench.run import execute
from tests.test_run import composed


def score(value: float, n: int = 90) -> Score:
    return Score("macro_f1", "test", "pooled", value, value - 0.1, value + 0.1, n)


def test_cells() -> None:
    assert cell([score(0.5)]) == "0.500 [0.400, 0.600] (90)"
    assert cell([score(0.4), score(0.5), score(0.6)]) == "0.500 ± 0.100 (3×90)"
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
    assert " ± " in rows["prior"]["macro-F1"]
    assert "(3×" in rows["prior"]["macro-F1"]
    assert " [" in rows["majority"]["macro-F1"]
    latex = Path("out/overview.tex").read_text(encoding="utf-8")
    for word in (r"\toprule", r"\midrule", r"\bottomrule", r"F\_avg", r"$\pm$", r"\caption"):
        assert word in latex


def test_compare_shows_runs_side_by_side(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [str(execute(composed(model={"label": n, "name": n}))) for n in ("majority", "prior")]
    assert main(["compare", *folders]) == 0
    printed = capsys.readouterr().out
    assert "majority seed=0" in printed
    assert "prior seed=0" in printed
    assert "macro-F1, mean_over_targets" in printed


def test_runs_on_different_data_are_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = execute(composed())
    rows = "".join(f"text {i},t,{label}\n" for i, label in enumerate(["favor", "against", "none"] * 10))
    Path("mine.csv").write_text("text,target,label\n" + rows, encoding="utf-8")
    second = execute(composed(dataset={"name": "table", "path": "mine.csv"}))
    assert main(["compare", str(first), str(second)]) == 1
    message = capsys.readouterr().err
    assert "dataset = backstop" in message
    assert "dataset = mine" in message
    assert "data fingerprint = " in message
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


def test_compare_pairs_models_by_their_shared_seeds(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    svm = {"label": "svm", "name": "linear", "kind": "svm"}
    folders = [execute(composed(model={"label": "prior", "name": "prior"}, seed=seed)) for seed in (0, 1)]
    folders += [execute(composed(model=svm, seed=seed)) for seed in (0, 1)]
    assert main(["compare", *map(str, folders)]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| prior   | svm")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[2] == "2"
    assert cells[3].startswith("-0."), "the toy labels follow from a word: the SVM is better"

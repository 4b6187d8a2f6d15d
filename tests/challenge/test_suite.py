"""The suite on the small project: built, predicted once, bound to its data, refused where it must be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stancebench.challenge.command import run_suite
from stancebench.challenge.suite import build_suite
from stancebench.cli import main
from stancebench.config import ProtocolConfig
from stancebench.dataset.backstop import load_backstop
from stancebench.errors import UserError
from stancebench.predictions import read_predictions
from stancebench.protocol import load_folds
from stancebench.run import execute
from tests.test_run import composed
from tests.test_saved import SVM

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}
IN_TARGET = ProtocolConfig(name="in_target", split_seed=0, shares=SHARES)  # type: ignore[arg-type]
ALWAYS = [*(f"wording-{i}" for i in range(1, 6)), "typos", "lower_case", "upper_case"]


@pytest.mark.usefixtures("material")
def test_perturbed_examples_keep_all_but_what_is_perturbed() -> None:
    dataset = load_backstop()
    (fold,) = load_folds(dataset, IN_TARGET)
    originals = {row["example_id"]: row for row in dataset.part(fold, "test").rows()}
    suite = build_suite(dataset, fold)
    assert list(suite.parts) == [*ALWAYS, "roles_to_names", "clause_order"]
    for name, examples in suite.parts.items():
        touched = ("target_name", "target_definition") if name.startswith("wording") else ("text",)
        for row in examples.rows():
            original = originals[row["original_id"]]
            assert {c for c in original if row[c] != original[c]} == set(touched)
    assert all(len(suite.parts[name]) == len(originals) for name in ALWAYS)
    assert all(text.startswith("Odo Verhulsten noted") for text in suite.parts["roles_to_names"]["text"])


@pytest.mark.usefixtures("material")
def test_a_run_is_predicted_once_and_again_when_the_suite_changes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = execute(composed(model=SVM))
    assert main(["suite", str(run)]) == 0
    printed = capsys.readouterr().out
    predictions = read_predictions(run / "suite" / "predictions.parquet")
    test = read_predictions(run / "predictions.parquet").part("test")
    # The SVM counts n-grams of lower case and knows a target by its id.
    assert list(predictions.part("lower_case")["predicted"]) == list(test["predicted"])
    assert list(predictions.part("wording-3")["p_favor"]) == pytest.approx(list(test["p_favor"]))
    content = json.loads((run / "suite" / "suite.json").read_text(encoding="utf-8"))
    assert content["dataset"]["fingerprint"] == load_backstop().fingerprint
    assert [row["perturbation"] for row in content["perturbations"]][:8] == ALWAYS
    assert f"| lower_case     | {len(test['gold'])} " in printed
    before = (run / "suite" / "suite.json").stat().st_mtime_ns
    assert main(["suite", str(run)]) == 0
    assert capsys.readouterr().out == printed
    assert (run / "suite" / "suite.json").stat().st_mtime_ns == before
    path = project / "data" / "challenge" / "wordings.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("boots on the ground", "land forces"))
    assert run_suite(run)["suite"]["digest"] != content["suite"]["digest"]


@pytest.mark.usefixtures("material")
def test_a_killed_suite_goes_on_where_it_stood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from stancebench.challenge import predict

    run = execute(composed())
    whole, predicted = predict._predict_part, []

    def killed(*arguments: object) -> None:
        if arguments[2] == "typos":
            raise KeyboardInterrupt
        predicted.append(arguments[2])
        whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(predict, "_predict_part", killed)
    with pytest.raises(KeyboardInterrupt):
        run_suite(run, output=tmp_path / "out")
    assert not (tmp_path / "out" / "suite.json").exists()
    monkeypatch.setattr(predict, "_predict_part", lambda *a: (predicted.append(a[2]), whole(*a)))
    run_suite(run, output=tmp_path / "out")
    assert sorted(predicted) == sorted([*ALWAYS, "roles_to_names", "clause_order"])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"predictions.parquet", "suite.json"}


@pytest.mark.usefixtures("material")
@pytest.mark.parametrize("shown", ["text_only", "shuffled_target"])
def test_an_input_variant_sees_what_it_saw_in_the_run(shown: str) -> None:
    run = execute(composed(model={**SVM, "input": shown}))
    run_suite(run)
    test = read_predictions(run / "predictions.parquet").part("test")
    suite = read_predictions(run / "suite" / "predictions.parquet")
    assert list(suite.part("lower_case")["predicted"]) == list(test["predicted"])


@pytest.mark.usefixtures("material")
def test_what_cannot_be_scored_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["suite", str(tmp_path)]) == 1
    assert "no complete run" in capsys.readouterr().err
    without = execute(composed(keep_model=False))
    assert main(["suite", str(without)]) == 1
    assert "keep_model=true" in capsys.readouterr().err
    assert not (without / "suite").exists()
    record = json.loads((without / "run.json").read_text(encoding="utf-8"))
    record["dataset"]["fingerprint"] = "0" * 64
    (without / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert main(["suite", str(without)]) == 1
    assert "other data" in capsys.readouterr().err
    assert main(["suite", str(without), str(without), "--output", "x"]) == 1
    assert "one folder for several runs" in capsys.readouterr().err


@pytest.mark.usefixtures("material")
def test_a_fold_is_named_where_there_are_several(capsys: pytest.CaptureFixture[str]) -> None:
    run = execute(composed(protocol={"name": "cross_target", "split_seed": 0, "shares": SHARES}))
    assert main(["suite", str(run)]) == 1
    fold = capsys.readouterr().err.split("--fold ")[1].split(" |")[0]
    with pytest.raises(UserError, match="no fold 'tea'"):
        run_suite(run, "tea")
    content = run_suite(run, fold)
    assert (content["fold"], content["protocol"]["name"]) == (fold, "cross_target")
    assert (run / "suite" / fold / "suite.json").is_file()


def test_a_run_on_another_dataset_is_refused(project: Path, write_material: Callable[..., None]) -> None:
    write_material()
    frame = load_backstop().examples.to_pandas()[["text", "target", "label", "document_id"]]
    frame.to_csv(project / "own.csv", index=False)
    run = execute(composed(dataset={"name": "table", "path": "own.csv"}))
    with pytest.raises(UserError, match="made of Backstop"):
        run_suite(run)

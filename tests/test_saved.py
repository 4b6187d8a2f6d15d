"""Saved models as users meet them: ``stancebench predict``, ``load``, a Hugging Face folder."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stancebench import load
from stancebench.cli import main
from stancebench.errors import UserError
from stancebench.predictions import read_predictions
from stancebench.run import execute
from tests.test_run import composed

SVM = {"label": "svm", "name": "linear", "kind": "svm"}
TEXTS = ["We welcome the plan of week 3 with joy.", "We reject the plan of week 3 with anger."]


@pytest.fixture
def run(project: Path) -> Path:
    return execute(composed(model=SVM))


def test_two_lines_of_python_label_a_sentence(run: Path) -> None:
    model = load(run)
    assert model.predict(TEXTS, "european_troops") == ["favor", "against"]
    assert model.predict(TEXTS, ["us_backstop", "european_troops"]) == ["favor", "against"]


def test_the_saved_model_says_what_the_run_predicted(run: Path) -> None:
    test = read_predictions(run / "predictions.parquet").part("test")
    examples = pd.read_parquet("data/built/backstop/examples.parquet").set_index("example_id")
    rows = examples.loc[list(test["example_id"])]
    said = load(run).answers(list(rows["text"]), list(rows["target"]), list(rows["context"]))
    assert list(said.labels) == list(test["predicted"])
    np.testing.assert_allclose(said.probabilities[:, 2], test["p_favor"].astype(float), atol=1e-12)


def test_predict_prints_every_target_or_the_one_asked_for(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(run), "--text", TEXTS[0]]) == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert list(table["target"]) == ["european_troops", "us_backstop", "going_it_alone"]
    assert set(table["label"]) == {"favor"}
    np.testing.assert_allclose(table[["p_against", "p_none", "p_favor"]].sum(axis=1), 1, atol=1e-5)
    assert main(["predict", str(run), "--text", TEXTS[1], "--target", "european_troop"]) == 0
    assert "did you mean european_troops?" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_predict_reads_and_writes_files(run: Path, tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame({"id": [7, 8], "text": TEXTS, "target": ["european_troops"] * 2})
    source, output = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    read, write = (pd.read_csv, frame.to_csv) if ending == "csv" else (pd.read_parquet, frame.to_parquet)
    write(source, index=False)
    assert main(["predict", str(run), str(source), "--output", str(output)]) == 0
    labelled = read(output)
    assert list(labelled["label"]) == ["favor", "against"]
    assert list(map(int, labelled["id"])) == [7, 8]


def test_predict_reads_lines_of_standard_input(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(TEXTS) + "\n\n"))
    assert main(["predict", str(run), "-", "--target", "european_troops"]) == 0
    assert list(pd.read_csv(io.StringIO(capsys.readouterr().out))["label"]) == ["favor", "against"]


def test_mistakes_are_named(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("text,target\n,a\nyes,\n", encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    for arguments, said in (
        ([str(run)], "give either --text SENTENCE or FILE"),
        ([str(run), str(bad)], f"{bad}:2: empty text"),
        ([str(run), str(bad)], f"{bad}:3: empty target"),
        ([str(run), str(tmp_path / "absent.csv")], "no such file"),
        ([str(empty), "--text", "x"], "keep_model=true"),
        ([str(run), "--fold", "al", "--text", "x"], "did you mean all?"),
        ([str(run), "--text", "x", "--output", str(tmp_path / "no" / "out.csv")], "no such folder"),
    ):
        assert main(["predict", *arguments]) == 1
        assert said in capsys.readouterr().err


def test_a_run_may_keep_no_model(project: Path) -> None:
    folder = execute(composed(model=SVM, keep_model=False))
    assert not (folder / "model").exists()
    with pytest.raises(UserError, match="no saved model"):
        load(folder)


def test_a_file_that_could_run_code_is_refused(run: Path) -> None:
    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    skops.io.dump(FunctionTransformer(shutil.rmtree), run / "model" / "all" / "estimator.skops")
    with pytest.raises(UserError, match=r"shutil\.rmtree"):
        load(run)


@pytest.mark.parametrize("pooling", ["head", "mean"])
def test_a_saved_transformer_is_a_hugging_face_folder(
    project: Path, tiny_roberta: Path, pooling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's own pipeline scores the pair as the run did."""
    from transformers import pipeline

    settings = {"path": str(tiny_roberta), "epochs": 1, "max_length": 32, "pooling": pooling}
    folder = execute(composed(model={"label": "tiny", "name": "transformer", **settings}))
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("the user was asked something"))
    command = [sys.executable, "-m", "stancebench.cli", "predict", str(folder), "--text", TEXTS[0]]
    done = subprocess.run(
        command, input="", capture_output=True, text=True, check=True
    )  # a process of its own
    assert "custom code" not in done.stderr + done.stdout
    said = load(folder).answers(TEXTS, "us_backstop").probabilities
    classify = pipeline(
        "text-classification", str(folder / "model" / "all"), trust_remote_code=pooling == "mean"
    )
    for text, ours in zip(TEXTS, said, strict=True):
        scores = classify(
            {"text": "a US security backstop", "text_pair": text}, top_k=None, truncation="only_second"
        )
        theirs = {score["label"]: score["score"] for score in scores}
        np.testing.assert_allclose([theirs[k] for k in ("against", "none", "favor")], ours, atol=1e-5)

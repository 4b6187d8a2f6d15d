"""Runs as a user makes them: skipped, retried, resumed after a kill, two sweeps at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stancebench.errors import UserError
from stancebench.predictions import read_predictions
from stancebench.record import status_of
from stancebench.run import execute

Train = Callable[..., subprocess.CompletedProcess[str]]


def composed(**changes: Any) -> dict[str, Any]:
    shares = {"train": 0.6, "validation": 0.2, "test": 0.2}
    return {
        "dataset": {"name": "backstop"},
        "protocol": {"name": "in_target", "split_seed": 0, "shares": shares},
        "model": {"label": "majority", "name": "majority"},
        "seed": 0,
        "on_existing": "retry_failed",
        "runs": "runs",
        **changes,
    }


def stamps(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.is_file()}


def test_a_run_leaves_its_four_files_and_the_second_does_nothing(project: Path) -> None:
    folder = execute(composed())
    assert folder.parent == Path("runs/backstop/in_target/majority")
    assert {"run.json", "predictions.parquet", "metrics.json", "log.txt"} <= set(stamps(folder))
    assert "test macro-F1" in (folder / "log.txt").read_text(encoding="utf-8")
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["status"] == "complete"
    assert record["dataset"]["fingerprint"]
    assert {"git", "packages", "hardware", "fit_seconds", "peak_memory_mib", "config"} <= set(record)
    assert str(project) not in json.dumps(record)
    before = stamps(folder)
    assert execute(composed()) == folder
    assert stamps(folder) == before


def test_predictions_hold_every_example_of_both_parts(project: Path) -> None:
    predictions = read_predictions(execute(composed()) / "predictions.parquet")
    split = json.loads(next((project / "data" / "splits").rglob("*.json")).read_text(encoding="utf-8"))
    for part in ("validation", "test"):
        assert sorted(predictions.part(part)["example_id"]) == sorted(split["folds"][0][part])
    assert set(predictions["predicted"]) == {"none"} or set(predictions["predicted"]) == {"favor"}


def test_overwrite_runs_again(project: Path) -> None:
    folder = execute(composed())
    before = stamps(folder)
    execute(composed(on_existing="overwrite"))
    assert stamps(folder)["predictions.parquet"] != before["predictions.parquet"]


def test_a_failure_is_on_disk_and_retried_or_left(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stancebench.model.floors import Majority

    def broken(*_: object) -> None:
        raise RuntimeError("out of luck")

    with monkeypatch.context() as patched:
        patched.setattr(Majority, "fit", broken)
        with pytest.raises(RuntimeError, match="out of luck"):
            execute(composed())
    (folder,) = Path("runs/backstop/in_target/majority").iterdir()
    failure = json.loads((folder / "failure.json").read_text(encoding="utf-8"))
    assert failure["status"] == "failed"
    assert "out of luck" in "".join(failure["traceback"])
    assert status_of(folder) == "failed"
    with pytest.raises(UserError, match="on_existing=retry_failed"):
        execute(composed(on_existing="skip"))
    assert status_of(execute(composed())) == "complete"
    assert not (folder / "failure.json").exists()


def test_a_failure_after_training_does_not_lose_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import stancebench.run

    def broken(*_: object) -> str:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(stancebench.run, "_evaluate", broken)
        with pytest.raises(RuntimeError):
            execute(composed())
    (folder,) = Path("runs/backstop/in_target/majority").iterdir()
    before = stamps(folder)["predictions.parquet"]
    execute(composed())
    assert stamps(folder)["predictions.parquet"] == before


def test_a_sweep_announces_goes_on_after_a_failure_and_exits_with_one(train: Train, project: Path) -> None:
    first = train("model=prior", "seed=1", "model.label=prior")
    assert first.returncode == 0, first.stderr
    done = train("-m", "model=prior,roberta", "seed=0,1", HF_HUB_OFFLINE="1", HF_HOME=str(project / "hf"))
    assert done.returncode == 1
    assert "4 runs: 3 to run, 1 to skip" in done.stderr
    assert {path.name for path in project.iterdir()} <= {"conf", "data", "seeds", "train.py", "runs", "hf"}
    assert "model.path=FOLDER" in done.stderr
    records = sorted(path.parent.parent.name for path in (project / "runs").rglob("run.json"))
    failures = sorted(path.parent.parent.name for path in (project / "runs").rglob("failure.json"))
    assert (records, failures) == (["prior", "prior"], ["roberta", "roberta"])


def test_mistakes_are_one_message_without_a_traceback(train: Train, project: Path) -> None:
    for arguments, said in (
        (("+model.CC=1", "+sede=3"), "model.CC: linear takes no such parameter; did you mean C?"),
        (("model=svn",), "Could not find 'model/svn'"),
        (("dataset=table",), "add dataset.path=FILE"),
    ):
        done = train(*arguments)
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert not (project / "runs").exists()


def test_a_table_this_project_never_saw(train: Train, project: Path) -> None:
    rows = "".join(
        f"We {'like' if i % 2 else 'hate'} item {i},parks,{'pro' if i % 2 else 'con'}\n" for i in range(60)
    )
    (project / "mine.csv").write_text("text,target,label\n" + rows, encoding="utf-8")
    done = train(
        "model=svm", "dataset=table", "dataset.path=mine.csv", "dataset.labels={pro: favor, con: against}"
    )
    assert done.returncode == 0, done.stderr
    assert "F_avg 1.000" in done.stderr
    assert list((project / "runs" / "mine" / "in_target" / "svm").iterdir())


def test_another_split_of_the_same_table_is_another_run(project: Path) -> None:
    rows = [
        f"We {'like' if i % 2 else 'hate'} item {i},parks,{'favor' if i % 2 else 'against'}"
        for i in range(20)
    ]
    folders = []
    for cut in (12, 14):
        parts = ["train" if i < cut else "test" for i in range(20)]
        lines = "".join(f"{row},{part}\n" for row, part in zip(rows, parts, strict=True))
        (project / "mine.csv").write_text("text,target,label,split\n" + lines, encoding="utf-8")
        folders.append(execute(composed(dataset={"name": "table", "path": "mine.csv"})))
    assert folders[0] != folders[1]


def test_a_killed_training_resumes_and_ends_complete(project: Path, tiny_roberta: Path) -> None:
    """SIGKILL after the first checkpoint; the second process starts from there."""
    arguments = ["model=roberta", f"model.path={tiny_roberta}", "model.epochs=12", "model.max_length=32"]
    command = [sys.executable, "train.py", *arguments]
    process = subprocess.Popen(
        command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "'epoch': '3'" in line:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    (folder,) = (project / "runs" / "backstop" / "in_target" / "roberta").iterdir()
    assert status_of(folder) == "unfinished"
    kept = [path.name for path in folder.rglob("checkpoint-*")]
    assert kept
    again = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert "'epoch': '1'" not in again.stdout + again.stderr
    assert "'epoch': '12'" in again.stdout + again.stderr
    assert status_of(folder) == "complete"
    assert not list(folder.glob("checkpoints*"))


def test_two_sweeps_at_once_lose_nothing(project: Path) -> None:
    command = [sys.executable, "train.py", "-m", "model=majority,prior,majority_per_target", "seed=0,1"]
    processes = [
        subprocess.Popen(command, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors
    records = list((project / "runs").rglob("run.json"))
    assert len(records) == 6
    for path in records:
        assert json.loads(path.read_text(encoding="utf-8"))["status"] == "complete"
        assert len(read_predictions(path.parent / "predictions.parquet")["gold"]) > 0

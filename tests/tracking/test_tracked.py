"""What a run tells its tracker, and what it does when the tracker fails."""

from __future__ import annotations

import json
import sys
import threading
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stancebench.config import TrackingConfig, TrainConfig, build_config
from stancebench.errors import UserError
from stancebench.identity import identity
from stancebench.model.floors import Majority
from stancebench.predictions import read_predictions
from stancebench.record import read_record, status_of
from stancebench.run import execute
from stancebench.tracking.figures import flat, scores_and_costs
from stancebench.tracking.guard import Guard
from stancebench.tracking.trackers import TRACKERS
from tests.conftest import REPOSITORY
from tests.tracking.conftest import scores_of

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}


def composed(**changes: Any) -> dict[str, Any]:
    return {
        "dataset": {"name": "backstop"},
        "protocol": {"name": "in_target", "split_seed": 0, "shares": SHARES},
        "model": {"label": "majority", "name": "majority"},
        "seed": 0,
        "on_existing": "overwrite",
        "runs": "runs",
        **changes,
    }


class Recording:
    """Keeps the calls of all runs, and raises in the one that it is told to."""

    calls: list[tuple[Any, ...]] = []  # noqa: RUF012
    fails_in = ""
    fault: BaseException = OSError("the server\nis down")

    def __init__(self, settings: TrackingConfig) -> None:
        self.settings = settings

    def start(self, name: str, group: str, config: Mapping[str, Any], folder: Path) -> None:
        self._note("start", name, group, config, folder)

    def log(self, values: Mapping[str, float], step: int | None) -> None:
        self._note("log", values, step)

    def finish(self, status: str) -> None:
        self._note("finish", status)

    def _note(self, *call: Any) -> None:
        self.calls.append(call)
        if call[0] == self.fails_in:
            raise self.fault


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> type[Recording]:
    """Put `Recording` in the place of trackio."""
    monkeypatch.setattr("stancebench.tracking.trackers.look_for_extra", lambda *_: None)
    monkeypatch.setitem(TRACKERS, "trackio", f"{__name__}:Recording")
    monkeypatch.setattr(Recording, "calls", [])
    return Recording


class Learner(Majority):
    """A majority that tells of its training."""

    def fit(self, X: Any, y: Any, progress: Any = None) -> Majority:  # type: ignore[override]
        progress({"loss": 0.5}, 10)
        progress({"loss": 0.25}, 20)
        return super().fit(X, y)


def test_a_run_is_told_from_start_to_end(
    project: Path, recording: type[Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stancebench.model.floors.Majority", Learner)
    folder = execute(composed(tracking={"name": "trackio"}))
    first, one, two, scores, last = recording.calls
    name = folder.relative_to("runs").as_posix()
    assert first[:3] == ("start", name, "backstop/in_target/majority")
    assert first[4] == Path("runs/.tracking")
    record = read_record(folder)
    assert first[3] == {
        "dataset.name": "backstop",
        "protocol.name": "in_target",
        "protocol.split_seed": 0,
        **{f"protocol.shares.{part}": share for part, share in SHARES.items()},
        "model.label": "majority",
        "model.name": "majority",
        "model.input": "full",
        "seed": 0,
        "data.name": "backstop",
        "data.fingerprint": record["dataset"]["fingerprint"],
        "data.contrast": record["dataset"]["contrast"],
        "protocol_version": record["protocol"]["version"],
        "git.commit": record["git"]["commit"],
        "git.dirty": record["git"]["dirty"],
    }
    assert (one, two) == (("log", {"train/loss": 0.5}, 10), ("log", {"train/loss": 0.25}, 20))
    costs = {f"cost/{key}": record[key] for key in ("fit_seconds", "predict_seconds", "peak_memory_mib")}
    assert scores[1] == {**scores_of(folder), **costs, **_parameters(record)}
    assert scores[2] is None
    assert last == ("finish", "complete")
    history = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    assert [(row["step"], row["loss"]) for row in history] == [(10, 0.5), (20, 0.25)]


def _parameters(record: dict[str, Any]) -> dict[str, float]:
    return {} if record["parameters"] is None else {"cost/parameters": record["parameters"]}


def test_folds_are_told_apart(
    project: Path, recording: type[Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stancebench.model.floors.Majority", Learner)
    protocol = {"name": "cross_genre", "split_seed": 0, "shares": SHARES, "folds": 2}
    folder = execute(composed(protocol=protocol, tracking={"name": "trackio"}))
    history = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    folds = list(dict.fromkeys(row["fold"] for row in history))
    assert len(folds) == 2
    logged = [(call[1], call[2]) for call in recording.calls if call[0] == "log"][:4]
    assert logged == [
        ({f"{fold}/train/loss": loss}, step) for fold in folds for loss, step in ((0.5, 10), (0.25, 20))
    ]


def test_a_failed_run_is_told_so(
    project: Path, recording: type[Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(Majority, "fit", broken)
    with pytest.raises(RuntimeError, match="out of luck"):
        execute(composed(tracking={"name": "trackio"}))
    assert [call[0] for call in recording.calls] == ["start", "finish"]
    assert recording.calls[-1] == ("finish", "failed")


@pytest.mark.parametrize(
    ("fails_in", "fault"),
    [
        ("start", OSError("the server\nis down")),
        ("log", OSError("the server\nis down")),
        ("finish", OSError("the server\nis down")),
        ("log", SystemExit(3)),
    ],
)
def test_a_tracker_that_fails_loses_no_run(
    fails_in: str,
    fault: BaseException,
    project: Path,
    recording: type[Recording],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Recording, "fails_in", fails_in)
    monkeypatch.setattr(Recording, "fault", fault)
    monkeypatch.setattr("stancebench.model.floors.Majority", Learner)
    folder = execute(composed(tracking={"name": "trackio"}))
    assert status_of(folder) == "complete"
    assert len(read_predictions(folder / "predictions.parquet")["gold"]) > 0
    assert scores_of(folder)
    assert len((folder / "history.jsonl").read_text().splitlines()) == 2
    assert recording.calls[-1][0] == fails_in  # and it is not asked again
    for told in (capsys.readouterr().err, (folder / "log.txt").read_text(encoding="utf-8")):
        (line,) = [line for line in told.splitlines() if "dropped" in line]
        assert "tracking=trackio: dropped, the run goes on without it" in line
        assert {"OSError": "the server is down", "SystemExit": "3"}[type(fault).__name__] in line


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """An event that nobody sets before the test is over."""
    event = threading.Event()
    yield event
    event.set()


def test_a_tracker_that_hangs_is_left_behind(never: threading.Event) -> None:
    class Hanging(Recording):
        def log(self, values: Mapping[str, float], step: int | None) -> None:
            never.wait()

    warnings: list[str] = []
    guard = Guard(Hanging(TrackingConfig()), warnings.append, patience=0.05)
    guard.log({"loss": 1.0}, 1)
    guard.log({"loss": 0.5}, 2)
    guard.finish("complete")
    assert warnings == ["dropped, the run goes on without it: TimeoutError: no answer within 0.05 s"]


def test_an_unknown_tracker_and_unknown_keys_are_errors() -> None:
    for tracking, said in (
        ({"name": "trackoi"}, "(found 'trackoi'); did you mean trackio?"),
        ({"name": "mlflow", "projct": "x"}, "tracking.projct: unknown key; did you mean project?"),
        (
            {"name": "mlflow", "mode": "online"},
            "tracking.mode: mlflow takes no such key; it belongs to wandb",
        ),
        ({"name": "wandb", "mode": "onlin"}, "(found 'onlin'); did you mean online?"),
        ({"name": "tensorboard", "project": "x"}, "tracking.project: tensorboard takes no such key"),
    ):
        with pytest.raises(UserError) as fault:
            build_config(composed(tracking=tracking))
        assert said in str(fault.value)


def test_a_missing_extra_is_named_before_anything_is_trained(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)  # as if it were not installed
    with pytest.raises(UserError, match=r"the package mlflow is not installed") as fault:
        execute(composed(tracking={"name": "mlflow"}))
    assert "pip install '.[mlflow]'" in str(fault.value)
    assert not Path("runs").exists()


def test_where_a_run_is_reported_to_is_in_its_record_and_not_in_its_identity(
    project: Path, recording: type[Recording]
) -> None:
    reported: TrainConfig = build_config(composed(tracking={"name": "trackio"}))
    data = {"examples": "fingerprint", "contrast": ""}
    assert identity(reported, data, 1) == identity(build_config(composed()), data, 1)
    folder = execute(composed(tracking={"name": "trackio", "project": "mine"}))
    assert read_record(folder)["config"]["tracking"] == {"name": "trackio", "project": "mine", "mode": None}


def test_every_tracker_has_an_extra_and_a_configuration() -> None:
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(TRACKERS) <= set(extras["optional-dependencies"])
    configurations = {path.stem for path in (REPOSITORY / "conf" / "tracking").glob("*.yaml")}
    assert configurations == {"none", *TRACKERS}


def test_names_of_figures(tmp_path: Path) -> None:
    row = {"part": "test", "metric": "macro_f1", "group": "pooled"}
    scores = [{**row, "fold": "", "value": 0.5}, {**row, "fold": "draw-1", "value": None}]
    (tmp_path / "metrics.json").write_text(json.dumps({"scores": scores}))
    costs = {"fit_seconds": 2, "parameters": None, "usage": {"requests": 3}, "fits": [{"fit_seconds": 2}]}
    (tmp_path / "costs.json").write_text(json.dumps(costs))
    assert scores_and_costs(tmp_path) == {
        "test/macro_f1/pooled": 0.5,
        "cost/fit_seconds": 2.0,
        "cost/requests": 3.0,
    }
    assert flat({"a": {"b": [1, "x"], "about": {"c": 1}}, "d": False}) == {"a.b": '[1, "x"]', "d": False}

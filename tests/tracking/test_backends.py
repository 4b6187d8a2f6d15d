"""Each tracker holds the numbers of the run's folder, read back by its own means."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.tracking.conftest import scores_of, start


def needs(package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(find_spec(package) is None, reason=f"the extra {package} is not installed")


def two_processes(project: Path, tracker: str, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Run majority in one process; prior, and a model that fails, in another at the same time."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(project / "hf"))
    jobs = (["model=majority"], ["-m", "model=prior,roberta"])
    processes = [start(project, *job, f"tracking={tracker}") for job in jobs]
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 1], errors
    assert "dropped" not in "".join(errors)
    return sorted(path.parent for path in (project / "runs" / "backstop").rglob("metrics.json"))


#: A model from outside the package (docs/own-model.md).
LEARNER = """
import stancebench
from stancebench.model.floors import Majority

class Learner(Majority):
    def fit(self, X, y, progress):
        progress({"loss": 0.5}, 10)
        progress({"loss": 0.25}, 20)
        return super().fit(X, y)

stancebench.register("learner", Learner)
stancebench.main()
"""


def name_of(folder: Path) -> str:
    return folder.as_posix().partition("/runs/")[2]


@needs("mlflow")
@pytest.mark.filterwarnings("ignore:The ``noload``:DeprecationWarning")  # of SQLAlchemy, within mlflow
def test_mlflow(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = two_processes(project, "mlflow", monkeypatch)
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{project}/runs/.tracking/mlflow.db")
    experiment = client.get_experiment_by_name("stancebench").experiment_id
    runs = {run.info.run_name: run for run in client.search_runs([experiment])}
    statuses = {name.split("/")[2]: run.info.status for name, run in runs.items()}
    assert statuses == {"majority": "FINISHED", "prior": "FINISHED", "roberta": "FAILED"}
    for folder in folders:
        run, record = runs[name_of(folder)], json.loads((folder / "run.json").read_text(encoding="utf-8"))
        assert {k: v for k, v in run.data.metrics.items() if "cost/" not in k} == scores_of(folder)
        assert run.data.metrics["cost/fit_seconds"] == record["fit_seconds"]
        assert run.data.params["data.fingerprint"] == record["dataset"]["fingerprint"]
        assert run.data.params["protocol.name"] == "in_target"
        assert run.data.tags["group"] == name_of(folder.parent)


@needs("trackio")
def test_trackio(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = two_processes(project, "trackio", monkeypatch)
    database = sqlite3.connect(project / "runs" / ".tracking" / "trackio" / "stancebench.db")
    rows = dict(database.execute("select run_name, metrics from metrics"))
    configs = dict(database.execute("select run_name, config from configs"))
    alerts = list(database.execute("select run_name, title, level from alerts"))
    database.close()
    assert set(rows) == {name_of(folder) for folder in folders}
    for folder in folders:
        logged = json.loads(rows[name_of(folder)])
        assert {k: v for k, v in logged.items() if "cost/" not in k} == scores_of(folder)
        config = json.loads(configs[name_of(folder)])
        assert (config["protocol.name"], config["_Group"]) == ("in_target", name_of(folder.parent))
        assert config["_Username"] is None
    ((failed, title, level),) = alerts
    assert (failed.split("/")[2], title, level) == ("roberta", "the run failed", "error")


@needs("tensorboard")
def test_tensorboard_with_a_model_that_tells_of_its_training(project: Path) -> None:
    (project / "train.py").write_text(LEARNER, encoding="utf-8")
    process = start(
        project, "model=custom", "model.name=learner", "model.label=learner", "tracking=tensorboard"
    )
    errors = process.communicate()[1]
    assert process.returncode == 0, errors
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    (metrics,) = project.rglob("metrics.json")
    folder = metrics.parent
    events = EventAccumulator(str(project / "runs" / ".tracking" / "tensorboard" / name_of(folder)))
    events.Reload()
    scalars = {tag: events.Scalars(tag) for tag in events.Tags()["scalars"]}
    for name, value in scores_of(folder).items():
        assert scalars[name][0].value == pytest.approx(value, abs=1e-6), name  # stored in 32 bits
    assert [(event.step, event.value) for event in scalars["train/loss"]] == [(10, 0.5), (20, 0.25)]
    status = events.Tensors("status/text_summary")[0].tensor_proto.string_val[0]
    assert status == b"complete"


@needs("wandb")
def test_wandb_offline(project: Path) -> None:
    process = start(project, "model=majority", "tracking=wandb")
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "wandb" not in output + errors
    (metrics,) = project.rglob("metrics.json")
    (path,) = (project / "runs" / ".tracking" / "wandb").glob("offline-run-*/run-*.wandb")
    records = list(wandb_records(path.read_bytes()))
    (run,) = [record.run for record in records if record.WhichOneof("record_type") == "run"]
    assert (run.display_name, run.run_group) == (name_of(metrics.parent), name_of(metrics.parents[1]))
    config = {item.key: item.value_json for item in run.config.update}
    assert (config["protocol.name"], config["seed"]) == ('"in_target"', "0")
    history = {
        item.nested_key[0]: json.loads(item.value_json) for record in records for item in record.history.item
    }
    for name, value in scores_of(metrics.parent).items():
        assert history[name] == pytest.approx(value), name
    assert [record.exit.exit_code for record in records if record.HasField("exit")] == [0]
    assert not run.host
    assert not run.git.remote_url
    assert not list(path.parent.rglob("requirements.txt"))


def wandb_records(content: bytes) -> Iterator[Any]:
    """Read a ``.wandb`` file: LevelDB's log format after seven bytes, protocol buffers within."""
    from wandb.proto.wandb_internal_pb2 import Record

    block, header = 32768, struct.Struct("<IHB")  # checksum, length, kind: whole, first, middle, last
    at, part = 7, b""
    while at + header.size <= len(content):
        if block - at % block < header.size:
            at += block - at % block
            continue
        _, length, kind = header.unpack_from(content, at)
        at += header.size
        part += content[at : at + length]
        at += length
        if kind in (1, 4):
            yield Record.FromString(part)
            part = b""

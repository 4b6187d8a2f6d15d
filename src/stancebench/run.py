"""One run from configuration to metrics: what ``train.py`` calls."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from stancebench.config import TrainConfig, build_config
from stancebench.dataset import Dataset
from stancebench.errors import UserError
from stancebench.files import write_atomically
from stancebench.fit import fit_and_predict
from stancebench.identity import identity, identity_hash, run_folder
from stancebench.predictions import read_predictions
from stancebench.protocol import PROTOCOLS, VERSIONS, Scored, load_data, load_folds
from stancebench.record import provenance, read_record, status_of, write_failure, write_record
from stancebench.tracking import Guard, require_tracker, scores_and_costs, tracked


class Plan(NamedTuple):
    """A run before it is run: its configuration, its folder, and what will happen there."""

    config: TrainConfig
    dataset: Dataset
    identity: dict[str, Any]
    folder: Path
    action: str

    @property
    def title(self) -> str:
        """How the run is named in messages."""
        return f"{self.config.model.title} seed={self.config.seed}"


#: What happens to a run that is there already, by ``on_existing`` and its status.
ACTIONS: dict[tuple[str, str], str] = {
    ("skip", "complete"): "skip",
    ("skip", "failed"): "leave failed",
    ("retry_failed", "complete"): "skip",
}


def plan(composed: Mapping[str, Any]) -> Plan:
    """Check a composed configuration and say what running it would do.

    Raises
    ------
    UserError
        Where the configuration or the data do not hold.
    """
    config = build_config(composed)
    require_tracker(config.tracking.name)
    dataset = load_data(config.dataset, config.protocol)
    data = {"examples": dataset.fingerprint, "contrast": dataset.contrast_fingerprint}
    if dataset.split:
        data["split"] = dataset.split_fingerprint
    own = identity(config, data, VERSIONS[config.protocol.name])
    folder = run_folder(config, dataset.name, identity_hash(own))
    action = ACTIONS.get((config.on_existing, status_of(folder)), "run")
    return Plan(config, dataset, own, folder, action)


def execute(composed: Mapping[str, Any]) -> Path:
    """Run what a composed configuration says, unless it is done already; return the run's folder.

    Raises
    ------
    UserError
        Where the run cannot be done, or failed before and ``on_existing=skip``.
    Exception
        What the model raises; its traceback is in ``failure.json`` by then.
    """
    planned = plan(composed)
    if planned.action == "skip":
        say(f"{planned.title}: complete already, in {planned.folder}")
        return planned.folder
    if planned.action == "leave failed":
        raise UserError(
            f"{planned.title} failed before: {planned.folder / 'failure.json'}",
            hint="mend the cause, then on_existing=retry_failed",
        )
    planned.folder.mkdir(parents=True, exist_ok=True)
    with _lock(planned.folder) as mine:
        if not mine:
            say(f"{planned.title}: another process is running it, in {planned.folder}; left to it")
        elif ACTIONS.get((planned.config.on_existing, status_of(planned.folder))) == "skip":
            say(f"{planned.title}: completed by another process, in {planned.folder}")
        else:
            _run(planned)
    return planned.folder


def say(message: str, folder: Path | None = None) -> None:
    """Tell the user something, on standard error, and keep it in the ``log.txt`` of a run's folder."""
    print(message, file=sys.stderr, flush=True)
    if folder:
        with (folder / "log.txt").open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {message}\n")


@contextmanager
def _lock(folder: Path) -> Iterator[bool]:
    """Hold the folder's lock, which the system frees when a process dies; false where it is held."""
    from filelock import FileLock, Timeout

    lock = FileLock(str(folder / ".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _run(planned: Plan) -> None:
    config, folder = planned.config, planned.folder
    content = {
        "identity": planned.identity,
        "config": config.model_dump(mode="json", exclude={"runs"}),  # where it lies is no part of it
        "dataset": {
            "name": planned.dataset.name,
            "fingerprint": planned.dataset.fingerprint,
            "contrast": planned.dataset.contrast_fingerprint,
        },
        "protocol": {"name": config.protocol.title, "version": VERSIONS[config.protocol.name]},
        "model": config.model.title,
        "seed": config.seed,
    }
    if config.on_existing == "overwrite":
        _clear(folder)
    (folder / "failure.json").unlink(missing_ok=True)
    say(f"{planned.title}: started", folder)
    try:
        with _tracker(planned, content) as tracker:
            folds = load_folds(planned.dataset, config.protocol)
            if not (folder / "predictions.parquet").is_file():
                fit_and_predict(config, planned.dataset, folds, folder, tracker.log)
            headline = _evaluate(folder, PROTOCOLS[config.protocol.name].scored)
            costs = json.loads((folder / "costs.json").read_text(encoding="utf-8"))
            write_record(folder, {**content, **costs})
            tracker.log(scores_and_costs(folder))
    except Exception as fault:
        write_failure(folder, fault, content)
        say(f"{planned.title}: failed, {type(fault).__name__}; see failure.json", folder)
        raise
    say(f"{planned.title}: {headline}\n  {folder}", folder)


#: What `on_existing=overwrite` removes, the record first.
FILES = ("run.json", "predictions.parquet", "metrics.json", "costs.json", "answers.jsonl", "history.jsonl")


def _clear(folder: Path) -> None:
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
    for name in ("model", "folds"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _tracker(planned: Plan, content: Mapping[str, Any]) -> AbstractContextManager[Guard]:
    details = {
        "data": content["dataset"],
        "protocol_version": content["protocol"]["version"],
        "git": provenance()["git"],
    }
    return tracked(planned.config, planned.folder, details, lambda line: say(line, planned.folder))


def rescore(folder: Path) -> str:
    """Compute a complete run's ``metrics.json`` anew from its predictions; return the headline.

    For runs that an earlier version scored, or that lost the file; the model is not needed.
    """
    protocol = read_record(folder)["config"]["protocol"]["name"]
    return _evaluate(folder, PROTOCOLS[protocol].scored)


def _evaluate(folder: Path, scored: Scored) -> str:
    """Score the predictions file, write ``metrics.json``, and return the headline."""
    from stancebench.scoring import headline, score_predictions

    content = score_predictions(read_predictions(folder / "predictions.parquet"), scored)
    write_atomically(folder / "metrics.json", json.dumps(content, indent=1) + "\n")
    return headline(content)

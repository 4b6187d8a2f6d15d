"""MLflow: an SQLite database of experiments, or the server that ``MLFLOW_TRACKING_URI`` names."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stancebench.config import TrackingConfig
from stancebench.tracking.interface import Status

#: How MLflow calls what a run ends in.
STATUS: dict[Status, str] = {"complete": "FINISHED", "failed": "FAILED"}
#: How many figures, and how many parameters, it takes at once.
METRICS_AT_ONCE, PARAMS_AT_ONCE = 1000, 100


class MlflowTracker:
    """One MLflow run in the experiment `settings.project`; the group is a tag."""

    def __init__(self, settings: TrackingConfig) -> None:
        self.project = settings.project

    def start(self, name: str, group: str, config: Mapping[str, Any], folder: Path) -> None:
        """Open the database, which the first run makes, and a run in it."""
        from filelock import FileLock

        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # both are read at the import
        os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
        from mlflow import MlflowClient
        from mlflow.entities import Param

        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "mlflow.lock"):  # two processes must not make the tables at once
            address = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{folder.resolve()}/mlflow.db"
            self.client = MlflowClient(tracking_uri=address)
            experiment = self._experiment()
        run = self.client.create_run(experiment, run_name=name, tags={"group": group})
        self.run_id = run.info.run_id
        params = [Param(_allowed(key), str(value)) for key, value in config.items()]
        for i in range(0, len(params), PARAMS_AT_ONCE):
            self.client.log_batch(self.run_id, params=params[i : i + PARAMS_AT_ONCE])

    def log(self, values: Mapping[str, float], step: int | None) -> None:
        """Add metrics; those of the whole run stand at step 0."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [Metric(_allowed(name), value, now, step or 0) for name, value in values.items()]
        for i in range(0, len(metrics), METRICS_AT_ONCE):
            self.client.log_batch(self.run_id, metrics=metrics[i : i + METRICS_AT_ONCE])

    def finish(self, status: Status) -> None:
        """Close the run."""
        self.client.set_terminated(self.run_id, STATUS[status])

    def _experiment(self) -> str:
        found = self.client.get_experiment_by_name(self.project)
        return str(found.experiment_id if found else self.client.create_experiment(self.project))


def _allowed(name: str) -> str:
    """Return a name with what MLflow takes in one: a table's targets may be called anything.

    Examples
    --------
    >>> _allowed("test/macro_f1/Who, me?")
    'test/macro_f1/Who_ me_'
    """
    return re.sub(r"[^\w/.\- ]", "_", name)[:250]

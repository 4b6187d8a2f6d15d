"""trackio: one SQLite file, no server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from stancebench.config import TrackingConfig
from stancebench.tracking.interface import Status


class TrackioTracker:
    """One run in the project `settings.project`, in the folder that ``TRACKIO_DIR`` names, or ours."""

    def __init__(self, settings: TrackingConfig) -> None:
        self.project = settings.project

    def start(self, name: str, group: str, config: Mapping[str, Any], folder: Path) -> None:
        """Open the file and a run in it."""
        os.environ.setdefault("TRACKIO_DIR", str(folder.resolve() / "trackio"))  # read at the import
        run = _local_run()
        self.run = run(url=None, client=None, project=self.project, name=name, group=group, config=config)

    def log(self, values: Mapping[str, float], step: int | None) -> None:
        """Hand figures to trackio, whose own thread writes them within a second."""
        self.run.log(dict(values), step=step)
        self._raise_faults()

    def finish(self, status: Status) -> None:
        """Wait until all is written; a failure is an alert on the run's page."""
        from trackio import AlertLevel

        with redirect_stdout(StringIO()):
            if status == "failed":
                self.run.alert("the run failed", "see failure.json in its folder", AlertLevel.ERROR)
            self.run.finish()
        self._raise_faults()

    def _raise_faults(self) -> None:
        if self.run.faults:
            raise OSError(self.run.faults[0])


def _local_run() -> Any:
    """Return trackio's class of runs, changed where it would ask a server or hide a fault."""
    import trackio

    class LocalRun(trackio.Run):  # type: ignore[misc]
        def __init__(self, **settings: Any) -> None:
            self.faults: list[str] = []
            super().__init__(**settings)

        def _get_username(self) -> None:
            """Say nothing: trackio would ask huggingface.co whose token lies on this machine."""

        def _warn_once(self, key: str, message: str) -> None:
            self.faults.append(message)

    return LocalRun

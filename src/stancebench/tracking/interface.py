"""What a tracker is: three calls, each of which may fail without harm to the run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

Status = Literal["complete", "failed"]


class Tracker(Protocol):
    """Where one run is reported to; made anew for each run, from its `TrackingConfig`."""

    def start(self, name: str, group: str, config: Mapping[str, Any], folder: Path) -> None:
        """Open the run.

        Parameters
        ----------
        name : str
            The run's folder below the folder of all runs.
        group : str
            The same without the seed: what the seeds of one model share.
        config : mapping
            The configuration, flat: ``model.params.C`` to its value.
        folder : Path
            Where trackers keep their files.
        """

    def log(self, values: Mapping[str, float], step: int | None) -> None:
        """Add figures by name, at a step of the training or, with ``None``, of the whole run."""

    def finish(self, status: Status) -> None:
        """Close the run."""

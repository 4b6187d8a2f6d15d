"""TensorBoard: event files, one folder a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stancebench.config import TrackingConfig
from stancebench.tracking.interface import Status


class TensorboardTracker:
    """Writes to ``tensorboard/NAME``; the configuration and the status are texts there."""

    def __init__(self, settings: TrackingConfig) -> None:
        self.settings = settings

    def start(self, name: str, group: str, config: Mapping[str, Any], folder: Path) -> None:
        """Open a file of events: a run that goes on after a kill adds one to the same folder."""
        from torch.utils.tensorboard import SummaryWriter

        self.writer: Any = SummaryWriter(folder / "tensorboard" / name)
        rows = "\n".join(f"| {key} | {value} |" for key, value in config.items())
        self.writer.add_text("configuration", f"| key | value |\n| --- | --- |\n{rows}")

    def log(self, values: Mapping[str, float], step: int | None) -> None:
        """Add scalars; those of the whole run stand at step 0."""
        for name, value in values.items():
            self.writer.add_scalar(name, value, step or 0)
        self.writer.flush()

    def finish(self, status: Status) -> None:
        """Write the status, and close the file."""
        self.writer.add_text("status", status)
        self.writer.close()

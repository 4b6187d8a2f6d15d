"""Weights & Biases: a folder a run, for ``wandb sync``, or with ``mode: online`` their server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stancebench.config import TrackingConfig
from stancebench.tracking.interface import Status


class WandbTracker:
    """One wandb run in the project `settings.project`, offline unless the settings say otherwise."""

    def __init__(self, settings: TrackingConfig) -> None:
        self.project, self.mode = settings.project, settings.mode or "offline"

    def start(self, name: str, group: str, config: Mapping[str, Any], folder: Path) -> None:
        """Open a run below ``wandb``, saying nothing of the machine, and nothing on the console."""
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # to wandb, of wandb's own crashes
        os.environ.setdefault("WANDB_SILENT", "true")  # also on where it found a key
        import wandb

        folder.mkdir(parents=True, exist_ok=True)
        discreet = wandb.Settings(
            init_timeout=30,  # seconds; a sweep meets a server that is down once a run
            console="off",
            host="",
            disable_code=True,
            disable_git=True,
            x_disable_meta=True,
            x_disable_stats=True,
            x_save_requirements=False,
        )
        self.run = wandb.init(
            project=self.project,
            name=name,
            group=group,
            config=dict(config),
            dir=folder,
            mode=self.mode,
            settings=discreet,
            reinit="create_new",  # a run before this one may be open still: it was dropped
        )
        self.run.define_metric("*", step_metric="step")

    def log(self, values: Mapping[str, float], step: int | None) -> None:
        """Add figures; the step is one of them, since wandb's own may never go back, and folds do."""
        self.run.log(dict(values) if step is None else {**values, "step": step})

    def finish(self, status: Status) -> None:
        """Close the run; online, wait until all is sent."""
        self.run.finish(exit_code=0 if status == "complete" else 1)

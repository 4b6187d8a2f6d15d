"""The trackers by name, and a run that is reported to one of them from its start to its end."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stancebench.config import TrackingConfig, TrainConfig
from stancebench.model.extras import look_for_extra
from stancebench.tracking.figures import flat
from stancebench.tracking.guard import Guard
from stancebench.tracking.interface import Tracker

#: Every tracker by the name that ``conf/tracking`` gives it, which is that of its package and extra.
TRACKERS = {
    "trackio": "stancebench.tracking.trackio:TrackioTracker",
    "mlflow": "stancebench.tracking.mlflow:MlflowTracker",
    "tensorboard": "stancebench.tracking.tensorboard:TensorboardTracker",
    "wandb": "stancebench.tracking.wandb:WandbTracker",
}


def require_tracker(name: str) -> None:
    """Look for a tracker's package, which is not imported yet.

    Raises
    ------
    UserError
        Where it is not installed, with the line that installs it.
    """
    if name in TRACKERS:
        look_for_extra(name, name)


@contextmanager
def tracked(
    config: TrainConfig, folder: Path, details: Mapping[str, Any], warn: Callable[[str], None]
) -> Iterator[Guard]:
    """Report what happens in the ``with`` block as one run; how it ends is how the block ends.

    Parameters
    ----------
    config : TrainConfig
        Whose `tracking` says where to.
    folder : Path
        The run's own; it gives the run its name.
    details : mapping
        What else to tell of it, such as the fingerprint of its data.
    warn : callable
        Told where the tracker fails.

    Yields
    ------
    Guard
        For its `log`.
    """
    runs = Path(config.runs)
    name = config.tracking.name
    tracker = Guard(_make(config.tracking), lambda line: warn(f"tracking={name}: {line}"))
    told = flat({**config.model_dump(mode="json", exclude={"runs"}), **details})
    tracker.start(
        folder.relative_to(runs).as_posix(),
        folder.parent.relative_to(runs).as_posix(),
        told,
        runs / ".tracking",
    )
    try:
        yield tracker
    except BaseException:
        tracker.finish("failed")
        raise
    tracker.finish("complete")


def _make(settings: TrackingConfig) -> Tracker | None:
    if settings.name == "none":
        return None
    module, _, attribute = TRACKERS[settings.name].partition(":")
    tracker: Tracker = getattr(importlib.import_module(module), attribute)(settings)
    return tracker

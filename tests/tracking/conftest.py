"""What the tests of the trackers share."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

#: By these a user sends runs elsewhere; the tests must not.
VARIABLES = ("MLFLOW_TRACKING_URI", "TRACKIO_DIR", "TRACKIO_STORAGE_MODE", "WANDB_MODE", "WANDB_API_KEY")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def start(project: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start ``train.py`` in the small project."""
    return subprocess.Popen(
        [sys.executable, "train.py", *arguments],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def scores_of(folder: Path) -> dict[str, float]:
    """What a tracker must hold of a run's test part, taken from ``metrics.json`` one by one."""
    rows = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["scores"]
    return {
        f"{row['part']}/{row['metric']}/{row['group']}": row["value"]
        for row in rows
        if row["value"] is not None
    }

"""What a run leaves behind: its record, written last, or the trace of its failure."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import subprocess
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from stancebench.files import write_atomically

SCHEMA_VERSION = 1
Status = Literal["complete", "failed", "unfinished", "absent"]
#: Packages whose versions can change a number.
PACKAGES = (
    "stancebench",
    "numpy",
    "scipy",
    "scikit-learn",
    "torch",
    "transformers",
    "accelerate",
    "datasets",
    "pyarrow",
    "syntok",
)


def status_of(folder: Path) -> Status:
    """Return how far the run in `folder` got; ``run.json`` means complete, whatever else is there."""
    if (folder / "run.json").is_file():
        return "complete"
    if (folder / "failure.json").is_file():
        return "failed"
    return "unfinished" if folder.is_dir() and any(folder.iterdir()) else "absent"


def read_record(folder: Path) -> dict[str, Any]:
    """Return the record of a complete run."""
    record: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return record


def write_record(folder: Path, content: Mapping[str, Any]) -> None:
    """Write ``run.json``, the last file of a run, with where and by what it was made."""
    record = {"schema_version": SCHEMA_VERSION, "status": "complete", **content, **provenance()}
    write_atomically(folder / "run.json", json.dumps(record, indent=2, default=str) + "\n")
    (folder / "failure.json").unlink(missing_ok=True)


def write_failure(folder: Path, fault: BaseException, content: Mapping[str, Any]) -> None:
    """Write ``failure.json``: the error, its traceback, and what was tried."""
    failure = {
        "schema_version": SCHEMA_VERSION,
        "status": "failed",
        "error": f"{type(fault).__name__}: {fault}",
        "traceback": traceback.format_exception(fault),
        **content,
        **provenance(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "failure.json", json.dumps(failure, indent=2, default=str) + "\n")


def provenance() -> dict[str, Any]:
    """Return commit, package versions and hardware; no paths, names or credentials."""
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": _git_state(),
        "packages": {"python": platform.python_version(), **_versions()},
        "hardware": {
            "machine": platform.machine(),
            "system": platform.system(),
            "cpus": os.cpu_count(),
            "gpu": _gpu(),
        },
    }


def restart_peak_memory() -> None:
    """Let the peak memory count from now, where the system can: on Linux."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory_mib() -> float:
    """Return the largest resident memory of this process, in MiB.

    On Linux since `restart_peak_memory`, elsewhere since the process began.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        (kib,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
        return round(int(kib) / 2**10, 1)
    except (OSError, ValueError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)


def _git_state() -> dict[str, Any]:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(Path(__file__).parent), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _gpu() -> str | None:
    torch = sys.modules.get("torch")
    return torch.cuda.get_device_name(0) if torch and torch.cuda.is_available() else None

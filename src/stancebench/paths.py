"""Where the project's files lie: the clone in which the user works."""

from __future__ import annotations

import os
from pathlib import Path

from stancebench.errors import UserError

_MARK = Path("data") / "targets.yaml"


def project_root() -> Path:
    """Return the folder that holds ``conf/``, ``data/`` and ``seeds/``.

    It is ``$STANCEBENCH_ROOT`` where set, else the nearest folder at or above the working
    directory with a ``data/targets.yaml``, else the clone that an editable install points to.

    Raises
    ------
    UserError
        Where there is none.
    """
    named = os.environ.get("STANCEBENCH_ROOT")
    here = Path.cwd()
    candidates = [Path(named)] if named else [here, *here.parents, Path(__file__).parents[2]]
    for folder in candidates:
        if (folder / _MARK).is_file():
            return folder
    raise UserError(
        f"no stancebench project at {candidates[0]} or above it ({_MARK} is missing)",
        hint="run the command inside a clone, or set STANCEBENCH_ROOT to one",
    )


def seeds_folder() -> Path:
    """Return the folder of the seed documents."""
    return project_root() / "seeds"


def targets_file() -> Path:
    """Return the list of targets."""
    return project_root() / _MARK


def contrast_file() -> Path:
    """Return the file of the contrast edits."""
    return project_root() / "data" / "contrast" / "edits.jsonl"


def annotations_folder() -> Path:
    """Return the folder of raw judgements, settlements and the manifest of documents."""
    return project_root() / "data" / "annotations"


def built_folder(dataset: str) -> Path:
    """Return the folder that `stancebench data build` writes a dataset to (git-ignored)."""
    return project_root() / "data" / "built" / dataset


def cache_folder(name: str) -> Path:
    """Return ``$STANCEBENCH_CACHE/NAME``, or ``~/.cache/stancebench/NAME``: what can be made anew."""
    named = os.environ.get("STANCEBENCH_CACHE")
    return (Path(named) if named else Path.home() / ".cache" / "stancebench") / name

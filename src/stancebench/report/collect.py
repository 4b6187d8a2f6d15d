"""Read complete runs and refuse to put together what cannot be compared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stancebench.errors import UserError
from stancebench.evaluate.scores import Score
from stancebench.record import read_record, status_of
from stancebench.scoring import SCHEMA_VERSION


@dataclass(frozen=True)
class Run:
    """A complete run: its record, its scores, its confusion counts by part and group."""

    folder: Path
    record: dict[str, Any]
    scores: list[Score]
    confusions: dict[str, dict[str, list[list[int]]]]

    @property
    def comparable(self) -> dict[str, Any]:
        """What runs in one table must share."""
        return {
            "dataset": self.record["dataset"]["name"],
            "data fingerprint": self.record["dataset"]["fingerprint"][:12],
            "contrast set": self.record["dataset"]["contrast"][:12],
            "protocol": self.record["protocol"]["name"],
            "protocol version": self.record["protocol"]["version"],
            "split": json.dumps(self.record["identity"]["protocol"], sort_keys=True),
            "record version": self.record["schema_version"],
        }

    @property
    def model(self) -> str:
        """The model's name in tables."""
        return str(self.record["model"])

    @property
    def settings(self) -> str:
        """The model's parameters, as text that two seeds of one model share."""
        return json.dumps(self.record["identity"]["model"], sort_keys=True)

    def score(self, metric: str, group: str, part: str = "test", fold: str = "") -> Score | None:
        """Return one score, or ``None`` where the run has no such part or fold."""
        wanted = (metric, part, group, fold)
        return next((s for s in self.scores if (s.metric, s.part, s.group, s.fold) == wanted), None)


def find_runs(folders: Iterable[Path]) -> list[Run]:
    """Return the complete runs at or below `folders`, ordered by folder.

    Raises
    ------
    UserError
        Where there is none, or one was scored by an earlier version.
    """
    return [_read_run(folder) for folder in run_folders(folders)]


def run_folders(folders: Iterable[Path]) -> list[Path]:
    """Return the folders of the complete runs at or below `folders`, sorted.

    Raises
    ------
    UserError
        Where there is none; unfinished and failed ones are counted.
    """
    found = sorted({path.parent for folder in folders for path in Path(folder).rglob("run.json")})
    if not found:
        names = ", ".join(map(str, folders))
        states = [status_of(Path(folder)) for folder in folders]
        raise UserError(
            f"no complete run in {names} ({', '.join(states)})",
            hint="train one first: python train.py model=svm",
        )
    return found


def _read_run(folder: Path) -> Run:
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    if metrics["schema_version"] != SCHEMA_VERSION:
        raise UserError(
            f"{folder}: scored by another version ({metrics['schema_version']}, now {SCHEMA_VERSION})",
            hint=f"stancebench rescore {folder} computes the figures anew from its predictions",
        )
    rows: list[dict[str, Any]] = [
        {k: float("nan") if v is None else v for k, v in row.items()} for row in metrics["scores"]
    ]
    scores = [Score(**row) for row in rows]
    return Run(folder, read_record(folder), scores, metrics["confusions"])


def require_comparable(runs: Sequence[Run]) -> None:
    """Refuse runs on different data or protocols.

    Raises
    ------
    UserError
        With everything that differs and the runs on each side.
    """
    problems = []
    for name in runs[0].comparable:
        sides: dict[Any, list[str]] = {}
        for run in runs:
            sides.setdefault(run.comparable[name], []).append(str(run.folder))
        if len(sides) > 1:
            problems += [f"{name} = {value}: {', '.join(where)}" for value, where in sides.items()]
    if problems:
        raise UserError(
            "these runs cannot stand in one table",
            problems,
            hint="name the run folders that belong together, or run the others anew",
        )


def by_protocol(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Group runs by protocol and dataset: each is a report of its own.

    A group has the protocol's name, with the dataset's after it where a protocol ran on several.
    """
    pairs = {(run.record["protocol"]["name"], run.record["dataset"]["name"]) for run in runs}
    protocols = [protocol for protocol, _ in pairs]
    groups: dict[str, list[Run]] = {}
    for run in runs:
        protocol, dataset = run.record["protocol"]["name"], run.record["dataset"]["name"]
        name = f"{protocol}-{dataset}" if protocols.count(protocol) > 1 else str(protocol)
        groups.setdefault(name, []).append(run)
    return groups


def by_model(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Group runs into models: one label and one set of parameters, several seeds.

    Two sets of parameters under one label are told apart by their first folder's hash.
    """
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.model, run.settings), []).append(run)
    labels = [label for label, _ in groups]
    named = {}
    for (label, _), members in groups.items():
        suffix = f" ({members[0].folder.name.rpartition('-')[2]})" if labels.count(label) > 1 else ""
        named[label + suffix] = members
    return named

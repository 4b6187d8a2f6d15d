"""Runs that can stand in one table, and what each fitted model of them answered."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from stancebench.evaluate.sample import Columns
from stancebench.report.collect import Run
from stancebench.report.models import Model, folds_apart, models_of


@dataclass(frozen=True)
class Setting:
    """Models that were trained and tested on the same, the best first: they stand in one table.

    `fold` is set where a protocol's folds are results of their own.
    """

    models: list[Model]
    fold: str = ""

    @property
    def first(self) -> Run:
        """A run that stands for all: data, protocol and split are the same."""
        return self.models[0].runs[0]

    @property
    def test(self) -> Columns:
        """The test part of a model's predictions: examples and gold are the same for all."""
        return self.models[0].repeats[0].part("test").columns

    @property
    def contrast(self) -> Columns:
        """The contrast part of the same predictions; it may be empty."""
        return self.models[0].repeats[0].part("contrast").columns


def find_settings(runs: Sequence[Run]) -> list[Setting]:
    """Return the settings of `runs`, those of in_target first.

    Examples
    --------
    >>> find_settings([])
    []
    """
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(json.dumps(run.comparable, sort_keys=True), []).append(run)
    settings = [
        Setting(models_of(members, fold), fold)
        for members in groups.values()
        for fold in folds_apart(members)
    ]
    return sorted(settings, key=_place)


def _place(setting: Setting) -> tuple[bool, list[tuple[int, str]], str]:
    """Return what settings are sorted by: few_shot-16 comes after few_shot-4."""
    comparable = setting.first.comparable
    parts = re.split(r"(\d+)", comparable["protocol"])
    natural = [(int(part), "") if part.isdigit() else (0, part) for part in parts]
    return comparable["protocol"] != "in_target", natural, comparable["dataset"]


def repeat_names(model: Model) -> list[str]:
    """Return a name for each of a model's repeats: the seed, and the draw where a run has several."""
    draws = len(model.repeats) // len(model.runs)
    return [
        f"seed {run.record['seed']}" + (f", draw {draw}" if draws > 1 else "")
        for run in model.runs
        for draw in range(1, draws + 1)
    ]


def digest_of(model: Model) -> str:
    """Return a SHA-256 that changes where any of a model's predictions does."""
    digest = hashlib.sha256(model.fold.encode())
    for run in model.runs:
        digest.update((run.folder / "predictions.parquet").read_bytes())
    return digest.hexdigest()

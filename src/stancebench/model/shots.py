"""The labelled examples of few-shot prompts: drawn from the training part, kept with the model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from stancebench.model.interface import Table
from stancebench.model.prompt import Fields, Prompt, Shot, fields_of, same_text
from stancebench.types import LABELS

#: Candidates by target, in the order in which they are shown.
Shots = dict[str, list[Shot]]
#: Whose candidates serve a target that the training part lacks.
ANY_TARGET = ""
_FILE = "shots.json"


def draw_shots(prompt: Prompt, X: Table, y: Sequence[str], seed: int) -> Shots:
    """Draw examples from the training part, as many of each label.

    A target's examples are its own; where it has too few of a label, and for a target that the
    training part lacks, those of the other targets step in. One more than the prompt shows is drawn
    of each label: it takes the place of an example that is the very sentence asked about.

    Parameters
    ----------
    prompt : Prompt
        Says how many of each label.
    X : table of n examples
        The training part.
    y : sequence of n label names
    seed : int
        Seed of the draws and of their order.

    Returns
    -------
    dict of str to list of Shot
        By target; `ANY_TARGET` for all others.
    """
    rows, targets, labels = fields_of(X), np.asarray(X["target"], dtype=object), np.asarray(y, dtype=object)
    generator = np.random.default_rng(seed)
    shots: Shots = {}
    for target in sorted({*targets, ANY_TARGET}) if prompt.shots else ():
        drawn: list[Shot] = []
        for label in LABELS:
            own = np.flatnonzero((labels == label) & (targets == target))
            others = np.flatnonzero((labels == label) & (targets != target))
            order = [*generator.permutation(own), *generator.permutation(others)]
            drawn += [Shot(label, row) for row in _first(prompt.shots + 1, (rows[i] for i in order))]
        shots[target] = [drawn[i] for i in generator.permutation(len(drawn))]
    return shots


def shots_for(shots: Shots, target: str) -> list[Shot]:
    """Return the candidates for a question about `target`."""
    return shots.get(target, shots.get(ANY_TARGET, []))


def save_shots(shots: Shots, folder: Path) -> None:
    """Write ``shots.json``."""
    (folder / _FILE).write_text(json.dumps(shots, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load_shots(folder: Path) -> Shots:
    """Read what `save_shots` wrote."""
    content = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    return {target: [Shot(*shot) for shot in drawn] for target, drawn in content.items()}


def _first(count: int, rows: Iterable[Fields]) -> list[Fields]:
    """Return the first `count` rows, no sentence twice."""
    found: dict[str, Fields] = {}
    for row in rows:
        if len(found) == count:
            break
        found.setdefault(same_text(row), row)
    return list(found.values())

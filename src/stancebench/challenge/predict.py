"""A saved model's predictions of the suite, one file for each perturbation until all are there."""

from __future__ import annotations

import shutil
from pathlib import Path

from stancebench.challenge.suite import Suite
from stancebench.fit import table_for
from stancebench.model.inputs import restrict
from stancebench.model.interface import answers_of
from stancebench.predictions import as_rows, join_predictions, write_predictions
from stancebench.saved import SavedModel


def predict_suite(model: SavedModel, suite: Suite, fold: str, folder: Path, key: str) -> None:
    """Write ``predictions.parquet`` to `folder`, with the name of the perturbation as ``part``.

    A perturbation whose predictions are on disk under the same `key`, which tells the suite and the
    model, is not predicted again when a killed call goes on. Progress is shown on standard error where
    that is a terminal.
    """
    from rich.console import Console
    from rich.progress import track

    pieces = folder / f"pieces-{key}"
    pieces.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    paths = []
    for name in track(suite.parts, "challenge suite", console=console, disable=not console.is_terminal):
        paths.append(pieces / f"{name}.parquet")
        if not paths[-1].is_file():
            _predict_part(model, suite, name, fold, paths[-1])
    join_predictions(paths, folder / "predictions.parquet")
    for left in folder.glob("pieces-*"):
        shutil.rmtree(left)


def _predict_part(model: SavedModel, suite: Suite, name: str, fold: str, path: Path) -> None:
    examples = suite.parts[name]
    # Under their originals' ids, so that an input variant draws for them what it drew for those.
    shown = restrict(examples, model.config.input, model.seed)
    said = answers_of(model.model, table_for(model.model, shown))
    write_predictions(as_rows(fold, name, examples, said.labels, said.probabilities), path)

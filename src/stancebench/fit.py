"""Fit a model on each fold's training part and write down what it says of the other parts."""

from __future__ import annotations

import inspect
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from stancebench.config import TrainConfig
from stancebench.dataset import Dataset
from stancebench.files import write_atomically
from stancebench.model.inputs import restrict
from stancebench.model.interface import Progress, answers_of
from stancebench.predictions import PREDICTED, as_rows, join_predictions, write_predictions
from stancebench.protocol import PARTS
from stancebench.record import peak_memory_mib, restart_peak_memory
from stancebench.saved import save_model
from stancebench.types import Examples, Fold

#: Takes figures by name and the step that they belong to: a tracker, where there is one.
Log = Callable[[Mapping[str, float], int], None]


def fit_and_predict(
    config: TrainConfig, dataset: Dataset, folds: Sequence[Fold], folder: Path, log: Log
) -> None:
    """Fit and predict fold by fold; write ``predictions.parquet`` and ``costs.json`` to `folder`.

    Raw outputs go to ``answers.jsonl``, what a model told while it trained to ``history.jsonl`` and
    `log`, and the fitted models to ``model/``, where there are such. A fold that is complete is on
    disk and is not fitted again when a killed run goes on.
    """
    done = [folder / "folds" / fold.name for fold in folds]
    for fold, place in zip(folds, done, strict=True):
        if not (place / "costs.json").is_file():
            place.mkdir(parents=True, exist_ok=True)
            progress = _recorder(fold.name, len(folds), place / "history.jsonl", log)
            _one_fold(config, dataset, fold, folder, place, progress)
    for name in ("answers.jsonl", "history.jsonl"):
        lines = [(place / name).read_text(encoding="utf-8") for place in done if (place / name).is_file()]
        if lines:
            write_atomically(folder / name, "".join(lines))
    costs = [json.loads((place / "costs.json").read_text(encoding="utf-8")) for place in done]
    write_atomically(folder / "costs.json", json.dumps(_total(costs)) + "\n")
    join_predictions([place / "predictions.parquet" for place in done], folder / "predictions.parquet")
    shutil.rmtree(folder / "folds")


def _recorder(fold: str, folds: int, history: Path, log: Log) -> Progress:
    """Return what writes the progress of a fold's training to its history, and logs it."""
    prefix = f"{fold}/train" if folds > 1 else "train"

    def record(figures: Mapping[str, float], step: int) -> None:
        with history.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"fold": fold, "step": step, **figures}) + "\n")
        log({f"{prefix}/{name}": value for name, value in figures.items()}, step)

    return record


def _one_fold(
    config: TrainConfig, dataset: Dataset, fold: Fold, folder: Path, place: Path, progress: Progress
) -> None:
    """Fit on one fold and write its predictions, raw outputs and, last, its costs to `place`."""
    parts = {name: dataset.part(fold, name) for name in (*PARTS, "contrast")}
    shown = {name: restrict(part, config.model.input, config.seed) for name, part in parts.items()}
    model = config.model.build(config.seed)
    restart_peak_memory()
    began = time.perf_counter()
    checkpoints = folder / f"checkpoints-{fold.name}"
    fit_model(model, shown["train"], shown["validation"], checkpoints, progress)
    fit_seconds = time.perf_counter() - began
    if config.keep_model:
        save_model(model, config.model, config.seed, dataset.targets, folder / "model" / fold.name)
    began = time.perf_counter()
    rows: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for part in PREDICTED:
        if len(shown[part]):
            said = answers_of(model, table_for(model, shown[part]))
            rows += as_rows(fold.name, part, parts[part], said.labels, said.probabilities)
            answers += [{"fold": fold.name, "part": part, **row} for row in getattr(model, "answers_", ())]
    costs = _costs(model, fold.name, fit_seconds, time.perf_counter() - began)
    write_predictions(rows, place / "predictions.parquet")
    if answers:
        write_atomically(place / "answers.jsonl", "".join(json.dumps(row) + "\n" for row in answers))
    write_atomically(place / "costs.json", json.dumps(costs) + "\n")


def untold(figures: Mapping[str, float], step: int) -> None:
    """Be a `Progress` that nobody listens to."""


def fit_model(
    model: Any, train: Examples, validation: Examples, folder: Path, progress: Progress = untold
) -> None:
    """Fit a model on the training part, with what its ``fit`` takes beside that."""
    takes = inspect.signature(model.fit).parameters
    extra: dict[str, Any] = {}
    if "validation" in takes and len(validation):
        extra["validation"] = (table_for(model, validation), list(validation["label"]))
    if "folder" in takes:
        extra["folder"] = folder
    if "progress" in takes:
        extra["progress"] = progress
    model.fit(table_for(model, train), list(train["label"]), **extra)


def table_for(model: Any, examples: Examples) -> Any:
    """Return what `model` reads: a pandas frame, unless it says that plain columns do."""
    return examples if getattr(model, "takes_columns", False) else examples.to_pandas()


def _costs(model: Any, fold: str, fit_seconds: float, predict_seconds: float) -> dict[str, Any]:
    return {
        "fold": fold,
        "fit_seconds": fit_seconds,
        "predict_seconds": predict_seconds,
        "peak_memory_mib": peak_memory_mib(),
        "parameters": model.parameter_count() if hasattr(model, "parameter_count") else None,
        "usage": dict(model.usage()) if hasattr(model, "usage") else {},
    }


def _total(costs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the costs of a run: sums over its folds, the largest memory, and each fold's own."""
    usage: dict[str, float] = {}
    for fit in costs:
        for name, amount in fit["usage"].items():
            usage[name] = usage.get(name, 0) + amount
    return {
        "fit_seconds": sum(fit["fit_seconds"] for fit in costs),
        "predict_seconds": sum(fit["predict_seconds"] for fit in costs),
        "peak_memory_mib": max(fit["peak_memory_mib"] for fit in costs),
        "parameters": costs[-1]["parameters"],
        "usage": usage,
        "fits": list(costs),
    }

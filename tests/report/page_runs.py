"""A small table of sentences, and runs of models whose answers are known, for the tests of the page."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from stancebench.config import DatasetConfig
from stancebench.dataset.table import read_table
from stancebench.predictions import read_predictions, write_predictions
from stancebench.report.collect import Run, find_runs
from stancebench.scoring import score_predictions
from stancebench.types import LABELS

#: Texts that a careless page would run, draw as HTML, or break at.
HOSTILE = (
    "</script><script>document.title = 'run'</script>",
    "<b>bold</b> & <img src=x onerror=\"document.title='run'\">",
    'it\'s "quoted" \\ back\u2028separated\u2029 <!-- comment',
)
Row = dict[str, str]
#: From an example to its predicted label (None: unscored) and its probabilities (None: there are none).
Answer = Callable[[Row], tuple[str | None, Sequence[float] | None]]


def write_table(path: Path) -> list[Row]:
    """Write 24 examples: six documents of two genres, two sentences each, for two targets.

    Of each target 3 are against, 6 none and 3 favor, half of each in each genre but for the odd ones.
    """
    rows = []
    for i in range(24):
        sentence, target = divmod(i, 2)
        label = ("none", "against", "none", "favor")[sentence % 4]
        text = HOSTILE[sentence] if sentence < len(HOSTILE) else f"Sentence {sentence} is on peace."
        document = f"d{sentence // 2}"
        rows.append(
            {
                "example_id": f"{document}:{sentence}:{target}",
                "document_id": document,
                "genre": ("letters", "speech")[sentence // 2 % 2],
                "target": ("troops", "guarantee")[target],
                "text": text,
                "context": f"What was said before {sentence}.",
                "label": label,
            }
        )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return rows


def gold(row: Row) -> tuple[str, Sequence[float]]:
    """Always right, and sure of it."""
    return row["label"], [0.9 if label == row["label"] else 0.05 for label in LABELS]


def none(row: Row) -> tuple[str, Sequence[float]]:
    """Always ``none``."""
    return "none", [0.2, 0.5, 0.3]


def silent(row: Row) -> tuple[str | None, None]:
    """Right where it answers; it has no answer for document d0, and no probabilities."""
    return (None if row["document_id"] == "d0" else row["label"]), None


def write_run(
    runs: Path,
    table: Path,
    rows: Sequence[Row],
    model: str,
    seed: int,
    answers: dict[str, Answer],
    **protocol: Any,
) -> Path:
    """Write a complete run on the table, with the answers of each fold, and return its folder."""
    settings = {
        "name": "in_target",
        "split_seed": 0,
        "shares": {"train": 0.6, "validation": 0.2, "test": 0.2},
    }
    settings |= protocol
    title = settings["name"] + (f"-{settings['k']}" if "k" in settings else "")
    scored = {"few_shot": "averaged", "learning_curve": "apart"}.get(settings["name"], "together")
    dataset = {"name": "table", "path": str(table), "label": table.stem}
    fingerprint = read_table(DatasetConfig.model_validate(dataset)).fingerprint
    folder = runs / table.stem / title / model / f"seed{seed}-0000000{seed}"
    folder.mkdir(parents=True)
    lines = [_line(row, fold, answer) for fold, answer in answers.items() for row in rows]
    write_predictions(lines, folder / "predictions.parquet")
    scores = score_predictions(read_predictions(folder / "predictions.parquet"), scored)  # type: ignore[arg-type]
    (folder / "metrics.json").write_text(json.dumps(scores), encoding="utf-8")
    record = {
        "schema_version": 1,
        "identity": {"protocol": settings, "model": {"name": model, "input": "full"}},
        "config": {"dataset": dataset, "protocol": settings},
        "dataset": {"name": table.stem, "fingerprint": fingerprint, "contrast": ""},
        "protocol": {"name": title, "version": 1},
        "model": model,
        "seed": seed,
        "fit_seconds": 1.5 + seed,
        "predict_seconds": 0.5,
        "peak_memory_mib": 100.0,
        "parameters": None,
        "finished": "2026-11-26T05:57:59+00:00",
        "git": {"commit": "37edbcba7fbe", "dirty": seed == 1},
        "packages": {"python": "3.11.7"},
        "hardware": {"machine": "x86_64", "system": "Linux", "cpus": 2, "gpu": None},
    }
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def _line(row: Row, fold: str, answer: Answer) -> dict[str, Any]:
    predicted, probabilities = answer(row)
    shares = probabilities or [None] * len(LABELS)
    return {
        "fold": fold,
        "part": "test",
        **{name: row[name] for name in ("example_id", "document_id", "target")},
        "original_id": None,
        "gold": row["label"],
        "predicted": predicted,
        **dict(zip((f"p_{label}" for label in LABELS), shares, strict=True)),
    }


def small_runs(folder: Path) -> list[Run]:
    """Return four runs of three models: ``mixed`` is right with seed 0 and says ``none`` with seed 1."""
    table = folder / "mine.csv"
    rows = write_table(table)
    for model, seed, answer in (
        ("mixed", 0, gold),
        ("mixed", 1, none),
        ("floor", 0, none),
        ("silent", 0, silent),
    ):
        write_run(folder / "runs", table, rows, model, seed, {"all": answer})
    return find_runs([folder / "runs"])

"""Runs made of chosen predictions, without a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from stancebench.evaluate.scores import Score
from stancebench.predictions import as_rows, read_predictions, write_predictions
from stancebench.protocol import PROTOCOLS
from stancebench.report.collect import Run
from stancebench.scoring import SCHEMA_VERSION, score_predictions
from stancebench.types import LABELS, Examples

#: Predictions of one part: the label of each of its examples, ``None`` for unscored.
Labels = Sequence[str | None]


def examples(part: str, n: int, targets: Sequence[str] = ("t0", "t1")) -> Examples:
    """Examples, three to a document, of all labels and targets in turn."""
    return Examples(
        {
            "example_id": [f"{part}-{i}" for i in range(n)],
            "document_id": [f"{part}-d{i // 3:02d}" for i in range(n)],
            "target": [targets[i % len(targets)] for i in range(n)],
            "label": [LABELS[i % 3] for i in range(n)],
        }
    )


def right_and_wrong(n: int, wrong_every: int) -> list[str | None]:
    """Right predictions for `examples`, but for each `wrong_every`-th one."""
    return [LABELS[(i + (i % wrong_every == 0)) % 3] for i in range(n)]


def made_run(
    folder: Path,
    label: str,
    predicted: Mapping[str, Mapping[str, Labels]],
    seed: int = 0,
    sure: float = 0.8,
    model: str = "linear",
    protocol: str = "in_target",
    k: int | None = None,
    targets: Sequence[str] = ("t0", "t1"),
) -> Run:
    """Return a complete run with these predictions by fold and part.

    `sure` is the probability of each predicted label; NaN for a model without any.
    """
    rows = []
    for fold, parts in predicted.items():
        for part, labels in parts.items():
            table = np.array(
                [[sure if label == own else (1 - sure) / 2 for own in LABELS] for label in labels]
            )
            table[[label is None for label in labels]] = np.nan
            rows += as_rows(fold, part, examples(part, len(labels), targets), labels, table)
    name = f"{protocol}-{k}" if k else protocol
    own = folder / name / label / f"seed{seed}-made"
    own.mkdir(parents=True)
    write_predictions(rows, own / "predictions.parquet")
    scored = score_predictions(read_predictions(own / "predictions.parquet"), PROTOCOLS[protocol].scored)
    scores = [Score(**{k: np.nan if v is None else v for k, v in row.items()}) for row in scored["scores"]]
    record = {
        "schema_version": SCHEMA_VERSION,
        "model": label,
        "seed": seed,
        "dataset": {"name": "made", "fingerprint": "f" * 64, "contrast": ""},
        "protocol": {"name": name, "version": 1},
        "config": {"protocol": {"name": protocol, "k": k}},
        "identity": {
            "protocol": {"name": protocol, "k": k},
            "model": {"name": model, "input": "full", "params": label},
        },
    }
    return Run(own, record, scores, scored["confusions"])

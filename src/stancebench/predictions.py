"""The predictions file: everything to its right is computed from it alone."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from stancebench.errors import UserError
from stancebench.types import LABELS, SHARE_COLUMNS, Examples

#: Parts that predictions are made for; the test part and its contrast edits once, at the end.
PREDICTED = ("validation", "test", "contrast")
#: Columns of ``predictions.parquet``; `predicted` is null where a model gave no usable answer, and
#: `original_id` everywhere but in the contrast part.
COLUMNS: tuple[str, ...] = (
    "fold",
    "part",
    "example_id",
    "document_id",
    "original_id",
    "target",
    "gold",
    "predicted",
    *(f"p_{label}" for label in LABELS),
)
#: Columns of numbers. Of them the vote shares of the raw judgements are null where they are not known,
#: and whole columns are missing from files that were written before there were any.
_NUMBERS = (*(f"p_{label}" for label in LABELS), *SHARE_COLUMNS)


class Predictions(NamedTuple):
    """Predictions by column, each of n values."""

    columns: dict[str, np.ndarray]

    def part(self, part: str) -> Predictions:
        """Return the rows of ``validation``, ``test`` or ``contrast``."""
        mask = self.columns["part"] == part
        return Predictions({name: values[mask] for name, values in self.columns.items()})

    def by_fold(self) -> dict[str, Predictions]:
        """Return the rows of each fold, in the order in which the folds stand in the file."""
        return {
            str(fold): Predictions({n: v[self.columns["fold"] == fold] for n, v in self.columns.items()})
            for fold in dict.fromkeys(self.columns["fold"])
        }

    def __getitem__(self, column: Any) -> Any:
        return self.columns[column]


def as_rows(
    fold: str,
    part: str,
    examples: Examples,
    predicted: Sequence[str | None] | np.ndarray,
    probabilities: np.ndarray,
) -> list[dict[str, Any]]:
    """Return one row per example of a part, with its gold label and what was predicted.

    A probability that is NaN (a model without any, an unscored example) becomes ``None``.
    """
    rows = []
    for i, example in enumerate(examples.rows()):
        row = {name: example[name] for name in ("example_id", "document_id", "target")}
        row |= {name: example.get(name) for name in ("original_id", *SHARE_COLUMNS)}
        row |= {"fold": fold, "part": part, "gold": example["label"], "predicted": predicted[i]}
        for label, p in zip(LABELS, probabilities[i], strict=True):
            row[f"p_{label}"] = None if np.isnan(p) else float(p)
        rows.append(row)
    return rows


def write_predictions(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write rows as Parquet, whole or not at all.

    Raises
    ------
    ValueError
        Where a label is not one of `LABELS`, or an example is predicted twice in a fold and part.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import json as arrow_json

    table = {name: [row[name] for row in rows] for name in COLUMNS}
    table |= {name: [row.get(name) for row in rows] for name in SHARE_COLUMNS}
    unknown = {*table["gold"], *table["predicted"]} - {*LABELS, None}
    if unknown or None in table["gold"]:
        raise ValueError(f"labels outside {LABELS}: {unknown or 'a gold label is missing'}")
    keys = set(zip(table["fold"], table["part"], table["example_id"], strict=True))
    if len(keys) < len(rows):
        raise ValueError("an example is predicted twice in one fold and part")
    schema = pa.schema([(name, pa.float64() if name in _NUMBERS else pa.string()) for name in table])
    lines = "".join(
        json.dumps(dict(zip(table, row, strict=True))) + "\n" for row in zip(*table.values(), strict=True)
    )
    # Through JSON, since building a table from Python lists imports pandas: 1.7 s of CPU.
    options = arrow_json.ParseOptions(explicit_schema=schema)
    partial = path.with_suffix(".partial")
    arrow = arrow_json.read_json(io.BytesIO(lines.encode()), parse_options=options)
    pq.write_table(arrow, partial, compression="zstd")
    partial.replace(path)


def join_predictions(parts: Sequence[Path], path: Path) -> None:
    """Put the predictions files of several folds into one, whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    partial = path.with_suffix(".partial")
    # An older part, of a run that was killed, may lack the vote shares: they are null there.
    joined = pa.concat_tables([pq.ParquetFile(part).read() for part in parts], promote_options="default")
    pq.write_table(joined, partial, compression="zstd")
    partial.replace(path)


def read_predictions(path: Path) -> Predictions:
    """Read a predictions file; numbers that are null, and vote shares that it lacks, are NaN.

    Raises
    ------
    UserError
        Where the file is missing or lacks a column.
    """
    import pyarrow.parquet as pq

    if not path.is_file():
        raise UserError(f"{path}: no predictions", hint="the run is not complete: run it again")
    table = pq.ParquetFile(path).read()  # pq.read_table would import pandas: 1.7 s
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise UserError(f"{path}: no column {', '.join(missing)}", hint="run it again")
    columns = {}
    for name in (*COLUMNS, *SHARE_COLUMNS):
        known = name in table.column_names
        values = table.column(name).to_pylist() if known else [None] * len(table)
        array = np.empty(len(values), dtype=float if name in _NUMBERS else object)
        array[:] = values
        columns[name] = array
    return Predictions(columns)

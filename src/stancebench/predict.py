"""Label texts with a saved model: single sentences, tables, lines of standard input."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stancebench.dataset.table import read_rows
from stancebench.errors import UserError, raise_if
from stancebench.files import write_atomically
from stancebench.saved import SavedModel
from stancebench.types import LABELS

#: Rows that are labelled between two steps of the progress bar.
CHUNK = 1_000


def rows_of(texts: Sequence[str], targets: Sequence[str]) -> list[dict[str, Any]]:
    """Return one row for each text and target.

    Examples
    --------
    >>> rows_of(["Yes."], ["a", "b"])
    [{'text': 'Yes.', 'target': 'a'}, {'text': 'Yes.', 'target': 'b'}]
    """
    return [{"text": text, "target": target} for text in texts for target in targets]


def rows_of_file(path: Path, targets: Sequence[str]) -> list[dict[str, Any]]:
    """Read a CSV or Parquet file with a column ``text`` and, where no `targets` are given, ``target``.

    Raises
    ------
    UserError
        Where the file cannot be read, lacks a column, or has empty cells, with their lines.
    """
    required = ("text",) if targets else ("text", "target")
    rows = read_rows(path, required)
    empty = [
        f"{path}:{number}: empty {name}"
        for number, row in rows.items()
        for name in required
        if not str(row[name] or "").strip()
    ]
    raise_if(empty, f"{path}: {len(empty)} empty cells", "fill them in, or leave the rows out")
    if not targets:
        return list(rows.values())
    return [{**row, "target": target} for row in rows.values() for target in targets]


def label_rows(model: SavedModel, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with ``label`` and ``p_against``, ``p_none``, ``p_favor``.

    They are empty (``None``) where the model gave no usable answer. Progress is shown on standard
    error where that is a terminal.
    """
    from rich.console import Console
    from rich.progress import track

    labelled: list[dict[str, Any]] = []
    console = Console(stderr=True)
    starts = range(0, len(rows), CHUNK)
    quiet = len(starts) < 2 or not console.is_terminal
    for start in track(starts, "labelling", console=console, disable=quiet):
        chunk = rows[start : start + CHUNK]
        said = model.answers(
            [str(row["text"]) for row in chunk],
            [str(row["target"]) for row in chunk],
            [str(row.get("context") or "") for row in chunk],
        )
        for row, label, probabilities in zip(chunk, *said, strict=True):
            shares = [None if p != p else round(float(p), 6) for p in probabilities]
            labelled.append(
                {**row, "label": label, **dict(zip(map("p_{}".format, LABELS), shares, strict=True))}
            )
    return labelled


def write_rows(rows: Sequence[Mapping[str, Any]], output: Path | None) -> str:
    """Write rows to `output` (``.parquet``, else CSV), whole or not at all; return CSV where it is None.

    Raises
    ------
    UserError
        Where the folder does not exist.
    """
    import pandas as pd

    frame = pd.DataFrame(list(rows))
    if output is None:
        text = io.StringIO()
        frame.to_csv(text, index=False, lineterminator="\n")
        return text.getvalue()
    if not output.parent.is_dir():
        raise UserError(f"--output: {output.parent}: no such folder", hint="make it first")
    if output.suffix == ".parquet":
        partial = output.with_suffix(".partial")
        frame.to_parquet(partial, index=False)
        partial.replace(output)
    else:
        write_atomically(output, frame.to_csv(index=False, lineterminator="\n"))
    return ""

"""A researcher's own data: a CSV or Parquet with columns text, target, label."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancebench.dataset.record import CONTRAST_COLUMNS, Dataset, fingerprint
from stancebench.errors import UserError, raise_if
from stancebench.types import EXAMPLE_COLUMNS, LABELS, Examples, Target

if TYPE_CHECKING:
    from stancebench.config import DatasetConfig

REQUIRED = ("text", "target", "label")
PARTS = ("train", "validation", "test")


def read_table(config: DatasetConfig) -> Dataset:
    """Read the table that ``dataset.path`` names.

    Labels are compared without case, after ``dataset.labels`` has renamed them. Rows without a
    ``document_id`` are grouped by their text, so that one text never stands in two parts.

    Raises
    ------
    UserError
        With every fault at once: missing columns, unknown labels and parts, empty texts, bad
        encodings, repeated ids, each with its row (the header is row 1 of a CSV).
    """
    if not config.path:
        raise UserError("dataset=table needs a file", hint="add dataset.path=FILE (CSV or Parquet)")
    path = Path(config.path)
    rows = read_rows(path, REQUIRED)
    examples, split = _checked(rows, path, config.labels or {})
    targets = dict.fromkeys(examples["target"])
    return Dataset(
        name=config.label or path.stem,
        examples=examples,
        contrast=Examples({name: [] for name in CONTRAST_COLUMNS}),
        fingerprint=fingerprint(examples),
        targets=tuple(Target(t, t.replace("_", " "), t.replace("_", " "), "", "") for t in targets),
        splits_folder=path.parent / f"{path.stem}.splits",
        split=split,
    )


def read_rows(path: Path, required: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Read a CSV (UTF-8, with a header) or Parquet file and return its rows by line or row number.

    Raises
    ------
    UserError
        Where there is no such file, it cannot be read, or it lacks a `required` column.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file", hint="check the path")
    names, rows = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    missing = [name for name in required if name not in names]
    if missing:
        raise UserError(
            f"{path}: no column {', '.join(missing)} (found: {', '.join(map(str, names))})",
            hint=f"the table needs {', '.join(required)}",
        )
    return rows


def _read_parquet(path: Path) -> tuple[list[str], dict[int, dict[str, Any]]]:
    import pyarrow
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
    except pyarrow.ArrowInvalid as fault:
        raise UserError(f"{path}: not a Parquet file ({fault})", hint="check the file") from None
    return table.column_names, dict(enumerate(table.to_pylist(), start=1))


def _read_csv(path: Path) -> tuple[list[str], dict[int, dict[str, Any]]]:
    lines = path.read_bytes().split(b"\n")
    problems = []
    for number, line in enumerate(lines, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as fault:
            problems.append(f"{path}:{number}: not UTF-8 (byte {fault.start} of the line)")
    raise_if(problems, f"{path}: bad encoding", "convert it: iconv -f WINDOWS-1252 -t UTF-8")
    reader = csv.DictReader(io.StringIO(b"\n".join(lines).decode("utf-8-sig"), newline=""))
    rows = {}
    for row in reader:
        rows[reader.line_num] = row
    return list(reader.fieldnames or []), rows


def _checked(
    rows: Mapping[int, dict[str, Any]], path: Path, rename: Mapping[str, str]
) -> tuple[Examples, dict[str, str]]:
    names = {str(k).casefold(): v for k, v in rename.items()}
    columns: dict[str, list[Any]] = {name: [] for name in EXAMPLE_COLUMNS}
    split: dict[str, str] = {}
    problems = []
    seen: dict[str, int] = {}
    for number, row in rows.items():
        place = f"{path}:{number}"
        values = {k: ("" if v is None else str(v)).strip() for k, v in row.items() if k}
        said = values["label"].casefold()
        label = names.get(said, said)
        example_id = values.get("example_id") or f"row-{number}"
        if label not in LABELS:
            problems.append(f"{place}: unknown label {values['label']!r} (known: {', '.join(LABELS)})")
        problems += [f"{place}: empty {name}" for name in ("text", "target") if not values[name]]
        if example_id in seen:
            problems.append(f"{place}: example_id {example_id!r} stands in row {seen[example_id]} too")
        seen[example_id] = number
        if "split" in values:
            part = {"dev": "validation", "val": "validation"}.get(values["split"], values["split"])
            if part not in PARTS:
                problems.append(f"{place}: unknown split {values['split']!r} (known: {', '.join(PARTS)})")
            split[example_id] = part
        text_id = hashlib.sha256(values["text"].encode()).hexdigest()[:12]
        filled = {
            "example_id": example_id,
            "sentence_id": text_id,
            "document_id": values.get("document_id") or text_id,
            "genre": values.get("genre", ""),
            "target": values["target"],
            "text": values["text"],
            "context": values.get("context", ""),
            "label": label,
            "holder": "",
            "tags": [],
        }
        for name, value in filled.items():
            columns[name].append(value)
    if not rows:
        problems.append(f"{path}: no rows")
    raise_if(
        problems,
        f"{path}: {len(problems)} faults in {len(rows)} rows",
        "mend the rows; labels of another name are mapped with dataset.labels={support: favor, …}",
    )
    return Examples(columns), split

"""A dataset in memory, its fingerprint, and its Parquet file with named labels."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stancebench.errors import UserError
from stancebench.types import EXAMPLE_COLUMNS, LABELS, SHARE_COLUMNS, Examples, Fold, Target

#: Columns of ``contrast.parquet``.
CONTRAST_COLUMNS = (*EXAMPLE_COLUMNS, "original_id", "original_label")
#: What of an example a model or a score can depend on.
_FINGERPRINTED = ("example_id", "document_id", "target", "text", "context", "label")


@dataclass(frozen=True)
class Dataset:
    """Labelled examples with the name and fingerprint under which results are filed.

    `contrast` are edits of examples, with the columns `CONTRAST_COLUMNS`; their `original_id` is the
    example that they are made from. `split` maps example ids to ``train``, ``validation`` or ``test``
    where the data came with a split of their own, else it is empty. `splits_folder` is where made
    splits are kept.
    """

    name: str
    examples: Examples
    contrast: Examples
    fingerprint: str
    targets: tuple[Target, ...]
    splits_folder: Path
    split: dict[str, str]

    @property
    def contrast_fingerprint(self) -> str:
        """Fingerprint of the contrast set; empty where there is none."""
        return fingerprint(self.contrast) if len(self.contrast) else ""

    @property
    def split_fingerprint(self) -> str:
        """Fingerprint of the split that the data came with; empty where there is none."""
        rows = "\n".join(f"{example_id} {part}" for example_id, part in sorted(self.split.items()))
        return hashlib.sha256(rows.encode()).hexdigest() if rows else ""

    def part(self, fold: Fold, name: str) -> Examples:
        """Return a part of a fold with the wording of its targets, as models read it."""
        source = self.contrast if name == "contrast" else self.examples
        examples = source.select(getattr(fold, name))
        wording = {target.id: target for target in self.targets}
        columns: dict[str, Any] = dict(examples.columns)
        columns["target_name"] = [wording[t].name for t in examples["target"]]
        columns["target_definition"] = [wording[t].definition for t in examples["target"]]
        return Examples(columns)


def fingerprint(examples: Examples) -> str:
    """Return a SHA-256 over the content of the examples, whatever their order and file format.

    Examples
    --------
    >>> row = dict(example_id=["e"], document_id=["d"], target=["t"], text=["x"], context=[""])
    >>> fingerprint(Examples({**row, "label": ["favor"]}))[:8]
    '7e40d379'
    """
    rows = sorted(json.dumps([row[c] for c in _FINGERPRINTED]) for row in examples.rows())
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def label_counts(examples: Examples) -> dict[str, dict[str, int]]:
    """Return how many examples each target has of each label."""
    counts = Counter(zip(examples["target"], examples["label"], strict=True))
    targets = dict.fromkeys(examples["target"])
    return {t: {label: counts[t, label] for label in LABELS} for t in targets}


def write_examples(examples: Examples, path: Path) -> None:
    """Write examples as Parquet through `datasets`, labels as ``ClassLabel`` with names."""
    from datasets import ClassLabel, Features, Value
    from datasets import Dataset as ArrowDataset
    from datasets import List as ListOf
    from datasets.utils.logging import disable_progress_bar

    disable_progress_bar()
    kinds: dict[str, Any] = {
        "label": ClassLabel(names=list(LABELS)),
        "original_label": ClassLabel(names=list(LABELS)),
        "tags": ListOf(Value("string")),
        **dict.fromkeys(SHARE_COLUMNS, Value("float64")),
    }
    features = Features({name: kinds.get(name, Value("string")) for name in examples.columns})
    table = {name: list(column) for name, column in examples.columns.items()}
    partial = path.with_suffix(f".{os.getpid()}.partial")  # two processes may build at once
    ArrowDataset.from_dict(table, features=features).to_parquet(str(partial))
    partial.replace(path)


def read_examples(path: Path) -> Examples:
    """Read examples from Parquet; labels come back as names.

    Raises
    ------
    UserError
        Where the file's own label names are missing or others than `LABELS`: a bare integer is
        never trusted.
    """
    import pyarrow.parquet as pq

    table = pq.ParquetFile(path).read()  # pq.read_table would import pandas: 1.7 s
    names = _label_names(table.schema.metadata or {})
    if sorted(names) != sorted(LABELS):
        raise UserError(
            f"{path}: the label column names {names or 'no labels'}, not {list(LABELS)}",
            hint="build the dataset anew: stancebench data build",
        )
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    for name in {"label", "original_label"} & set(columns):
        columns[name] = [names[code] for code in columns[name]]
    return Examples(columns)


def _label_names(metadata: dict[bytes, bytes]) -> list[str]:
    info = json.loads(metadata.get(b"huggingface", b"{}"))
    label = info.get("info", {}).get("features", {}).get("label", {})
    return list(label.get("names", []))

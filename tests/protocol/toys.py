"""Small datasets whose folds can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stancebench.config import ProtocolConfig
from stancebench.dataset.record import CONTRAST_COLUMNS, Dataset, fingerprint
from stancebench.protocol import PARTS
from stancebench.types import Examples, Fold, Target
from tests.conftest import toy_examples

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}


def protocol(name: str, **choices: Any) -> ProtocolConfig:
    """A protocol over `SHARES` with seed 0, unless said otherwise."""
    return ProtocolConfig.model_validate({"name": name, "split_seed": 0, "shares": SHARES, **choices})


def toy_dataset(
    examples: Examples,
    folder: Path = Path("not-written"),
    split: Sequence[str] = (),
    contrast: Examples | None = None,
    name: str = "toy",
) -> Dataset:
    """A dataset of `examples`; `split` names the part of each document, in order of appearance."""
    documents = list(dict.fromkeys(examples["document_id"]))
    part_of = dict(zip(documents, split, strict=bool(split)))
    ids = zip(examples["example_id"], examples["document_id"], strict=True)
    return Dataset(
        name=name,
        examples=examples,
        contrast=contrast or Examples({column: [] for column in CONTRAST_COLUMNS}),
        fingerprint=fingerprint(examples),
        targets=tuple(Target(t, f"{name} {t}", "", "", "") for t in dict.fromkeys(examples["target"])),
        splits_folder=folder,
        split={example_id: part_of[document] for example_id, document in ids} if split else {},
    )


def given_split(documents: int, test: int = 1, validation: int = 1) -> list[str]:
    """A split of so many documents, training first."""
    return [PARTS[0]] * (documents - validation - test) + [PARTS[1]] * validation + [PARTS[2]] * test


def edits_of(examples: Examples, originals: Sequence[str]) -> Examples:
    """A contrast edit of each of these examples."""
    source = examples.select(originals)
    columns: dict[str, Any] = dict(source.columns)
    columns |= {"original_id": list(originals), "original_label": list(source["label"])}
    columns["example_id"] = [f"edit-{name}" for name in originals]
    return Examples({name: columns[name] for name in CONTRAST_COLUMNS})


def documents_of(fold: Fold, dataset: Dataset) -> list[set[str]]:
    """The documents of train, validation and test."""
    return [set(dataset.examples.select(getattr(fold, part))["document_id"]) for part in PARTS]


__all__ = ["SHARES", "documents_of", "edits_of", "given_split", "protocol", "toy_dataset", "toy_examples"]

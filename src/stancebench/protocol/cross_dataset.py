"""cross_dataset: trained on one dataset, tested on another."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING, Any

from stancebench import dataset as datasets
from stancebench.dataset.record import Dataset, fingerprint
from stancebench.errors import UserError
from stancebench.protocol.folds import PARTS
from stancebench.protocol.in_target import in_target_fold
from stancebench.types import Examples

if TYPE_CHECKING:
    from stancebench.config import DatasetConfig, ProtocolConfig

#: Columns whose values name an example or a document.
_IDS = ("example_id", "document_id", "original_id")


def load_other(config: DatasetConfig) -> Dataset:
    """Load the dataset that is tested on.

    Raises
    ------
    UserError
        Where it cannot be read.
    """
    if config.name == "table" and not config.path:
        raise UserError(
            "protocol=cross_dataset needs a dataset to test on",
            hint="add protocol.test_dataset.path=FILE, or protocol.test_dataset.name=backstop",
        )
    return datasets.load(config)


def join(own: Dataset, other: Dataset, config: ProtocolConfig) -> Dataset:
    """Return one dataset, with a split, of the training side of `own` and the test side of `other`.

    Training and validation are those of in_target on `own`, test is that of in_target on `other`: a
    model so trained compares with one trained on `other` itself, on the same test examples. Where an
    example or a document of both sides has one id, the test side's ids get its name as a prefix.
    Where both have a target of one id, it is worded as in `own`.

    Training examples whose text stands in the test part are left out, with a message.
    """
    test = other.examples.select(_test_ids(other, config))
    clashes = any(set(test[column]) & set(own.examples[column]) for column in ("example_id", "document_id"))
    prefix = f"{other.name}/" if clashes else ""
    sides = {**_training_side(own, test, config), "test": _prefixed(test, prefix)}
    tested = set(test["example_id"])
    edits = other.contrast.where(lambda row: row["original_id"] in tested)
    known = {target.id for target in own.targets}
    return Dataset(
        name=f"{own.name}-to-{other.name}",
        examples=_stacked([sides[part] for part in PARTS]),
        contrast=_prefixed(edits, prefix),
        fingerprint=_fingerprint(sides),
        targets=own.targets + tuple(target for target in other.targets if target.id not in known),
        splits_folder=own.splits_folder / f"to-{other.name}",
        split={example_id: part for part in PARTS for example_id in sides[part]["example_id"]},
    )


def _test_ids(dataset: Dataset, config: ProtocolConfig) -> tuple[str, ...]:
    """Return the test part of a dataset; a split of its own may be all test."""
    if not dataset.split:
        return in_target_fold(dataset, config).test
    ids = tuple(example_id for example_id, part in dataset.split.items() if part == "test")
    if not ids:
        raise UserError(f"{dataset.name}: the split column names no test rows", hint="give some")
    return ids


def _training_side(own: Dataset, test: Examples, config: ProtocolConfig) -> dict[str, Examples]:
    """Return train and validation of `own`, without the texts of the test part."""
    fold = in_target_fold(own, config)
    tested = {_plain(text) for text in test["text"]}
    sides = {}
    for part in ("train", "validation"):
        whole = own.examples.select(getattr(fold, part))
        sides[part] = whole.where(lambda row: _plain(row["text"]) not in tested)
        if len(sides[part]) < len(whole):
            left_out = len(whole) - len(sides[part])
            message = f"{left_out} examples of {part} left out: the test part has their text"
            print(f"{config.name}: {message}", file=sys.stderr)
    return sides


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _prefixed(examples: Examples, prefix: str) -> Examples:
    columns: dict[str, Any] = dict(examples.columns)
    for name in set(_IDS) & set(columns):
        columns[name] = [prefix + value for value in columns[name]]
    return Examples(columns)


def _stacked(tables: list[Examples]) -> Examples:
    """Return the rows of all tables; a column that one of them lacks is null there."""
    names = dict.fromkeys(name for table in tables for name in table.columns)
    rows = [row for table in tables for row in table.rows()]
    return Examples({name: [row.get(name) for row in rows] for name in names})


def _fingerprint(sides: dict[str, Examples]) -> str:
    """Return a SHA-256 over the fingerprints of the parts: which is which counts, too."""
    return hashlib.sha256(" ".join(fingerprint(sides[part]) for part in PARTS).encode()).hexdigest()

"""Folds: made from a rule, checked, described, and joined by their contrast edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancebench.dataset.record import Dataset
from stancebench.errors import UserError, raise_if
from stancebench.types import LABELS, Examples, Fold

if TYPE_CHECKING:
    from stancebench.config import ProtocolConfig

PARTS = ("train", "validation", "test")


def fold_by(examples: Examples, part_of: Callable[[dict[str, Any]], str], name: str) -> Fold:
    """Return the fold in which each example stands in the part that `part_of` its row names."""
    ids: dict[str, list[str]] = {part: [] for part in PARTS}
    for row in examples.rows():
        ids[part_of(row)].append(row["example_id"])
    return Fold(name, *(tuple(ids[part]) for part in PARTS))


def given_folds(dataset: Dataset, config: ProtocolConfig | None = None) -> list[Fold]:
    """Return the split that the data came with, as one fold.

    Raises
    ------
    UserError
        Where it leaves train or test empty.
    """
    fold = fold_by(dataset.examples, lambda row: dataset.split[row["example_id"]], "given")
    if not fold.train or not fold.test:
        raise UserError(
            f"{dataset.name}: the split column leaves train or test empty",
            hint="give rows of both, or leave the column out",
        )
    return [fold]


def with_contrast(fold: Fold, dataset: Dataset) -> Fold:
    """Return the fold with the contrast edits of its test examples."""
    tested = set(fold.test)
    ids = [row["example_id"] for row in dataset.contrast.rows() if row["original_id"] in tested]
    return replace(fold, contrast=tuple(ids))


def check_folds(folds: Iterable[Fold], examples: Examples, place: Path | str) -> None:
    """Check that every id is known and stands once, and that parts share no document.

    Raises
    ------
    UserError
        With the ids or documents at fault.
    """
    document_of = dict(zip(examples["example_id"], examples["document_id"], strict=True))
    report_faults((f for fold in folds for f in _faults(fold, document_of)), place)


def report_faults(faults: Iterable[str], place: Path | str) -> None:
    """Raise one `UserError` with all faults of the folds at `place`, a file or the data's name."""
    drawn = isinstance(place, Path)
    hint = f"delete {place}: the next run draws it anew" if drawn else "mend the split column"
    raise_if(list(faults), f"{place}: the folds do not hold", hint)


def _faults(fold: Fold, document_of: dict[str, str]) -> Iterator[str]:
    part_of: dict[str, str] = {}
    seen: set[str] = set()
    for part in PARTS:
        for example_id in getattr(fold, part):
            if example_id not in document_of:
                yield f"{fold.name}: unknown example {example_id}"
                continue
            if example_id in seen:
                yield f"{fold.name}: {example_id} stands twice"
            seen.add(example_id)
            document = document_of[example_id]
            if part_of.setdefault(document, part) != part:
                yield f"{fold.name}: {document} is in {part_of[document]} and in {part}"


def outside(fold: Fold, base: Fold, parts: Sequence[str] = PARTS) -> Iterator[str]:
    """Yield a fault for each of `parts` of a fold that holds examples outside that part of `base`."""
    for part in parts:
        strangers = set(getattr(fold, part)) - set(getattr(base, part))
        if strangers:
            found = f"{len(strangers)} examples, such as {min(strangers)},"
            yield f"{fold.name}: {found} are not in in_target's {part} part"


def describe_fold(fold: Fold, examples: Examples) -> dict[str, dict[str, Any]]:
    """Return documents, examples and label counts of each part."""
    described = {}
    for part in PARTS:
        inside = examples.select(getattr(fold, part))
        labels = list(inside["label"])
        described[part] = {
            "documents": len(set(inside["document_id"])),
            "examples": len(inside),
            **{label: labels.count(label) for label in LABELS},
        }
    return described

"""Protocols: which examples are trained on, chosen by and scored; kept as example ids."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stancebench.dataset.record import Dataset
from stancebench.errors import UserError
from stancebench.files import write_atomically
from stancebench.types import LABELS, Examples, Fold

if TYPE_CHECKING:
    from stancebench.config import ProtocolConfig

#: A change of what a protocol draws raises its number; results of two versions are not compared.
VERSIONS: dict[str, int] = {"in_target": 1, "cross_genre": 1}
PARTS = ("train", "validation", "test")
#: Random splits of the documents that the most balanced one is chosen from.
CANDIDATES = 5_000


def load_folds(dataset: Dataset, config: ProtocolConfig) -> list[Fold]:
    """Return the folds of a protocol, from the file where they are kept, else drawn and kept.

    Each fold also gets the contrast edits of its test documents.

    Raises
    ------
    UserError
        Where the kept folds are of other data, or do not hold.
    """
    if dataset.split:
        if config.name != "in_target":
            raise UserError(f"protocol={config.name}: the data have a split of their own")
        folds = [_given_fold(dataset)]
    else:
        path = folds_file(dataset, config)
        if path.is_file():
            folds = _read_folds(path, dataset)
        else:
            folds = DRAW[config.name](dataset.examples, config)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, _folds_text(folds, dataset, config))
        check_folds(folds, dataset.examples, path)
    return [_with_contrast(fold, dataset) for fold in folds]


def folds_file(dataset: Dataset, config: ProtocolConfig) -> Path:
    """Return where the folds of a protocol are kept."""
    choices = hashlib.sha256(
        config.model_dump_json(exclude={"k", "draws", "fractions", "test_dataset"}).encode()
    ).hexdigest()[:8]
    return dataset.splits_folder / f"{config.name}-v{VERSIONS[config.name]}-{choices}.json"


def draw_in_target(examples: Examples, config: ProtocolConfig) -> list[Fold]:
    """Draw train, validation and test by document, balanced by target, stance and genre.

    Of `CANDIDATES` random splits of the documents, the one whose parts differ least from the whole
    in the shares of each (target, label) and each genre is taken. No document is in two parts.

    Raises
    ------
    UserError
        Where there are too few documents for three parts.
    """
    generator = np.random.default_rng(config.split_seed)
    shares = [config.shares["train"], config.shares["validation"], config.shares["test"]]
    chosen = _most_balanced(examples, shares, generator)
    return [_fold(examples, lambda row: PARTS[chosen[row["document_id"]]], "all")]


def draw_cross_genre(examples: Examples, config: ProtocolConfig) -> list[Fold]:
    """Deal the genres into ``config.folds`` groups of like size; each group is the test part once.

    The other documents make train and validation, in the proportion of their shares, drawn as
    `draw_in_target` does. No document, and no genre of the test part, is in training.

    Raises
    ------
    UserError
        Where there are fewer genres than folds.
    """
    genres = sorted(set(examples["genre"]))
    k = config.folds or 2
    if len(genres) < k:
        raise UserError(f"{len(genres)} genres are too few for {k} folds", hint="lower protocol.folds")
    generator = np.random.default_rng(config.split_seed)
    sizes = {genre: int((examples["genre"] == genre).sum()) for genre in genres}
    groups: list[list[str]] = [[] for _ in range(k)]
    for genre in sorted(generator.permutation(genres), key=lambda g: -sizes[g]):
        min(groups, key=lambda group: sum(sizes[g] for g in group)).append(str(genre))
    folds = []
    for group in groups:
        rest = examples.take(~np.isin(examples["genre"].astype(str), group))
        share = config.shares["train"] / (config.shares["train"] + config.shares["validation"])
        chosen = _most_balanced(rest, [share, 1 - share], generator)
        part_of = {name: PARTS[part] for name, part in chosen.items()}
        folds.append(_fold(examples, partial(_part_or_test, part_of), "+".join(group)))
    return folds


def _part_or_test(part_of: dict[str, str], row: dict[str, Any]) -> str:
    return part_of.get(row["document_id"], "test")


#: How each protocol draws its folds.
DRAW: dict[str, Callable[[Examples, ProtocolConfig], list[Fold]]] = {
    "in_target": draw_in_target,
    "cross_genre": draw_cross_genre,
}


def _most_balanced(
    examples: Examples, shares: Sequence[float], generator: np.random.Generator
) -> dict[str, int]:
    """Return which of the parts each document goes to."""
    documents, counts = _cells_by_document(examples)
    d = len(documents)
    sizes = [round(d * share) for share in shares[:-1]]
    sizes.append(d - sum(sizes))
    if min(sizes) < 1:
        raise UserError(
            f"{d} documents are too few for parts of {list(shares)}",
            hint="give a split column, or other protocol.shares",
        )
    part_of = np.repeat(np.arange(len(shares)), sizes)
    best, best_distance = part_of, np.inf
    expected = counts.sum(axis=0) / counts.sum()
    for _ in range(CANDIDATES):
        candidate = generator.permutation(part_of)
        inside = np.eye(len(shares))[candidate].T @ counts
        shares_inside = inside / inside.sum(axis=1, keepdims=True)
        size = inside.sum(axis=1) / counts.sum() - np.array(shares)
        distance = np.abs(shares_inside - expected).sum() + np.abs(size).sum()
        if distance < best_distance:
            best, best_distance = candidate, distance
    return dict(zip(documents, best, strict=True))


def _with_contrast(fold: Fold, dataset: Dataset) -> Fold:
    tested = set(fold.test)
    ids = [row["example_id"] for row in dataset.contrast.rows() if row["original_id"] in tested]
    return replace(fold, contrast=tuple(ids))


def _cells_by_document(examples: Examples) -> tuple[list[str], np.ndarray]:
    """Return the documents, and counts of each (target, label) and genre in them, shape (d, cells)."""
    documents = sorted(set(examples["document_id"]))
    cells: dict[Any, int] = {}
    keys = []
    for row in examples.rows():
        pair = [(row["target"], row["label"]), row["genre"]]
        keys.append((row["document_id"], [cells.setdefault(key, len(cells)) for key in pair]))
    counts = np.zeros((len(documents), len(cells)))
    position = {name: i for i, name in enumerate(documents)}
    for document, found in keys:
        counts[position[document], found] += 1
    return documents, counts


def _fold(examples: Examples, part_of: Any, name: str) -> Fold:
    ids: dict[str, list[str]] = {part: [] for part in PARTS}
    for row in examples.rows():
        ids[part_of(row)].append(row["example_id"])
    return Fold(name, *(tuple(ids[part]) for part in PARTS))


def _given_fold(dataset: Dataset) -> Fold:
    fold = _fold(dataset.examples, lambda row: dataset.split[row["example_id"]], "given")
    if not fold.train or not fold.test:
        raise UserError(
            f"{dataset.name}: the split column leaves train or test empty",
            hint="give rows of both, or leave the column out",
        )
    return fold


def check_folds(folds: Iterable[Fold], examples: Examples, place: Path) -> None:
    """Check that parts share no document and every id is known.

    Raises
    ------
    UserError
        With the ids or documents at fault.
    """
    document_of = dict(zip(examples["example_id"], examples["document_id"], strict=True))
    for fold in folds:
        seen: dict[str, str] = {}
        for part in PARTS:
            for example_id in getattr(fold, part):
                if example_id not in document_of:
                    raise UserError(f"{place}: unknown example {example_id}", hint=f"delete {place}")
                document = document_of[example_id]
                if seen.setdefault(document, part) != part:
                    raise UserError(f"{place}: {document} is in {seen[document]} and in {part}")


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


def _folds_text(folds: list[Fold], dataset: Dataset, config: ProtocolConfig) -> str:
    content = {
        "protocol": config.name,
        "version": VERSIONS[config.name],
        "split_seed": config.split_seed,
        "fingerprint": dataset.fingerprint,
        "folds": [{"name": f.name, **{part: getattr(f, part) for part in PARTS}} for f in folds],
    }
    return json.dumps(content, indent=1) + "\n"


def _read_folds(path: Path, dataset: Dataset) -> list[Fold]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["fingerprint"] != dataset.fingerprint:
        raise UserError(
            f"{path} was drawn for other data (fingerprint {content['fingerprint'][:12]}, now"
            f" {dataset.fingerprint[:12]})",
            hint="if the change of the data is meant, delete the file: a new split is drawn",
        )
    return [Fold(f["name"], *(tuple(f[part]) for part in PARTS)) for f in content["folds"]]

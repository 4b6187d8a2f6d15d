"""Protocols: which examples are trained on, chosen by and scored; kept as example ids."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
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
VERSIONS: dict[str, int] = {"in_target": 1}
PARTS = ("train", "validation", "test")
#: Random splits of the documents that the most balanced one is chosen from.
CANDIDATES = 5_000


def load_folds(dataset: Dataset, config: ProtocolConfig) -> list[Fold]:
    """Return the folds of a protocol, from the file where they are kept, else drawn and kept.

    Raises
    ------
    UserError
        Where the kept folds are of other data, or do not hold.
    """
    if dataset.split:
        return [_given_fold(dataset)]
    name = f"{config.name}-v{VERSIONS[config.name]}-split{config.split_seed}.json"
    path = dataset.splits_folder / name
    if path.is_file():
        folds = _read_folds(path, dataset)
    else:
        folds = [draw_in_target(dataset.examples, config.split_seed, config.shares)]
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, _folds_text(folds, dataset, config))
    check_folds(folds, dataset.examples, path)
    return folds


def draw_in_target(examples: Examples, split_seed: int, shares: Mapping[Any, float]) -> Fold:
    """Draw train, validation and test by document, balanced by target, stance and genre.

    Of `CANDIDATES` random splits of the documents, the one whose parts differ least from the whole
    in the shares of each (target, label) and each genre is taken. No document is in two parts.

    Parameters
    ----------
    examples : Examples
    split_seed : int
        Seed of the draw; it has nothing to do with a model's seed.
    shares : dict
        Share of the documents in each of `PARTS`.

    Raises
    ------
    UserError
        Where there are too few documents for three parts.
    """
    documents, counts = _cells_by_document(examples)
    d = len(documents)
    sizes = [round(d * shares["train"]), round(d * shares["validation"])]
    sizes.append(d - sum(sizes))
    if min(sizes) < 1:
        raise UserError(
            f"{d} documents are too few for parts of {shares}",
            hint="give a split column, or other protocol.shares",
        )
    part_of = np.repeat(np.arange(len(PARTS)), sizes)
    generator = np.random.default_rng(split_seed)
    best, best_distance = part_of, np.inf
    expected = counts.sum(axis=0) / counts.sum()
    for _ in range(CANDIDATES):
        candidate = generator.permutation(part_of)
        inside = np.eye(len(PARTS))[candidate].T @ counts
        shares_inside = inside / inside.sum(axis=1, keepdims=True)
        size = inside.sum(axis=1) / counts.sum() - np.array([shares[p] for p in PARTS])
        distance = np.abs(shares_inside - expected).sum() + np.abs(size).sum()
        if distance < best_distance:
            best, best_distance = candidate, distance
    chosen = dict(zip(documents, best, strict=True))
    return _fold(examples, lambda row: PARTS[chosen[row["document_id"]]], "all")


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

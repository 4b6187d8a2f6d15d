"""Drawn folds are kept as files of example ids, and read from there ever after."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancebench.dataset.record import Dataset
from stancebench.errors import UserError
from stancebench.files import write_atomically
from stancebench.protocol.folds import PARTS
from stancebench.types import Fold

if TYPE_CHECKING:
    from stancebench.config import ProtocolConfig

#: A change of what a protocol draws raises its number; results of two versions are not compared.
#: All but cross_genre build on in_target: a change of its draw raises theirs.
VERSIONS: dict[str, int] = {
    "in_target": 1,
    "cross_target": 1,
    "cross_genre": 1,
    "cross_dataset": 1,
    "few_shot": 1,
    "learning_curve": 1,
    "contrast": 1,
    "article": 1,
}

Draw = Callable[[Dataset, "ProtocolConfig"], list[Fold]]


def folds_file(dataset: Dataset, config: ProtocolConfig) -> Path:
    """Return where the folds of a protocol are kept; the name tells its choices apart."""
    unset = {name for name, value in config if value is None}
    # `folds` was in the name of the first files even where it was not set, and their names must hold.
    choices = config.model_dump_json(exclude=unset - {"folds"})
    digest = hashlib.sha256(choices.encode()).hexdigest()[:8]
    return dataset.splits_folder / f"{config.name}-v{VERSIONS[config.name]}-{digest}.json"


def kept_folds(dataset: Dataset, config: ProtocolConfig, draw: Draw) -> list[Fold]:
    """Return the folds from their file; where there is none, they are drawn and it is written.

    Raises
    ------
    UserError
        Where the file is of other data.
    """
    path = folds_file(dataset, config)
    if not path.is_file():
        folds = draw(dataset, config)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, folds_text(folds, dataset, config))
    return _read_folds(path, dataset)


def folds_text(folds: list[Fold], dataset: Dataset, config: ProtocolConfig) -> str:
    """Return the content of a folds file: ids by fold and part, a part that all folds share once."""
    parts = [{part: getattr(fold, part) for part in PARTS} for fold in folds]
    shared = {p: ids for p, ids in parts[0].items() if len(folds) > 1 and all(f[p] == ids for f in parts)}
    content: dict[str, Any] = {
        "protocol": config.name,
        "version": VERSIONS[config.name],
        "split_seed": config.split_seed,
        "fingerprint": dataset.fingerprint,
    }
    if shared:
        content["shared"] = shared
    content["folds"] = [
        {"name": fold.name, **{part: ids for part, ids in own.items() if part not in shared}}
        for fold, own in zip(folds, parts, strict=True)
    ]
    return json.dumps(content, indent=1) + "\n"


def _read_folds(path: Path, dataset: Dataset) -> list[Fold]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["fingerprint"] != dataset.fingerprint:
        raise UserError(
            f"{path} was drawn for other data (fingerprint {content['fingerprint'][:12]}, now"
            f" {dataset.fingerprint[:12]})",
            hint="if the change of the data is meant, delete the file: a new split is drawn",
        )
    shared = content.get("shared", {})
    parts = [{**shared, **fold} for fold in content["folds"]]
    return [Fold(fold["name"], *(tuple(fold[part]) for part in PARTS)) for fold in parts]

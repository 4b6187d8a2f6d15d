"""Score the saved model of a run on the suite, unless that is done, and keep the scores beside it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from stancebench.challenge.predict import predict_suite
from stancebench.challenge.scores import score_suite
from stancebench.challenge.suite import Suite, build_suite
from stancebench.dataset import Dataset
from stancebench.dataset.backstop import NAME, load_backstop
from stancebench.errors import UserError
from stancebench.files import write_atomically
from stancebench.identity import identity_hash
from stancebench.predictions import Predictions, read_predictions
from stancebench.record import provenance, read_record, status_of
from stancebench.registry import suggest
from stancebench.saved import load
from stancebench.types import Fold

SCHEMA_VERSION = 1


class _Original(NamedTuple):
    """A run as the suite finds it: its record, one fold's predictions, and a digest of all of them."""

    folder: Path
    record: dict[str, Any]
    fold: str
    several: bool
    predictions: Predictions
    digest: str


def run_suite(folder: Path, fold: str | None = None, output: Path | None = None) -> dict[str, Any]:
    """Return the content of a run's ``suite.json``, which is made first where it is missing or outdated.

    Parameters
    ----------
    folder : Path
        Folder of a complete run that kept its model.
    fold : str, optional
        Which fold, where the protocol has several.
    output : Path, optional
        Where ``predictions.parquet`` and ``suite.json`` go; default ``suite/`` in the run's folder, and
        in that a folder of the fold's name where the protocol has several.

    Raises
    ------
    UserError
        Where the run is not complete, kept no model, is of other data, or `fold` must be named.
    """
    original = _read_original(folder, fold)
    dataset = load_backstop()
    _require_same_data(original, dataset)
    tested = tuple(original.predictions.part("test")["example_id"])
    suite = build_suite(dataset, Fold(original.fold, train=(), validation=(), test=tested))
    place = output or folder / "suite" / (original.fold if original.several else "")
    own = {"schema_version": SCHEMA_VERSION, "suite": suite.identity, "predictions": original.digest}
    if (done := _read_content(place)) and {name: done[name] for name in own} == own:
        return done
    return _score(original, dataset, suite, place, own)


def _score(
    original: _Original, dataset: Dataset, suite: Suite, place: Path, own: dict[str, Any]
) -> dict[str, Any]:
    """Predict and score; ``suite.json`` is written last."""
    model = load(original.folder, original.fold)
    place.mkdir(parents=True, exist_ok=True)
    (place / "suite.json").unlink(missing_ok=True)
    predict_suite(model, suite, original.fold, place, identity_hash(own))
    tags = dict(zip(dataset.examples["example_id"], dataset.examples["tags"], strict=True))
    content = {
        **own,
        **{name: original.record[name] for name in ("dataset", "protocol", "model", "seed")},
        "run": original.folder.resolve().name,
        "fold": original.fold,
        **score_suite(original.predictions, read_predictions(place / "predictions.parquet"), tags),
        **provenance(),
    }
    text = json.dumps(content, indent=1)
    write_atomically(place / "suite.json", text + "\n")
    return dict(json.loads(text))


def _read_original(folder: Path, fold: str | None) -> _Original:
    if status_of(folder) != "complete":
        raise UserError(
            f"{folder}: no complete run ({status_of(folder)})",
            hint="train one first: python train.py model=svm",
        )
    path = folder / "predictions.parquet"
    folds = read_predictions(path).by_fold()
    if fold is None and len(folds) > 1:
        raise UserError(f"{folder}: {len(folds)} folds", hint=f"name one: --fold {' | '.join(folds)}")
    chosen = fold or next(iter(folds))
    if chosen not in folds:
        raise UserError(f"{folder}: no fold {chosen!r}", hint=suggest(chosen, list(folds)))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return _Original(folder, read_record(folder), chosen, len(folds) > 1, folds[chosen], digest)


def _require_same_data(original: _Original, dataset: Dataset) -> None:
    own = original.record["dataset"]
    if own["name"] != NAME:
        raise UserError(
            f"{original.folder}: a run on {own['name']}, and the challenge suite is made of Backstop",
            hint="name a run that was trained with dataset=backstop",
        )
    if own["fingerprint"] != dataset.fingerprint:
        raise UserError(
            f"{original.folder}: the run is on other data than these",
            [f"run: {own['fingerprint'][:12]}", f"data/: {dataset.fingerprint[:12]}"],
            hint="check out the data of the run, or run it anew",
        )


def _read_content(place: Path) -> dict[str, Any] | None:
    path = place / "suite.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None

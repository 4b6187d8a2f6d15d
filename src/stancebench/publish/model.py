"""A fine-tuned transformer as a folder for the Hub: weights, tokenizer, label names, card."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stancebench.errors import UserError, raise_if
from stancebench.publish.check import check_publishable
from stancebench.publish.hub import repository_id
from stancebench.publish.model_card import model_card
from stancebench.publish.places import without_places
from stancebench.report.collect import Run, find_runs
from stancebench.saved import model_folder

#: Files that may name places on this machine.
_SETTINGS = ("config.json", "tokenizer_config.json", "stancebench.json")


def write_model_folder(run: Path, repo_id: str, folder: Path) -> None:
    """Write to `folder` what is to be uploaded of a run's model.

    Parameters
    ----------
    run : Path
        Folder of a complete run of a fine-tuned transformer.
    repo_id : str
        ``USER/NAME``, for the card.
    folder : Path
        A model that was written there before is replaced whole.

    Raises
    ------
    UserError
        Where the run has no model that the Hub's libraries can load, something in its files must not be
        published, or the folder holds other files.
    """
    repository_id(repo_id)
    finished, source = _one_run(run), _one_model(run)
    saved = json.loads((source / "stancebench.json").read_text(encoding="utf-8"))
    _require_publishable(saved["model"], run)
    files = sorted(path for path in source.iterdir() if path.is_file())
    _require_own(folder, {"README.md", *(path.name for path in files)})
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    try:
        partial.mkdir(parents=True)
        for path in files:
            _copy(path, partial)
        (partial / "README.md").write_text(model_card(finished, saved, repo_id), encoding="utf-8")
        check_publishable(partial)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _copy(path: Path, folder: Path) -> None:
    """Copy a file of the model; one that may name places on this machine without them."""
    if path.name not in _SETTINGS:
        shutil.copyfile(path, folder / path.name)
        return
    content = without_places(json.loads(path.read_text(encoding="utf-8")))
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    (folder / path.name).write_text(text, encoding="utf-8")


def _one_run(folder: Path) -> Run:
    runs = find_runs([folder])
    if len(runs) != 1 or runs[0].folder != folder:
        raise UserError(f"{folder}: not the folder of one run", hint="name a single run's folder")
    return runs[0]


def _one_model(run: Path) -> Path:
    """Return the folder of the run's model: with several, its scores would be no single model's."""
    if (folds := len(list(run.glob("model/*/")))) > 1:
        raise UserError(
            f"{run}: {folds} folds, a model of each, and scores of all of them together",
            hint="publish a run of one fold, such as protocol=in_target",
        )
    return model_folder(run)


def _require_publishable(model: Mapping[str, Any], run: Path) -> None:
    """Refuse what ``pipeline("text-classification")`` cannot load, or would score in another way."""
    if model["name"] != "transformer":
        raise UserError(
            f"{run}: only fine-tuned transformers are published, not {model['name']!r}",
            hint="other models need this package to be read, and most train in seconds:"
            " publish the command that trains it",
        )
    if model["params"].get("ensemble", 1) > 1:
        raise UserError(f"{run}: an ensemble is several models", hint="train one: model.ensemble=1")
    if model["input"] != "full":
        raise UserError(
            f"{run}: a control that was trained on {model['input']}; it would misread whole pairs",
            hint="train with model.input=full",
        )


def _require_own(folder: Path, names: set[str]) -> None:
    """Refuse to replace a folder that holds more than a model."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    others = found - names if "stancebench.json" in found else found
    hint = "name another folder with --output"
    raise_if(sorted(others), f"{folder}: holds other files than this model's", hint)

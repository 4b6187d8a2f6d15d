"""The model configuration that a search ends in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from stancebench.errors import UserError
from stancebench.files import write_atomically

#: Keys of a model's file that stand before its parameters.
_HEAD = ("about", "label", "name", "input")


def tuned_model(model: Mapping[str, Any], label: str, found: Mapping[str, Any], score: str) -> dict[str, Any]:
    """Return a model's configuration with the values that were found.

    Parameters
    ----------
    model : mapping
        The composed configuration of the model that was searched.
    label : str
        The label of the new one.
    found : mapping of str to value
        Constructor parameters.
    score : str
        What is known of it, for ``about.expected``.

    Examples
    --------
    >>> tuned_model({"name": "linear", "input": "full", "C": 1.0}, "svm_tuned", {"C": 0.5}, "0.6")
    {'label': 'svm_tuned', 'name': 'linear', 'C': 0.5}
    """
    head = {name: model[name] for name in _HEAD if model.get(name) is not None}
    head["label"] = label
    if "about" in head:
        head["about"] = {**head["about"], "cost": "not measured", "expected": score}
    if head.get("input") == "full":
        del head["input"]
    ordered = {name: head[name] for name in _HEAD if name in head}
    return {**ordered, **{k: v for k, v in {**model, **found}.items() if k not in _HEAD}}


def write_winner(path: Path, comments: list[str], model: Mapping[str, Any], overwrite: bool) -> None:
    """Write a model's configuration, with comments above it.

    A file that says the same already is left as it is.

    Raises
    ------
    UserError
        Where another file is there and must not be overwritten.
    """
    body = yaml.safe_dump(_as_lists(model), sort_keys=False, allow_unicode=True, width=110)
    if path.is_file() and not overwrite:
        if yaml.safe_load(path.read_text(encoding="utf-8")) == yaml.safe_load(body):
            return
        refuse(path)
    write_atomically(path, "".join(f"# {line}\n" for line in comments) + body)


def refuse(path: Path) -> None:
    """Say that a file is in the way.

    Raises
    ------
    UserError
        Always.
    """
    raise UserError(
        f"{path} is there already",
        hint="overwrite=true replaces it; model.label=NAME writes another file",
    )


def _as_lists(value: Any) -> Any:
    """Return `value` with its tuples as lists, which YAML has."""
    if isinstance(value, Mapping):
        return {key: _as_lists(item) for key, item in value.items()}
    return [_as_lists(item) for item in value] if isinstance(value, list | tuple) else value

"""Names to classes, imported when asked for: a majority baseline imports no torch."""

from __future__ import annotations

import difflib
import importlib
from typing import Any

from stancebench.errors import UserError

#: Every model by the name that ``conf/model/*.yaml`` gives it.
MODELS: dict[str, str] = {
    "majority": "stancebench.model.floors:Majority",
    "majority_per_target": "stancebench.model.floors:MajorityPerTarget",
    "prior": "stancebench.model.floors:Prior",
    "linear": "stancebench.model.linear:LinearStance",
    "transformer": "stancebench.model.transformer:TransformerStance",
}


def suggest(name: str, known: list[str]) -> str:
    """Return the hint for a misspelt name: the nearest known ones, then all.

    Examples
    --------
    >>> suggest("majorty", ["majority", "prior"])
    'did you mean majority? (known: majority, prior)'
    """
    near = difflib.get_close_matches(name, known, n=2)
    ask = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{ask}(known: {', '.join(known)})"


def model_class(name: str) -> Any:
    """Return the class of a registered model.

    Raises
    ------
    UserError
        Where the name is unknown, with near misses.
    """
    if name not in MODELS:
        raise UserError(f"model.name: unknown model {name!r}", hint=suggest(name, sorted(MODELS)))
    module, _, attribute = MODELS[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def register(name: str, path: str) -> None:
    """Add a model: `path` is ``module:Class``, imported when the model is used."""
    MODELS[name] = path

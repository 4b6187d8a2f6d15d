"""Names to classes, imported when asked for: a majority baseline imports no torch."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable
from typing import Any

from stancebench.errors import UserError

#: Every model by the name that ``conf/model/*.yaml`` gives it.
MODELS: dict[str, str | Callable[..., Any]] = {
    "majority": "stancebench.model.floors:Majority",
    "majority_per_target": "stancebench.model.floors:MajorityPerTarget",
    "prior": "stancebench.model.floors:Prior",
    "setfit": "stancebench.model.setfit:SetFitStance",
    "zero_shot_mlm": "stancebench.model.zero_shot:MlmStance",
    "zero_shot_nli": "stancebench.model.zero_shot:NliStance",
    "linear": "stancebench.model.linear:LinearStance",
    "embed_logreg": "stancebench.model.embed:EmbedLogreg",
    "llm_api": "stancebench.model.llm_api:LLMApiStance",
    "llm_local": "stancebench.model.llm_local:LLMLocalStance",
    "transformer": "stancebench.model.transformer:TransformerStance",
    "bicond": "stancebench.model.bicond:BicondStance",
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
    """Return what makes a registered model: a class, or a function that returns an unfitted one.

    Raises
    ------
    UserError
        Where the name is unknown, with near misses.
    """
    if name not in MODELS:
        raise UserError(f"model.name: unknown model {name!r}", hint=suggest(name, sorted(MODELS)))
    maker = MODELS[name]
    if not isinstance(maker, str):
        return maker
    module, _, attribute = maker.partition(":")
    return getattr(importlib.import_module(module), attribute)


def register(name: str, maker: str | Callable[..., Any]) -> None:
    """Add a model of one's own.

    Parameters
    ----------
    name : str
        What ``model.name`` of a configuration calls it.
    maker : str or callable
        A class, or a function that returns an unfitted scikit-learn classifier; its keyword
        parameters are the model's configuration. As text: ``module:attribute``, imported when the
        model is used.

    Examples
    --------
    >>> from stancebench.model.floors import Majority
    >>> register("my_majority", Majority)
    >>> model_class("my_majority").__name__
    'Majority'
    >>> del MODELS["my_majority"]
    """
    MODELS[name] = maker

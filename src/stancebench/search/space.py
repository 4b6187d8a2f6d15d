"""What a search may try: ``conf/search/<name>.yaml``, bound to the model's constructor."""

from __future__ import annotations

import inspect
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from omegaconf import OmegaConf
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from yaml import YAMLError

from stancebench.config import ModelConfig, as_tuples
from stancebench.errors import UserError, raise_if
from stancebench.paths import project_root
from stancebench.registry import model_class, suggest


class Range(BaseModel):
    """Numbers from `low` to `high`, both among them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    low: int | float
    high: int | float
    #: Draw the logarithm evenly instead of the number.
    log: bool = False
    #: Distance between the numbers that are tried.
    step: int | float | None = None


class Choices(BaseModel):
    """A list of values of any kind."""

    model_config = ConfigDict(extra="forbid", strict=True)

    choices: list[Any] = Field(min_length=1)


@dataclass(frozen=True)
class Space:
    """The parameters that are searched: as their file has them, and as Optuna draws them."""

    content: dict[str, Any]
    distributions: dict[str, BaseDistribution]

    def values(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """Return the constructor's parameters of a trial."""
        return {
            name: as_tuples(json.loads(value)) if "choices" in self.content[name] else value
            for name, value in drawn.items()
        }


def read_space(config: ModelConfig, fixed: Collection[str] = ()) -> Space:
    """Read the space of a model and bind it to the model's constructor.

    Parameters
    ----------
    config : ModelConfig
        Its label names the file, or else its name in the registry does.
    fixed : collection of str
        Parameters that are left out of the space, since the user gave them a value.

    Raises
    ------
    UserError
        Where there is no space, or with every fault of it.
    """
    path = _file_of(config)
    try:
        content: Any = OmegaConf.to_container(OmegaConf.load(path))
    except YAMLError as fault:
        raise UserError(f"{path}: {fault}", hint="mend the file") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: {content!r} is no mapping of parameters", hint="see conf/search/")
    problems: list[str] = []
    distributions = _bind(content, config.name, problems)
    raise_if(problems, f"{path}: the search space does not hold", "see the other files of conf/search/")
    searched = [name for name in distributions if name not in fixed]
    if not searched:
        raise UserError(f"{path}: nothing is left to search", hint="give fewer model.…= values")
    return Space({n: content[n] for n in searched}, {n: distributions[n] for n in searched})


def _file_of(config: ModelConfig) -> Path:
    folder = project_root() / "conf" / "search"
    for name in (config.label, config.name):
        if (folder / f"{name}.yaml").is_file():
            return folder / f"{name}.yaml"
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    raise UserError(
        f"no search space for {config.label}: {folder / config.name}.yaml is missing",
        hint=f"write it; there are spaces for {', '.join(known)}",
    )


def _bind(content: Mapping[Any, Any], model: str, problems: list[str]) -> dict[str, BaseDistribution]:
    """Return the distribution of each parameter; note each fault in `problems`."""
    maker = model_class(model)
    typed = maker.__init__ if isinstance(maker, type) else maker  # type: ignore[misc]
    hints = get_type_hints(typed)
    known = {name: hints.get(name, Any) for name in inspect.signature(maker).parameters}
    known.pop("random_state", None)
    distributions = {}
    for name, given in content.items():
        if name not in known:
            hint = "it is the run's seed=" if name == "random_state" else suggest(str(name), list(known))
            problems.append(f"{name}: {model} takes no such parameter; {hint}")
            continue
        try:
            distributions[name] = _distribution(given, TypeAdapter(known[name]))
        except ValidationError as fault:
            problems += [f"{name}: {said}" for said in _in_words(fault)]
        except ValueError as fault:  # Optuna's own, such as a low above the high
            problems.append(f"{name}: {fault}")
    return distributions


def _distribution(given: Any, kind: TypeAdapter[Any]) -> BaseDistribution:
    """Return how a parameter is drawn; values that its type does not admit are a `ValidationError`."""
    if isinstance(given, dict) and "choices" in given:
        choices = Choices.model_validate(given).choices
        for choice in choices:
            kind.validate_python(as_tuples(choice), strict=True)
        # As JSON, since a journal holds no lists and mappings as choices.
        return CategoricalDistribution([json.dumps(choice) for choice in choices])
    bounds = Range.model_validate(given)
    low, high = (kind.validate_python(bound, strict=True) for bound in (bounds.low, bounds.high))
    step = {} if bounds.step is None else {"step": bounds.step}
    drawn = IntDistribution if isinstance(low, int) else FloatDistribution
    return drawn(low, high, log=bounds.log, **step)


def _in_words(fault: ValidationError) -> Iterable[str]:
    for error in fault.errors():
        place = ".".join(map(str, error["loc"]))
        yield f"{place + ': ' if place else ''}{error['msg']} (found {error['input']!r})"

"""How a target is put into words, and the templates that a user writes around it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from string import Formatter
from typing import Any, Literal, TypeVar

from stancebench.errors import raise_if
from stancebench.model.interface import Table
from stancebench.types import LABELS

TargetWording = Literal["name", "definition"]
Some = TypeVar("Some", bound=Collection[Any])


def target_wordings(X: Table, wording: TargetWording) -> list[str]:
    """Return how each example's target is put, to stand in the middle of a sentence.

    Where the column is missing, it is the target's id. A full stop at the end is dropped.

    Examples
    --------
    >>> from stancebench.types import Examples
    >>> target_wordings(Examples({"target": ["t"], "target_definition": ["Sending troops."]}), "definition")
    ['Sending troops']
    """
    column = f"target_{wording}"
    names = getattr(X, "columns", {})
    return [target.removesuffix(".") for target in X[column if column in names else "target"]]


def by_label(option: str, given: Mapping[Any, Some]) -> list[Some]:
    """Return what `given` has for each label, in the order of `LABELS`.

    Raises
    ------
    UserError
        Where a label has nothing.

    Examples
    --------
    >>> by_label("words", {"favor": ["for"], "against": ["against"], "none": ["neutral"]})
    [['against'], ['neutral'], ['for']]
    """
    empty = [f"nothing for {label}" for label in LABELS if not given.get(label)]
    raise_if(empty, f"model.{option} is incomplete", f"give at least one for each of {', '.join(LABELS)}")
    return [given[label] for label in LABELS]


def check_templates(
    option: str, templates: Iterable[str], known: Collection[str], needed: Collection[str] = ()
) -> None:
    """Check the ``{fields}`` of templates: all are among `known`, and all of `needed` are there.

    Raises
    ------
    UserError
        With each fault of each template.

    Examples
    --------
    >>> check_templates("template", ["{target}: {txt}"], known=("target", "text"))
    Traceback (most recent call last):
    stancebench.errors.UserError: model.template is unusable
      '{target}: {txt}': unknown field {txt}
    → the fields are {target}, {text}
    """
    problems = []
    for template in templates:
        fields = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
        problems += [f"{template!r}: unknown field {{{name}}}" for name in sorted(fields - set(known))]
        problems += [f"{template!r}: {{{name}}} is missing" for name in needed if name not in fields]
    hint = f"the fields are {', '.join(f'{{{name}}}' for name in known)}"
    raise_if(problems, f"model.{option} is unusable", hint)

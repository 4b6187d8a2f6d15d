"""What a model is shown: everything, or the text, the target, or a target that tells nothing."""

from __future__ import annotations

import hashlib
from typing import Literal

import numpy as np

from stancebench.types import Examples

#: ``full`` is the task. The others are floors for any model: what it reaches without one side.
Input = Literal["full", "text_only", "target_only", "shuffled_target"]
#: What stands in place of what is hidden.
HIDDEN = "hidden"
_TARGET_COLUMNS = ("target", "target_name", "target_definition")
_TEXT_COLUMNS = ("text", "context")


def restrict(examples: Examples, shown: Input, seed: int = 0) -> Examples:
    """Return the examples as a model is shown them, in training and in prediction.

    ``text_only`` puts one and the same word in place of every target, ``target_only`` in place of
    every text (a word, since n-gram models cannot be trained on nothing). ``shuffled_target`` keeps
    both, but the target is that of another example, drawn with `seed`; an example gets the same one
    wherever it stands, so that predictions do not depend on the order of the rows.

    Parameters
    ----------
    examples : Examples
        n examples with ``target`` and ``text``, and the target's wording where there is one.
    shown : {"full", "text_only", "target_only", "shuffled_target"}
        What is left of them.
    seed : int
        Seed of the shuffling.

    Examples
    --------
    >>> examples = Examples({"target": ["t"], "text": ["yes"], "context": [""]})
    >>> list(restrict(examples, "target_only")["text"])
    ['hidden']
    """
    columns = dict(examples.columns)
    if shown == "shuffled_target":
        columns |= _shuffled(examples, seed)
    hidden = {"text_only": _TARGET_COLUMNS, "target_only": _TEXT_COLUMNS}.get(shown, ())
    for name in set(hidden) & set(columns):
        columns[name] = np.full(len(examples), HIDDEN, dtype=object)
    return Examples(columns)


def _shuffled(examples: Examples, seed: int) -> dict[str, np.ndarray]:
    """Return the target columns, each row with those of a target drawn evenly from all of them."""
    first = {target: i for i, target in reversed(list(enumerate(examples["target"])))}
    donors = [first[target] for target in sorted(first)]
    rows = [donors[_draw(f"{seed}:{example_id}", len(donors))] for example_id in examples["example_id"]]
    return {name: examples[name][rows] for name in _TARGET_COLUMNS if name in examples.columns}


def _draw(key: str, n: int) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % n

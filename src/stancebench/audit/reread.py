"""A fresh reader's check: pairs drawn with a fixed seed, read again without their labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from stancebench.errors import UserError, raise_if
from stancebench.types import LABELS, Examples

PAIRS, SEED = 50, 20250227


class Reread(NamedTuple):
    """How many of the drawn pairs the fresh reader judged as gold has them."""

    equal: int
    pairs: int


def draw_pairs(examples: Examples, pairs: int = PAIRS, seed: int = SEED) -> list[dict[str, Any]]:
    """Return forms for randomly drawn pairs, without their labels; the same seed, the same pairs."""
    drawn = np.random.default_rng(seed).choice(len(examples), size=pairs, replace=False)
    return [
        {
            "sentence_id": row["sentence_id"],
            "target": row["target"],
            "context": row["context"],
            "text": row["text"],
            "stance": "",
        }
        for row in examples.take(np.sort(drawn)).rows()
    ]


def compare(path: Path, examples: Examples) -> Reread:
    """Compare filled forms with gold.

    Raises
    ------
    UserError
        Where a form is not one of those drawn, is missing, or has no stance of the set.
    """
    if not path.exists():
        raise UserError(
            f"{path}: no such file", hint="write the forms: stancebench data reread --output FILE"
        )
    gold = {(row["sentence_id"], row["target"]): row["label"] for row in examples.rows()}
    wanted = {(form["sentence_id"], form["target"]) for form in draw_pairs(examples)}
    problems, equal = [], 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        form = json.loads(line)
        key = (form["sentence_id"], form["target"])
        if key not in wanted or form["stance"] not in LABELS:
            problems.append(f"{path}:{number}: not a drawn pair with a stance of {', '.join(LABELS)}")
            continue
        wanted.discard(key)
        equal += form["stance"] == gold[key]
    problems += [f"{path}: {sentence}, {target} is missing" for sentence, target in sorted(wanted)]
    raise_if(problems, "the forms do not hold", "draw them anew where the data have changed")
    return Reread(equal, PAIRS)

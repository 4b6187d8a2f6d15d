"""The suite: test examples with their gold labels, perturbed in ways that keep them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stancebench.challenge import perturb
from stancebench.challenge.material import WORDINGS, Material, Wording, read_material
from stancebench.dataset import Dataset
from stancebench.types import Examples, Fold

#: From an example to its new text, or ``None`` where it has none.
Change = Callable[[Mapping[str, Any]], str | None]

#: Raised when the same data are perturbed in another way than before.
VERSION = 1
#: Seed of the typing errors.
SEED = 20251126
#: What a model can be shown of a perturbed example, and what it is compared with.
_FINGERPRINTED = (
    "original_id",
    "document_id",
    "target_name",
    "target_definition",
    "text",
    "context",
    "label",
)


@dataclass(frozen=True)
class Suite:
    """Perturbed examples by the name of the perturbation; each keeps the id and label of its original."""

    parts: dict[str, Examples]

    @property
    def identity(self) -> dict[str, Any]:
        """Version, seed, and a SHA-256 over every perturbed example: what may stand in one table."""
        digest = hashlib.sha256(f"{VERSION} {SEED}".encode())
        for name, examples in self.parts.items():
            for row in examples.rows():
                digest.update(json.dumps([name, *(row[column] for column in _FINGERPRINTED)]).encode())
        return {"version": VERSION, "seed": SEED, "digest": digest.hexdigest()}


def build_suite(dataset: Dataset, tested: Fold) -> Suite:
    """Perturb the test part of a fold.

    Parameters
    ----------
    dataset : Dataset
        Backstop, or data whose sentences ``data/challenge`` knows.
    tested : Fold
        Its test part has the originals.

    Returns
    -------
    Suite
        ``wording-1`` to ``wording-5``, ``typos``, ``lower_case``, ``upper_case``, ``quotation_marks``,
        ``names_to_roles``, ``roles_to_names`` and ``clause_order``; those that change no example are
        left out.

    Raises
    ------
    UserError
        Where ``data/challenge`` does not hold.
    """
    everything = dataset.examples
    sentences = dict(zip(everything["sentence_id"], everything["text"], strict=True))
    material = read_material(dataset.targets, sentences)
    part = dataset.part(tested, "test")
    originals = Examples({**part.columns, "original_id": part["example_id"]})
    parts = {
        f"wording-{i + 1}": _reworded(originals, {t: own[i] for t, own in material.wordings.items()})
        for i in range(WORDINGS)
    }
    parts |= {
        name: _rewritten(originals, change) for name, change in _changes(material, sentences.values()).items()
    }
    return Suite({name: examples for name, examples in parts.items() if len(examples)})


def _changes(material: Material, texts: Iterable[str]) -> dict[str, Change]:
    """Return, by name, what gives an example's new text, or ``None`` where it keeps the old one."""
    known = material.real_words | {word for text in texts for word in re.findall("[a-z]+", text.lower())}
    return {
        # By sentence: its examples share one text, as the originals do.
        "typos": lambda row: perturb.typos(row["text"], row["sentence_id"], SEED, known),
        "lower_case": lambda row: perturb.lower_case(row["text"]),
        "upper_case": lambda row: perturb.upper_case(row["text"]),
        "quotation_marks": lambda row: perturb.without_quotation_marks(row["text"]),
        **{name: _looked_up(texts) for name, texts in material.texts.items()},
    }


def _looked_up(texts: Mapping[str, str]) -> Change:
    return lambda row: texts.get(row["sentence_id"])


def _reworded(examples: Examples, wordings: Mapping[str, Wording]) -> Examples:
    """Return the examples with another name and definition of each target."""
    own = [wordings[target] for target in examples["target"]]
    columns = {"target_name": [w.name for w in own], "target_definition": [w.definition for w in own]}
    return Examples({**examples.columns, **columns})


def _rewritten(examples: Examples, change: Change) -> Examples:
    """Return the examples whose text is changed, with the new text."""
    texts = [change(row) for row in examples.rows()]
    changed = np.array([text is not None for text in texts], dtype=bool)
    return Examples({**examples.take(changed).columns, "text": [text for text in texts if text is not None]})

"""Shortcuts and z-scores on data whose shortcuts are known."""

from __future__ import annotations

import numpy as np
import pytest

from stancebench.audit.leaks import shortcuts, strongest_ngrams
from stancebench.audit.power import power
from stancebench.types import Examples
from tests.conftest import toy_examples


def test_a_planted_word_is_the_strongest_ngram() -> None:
    examples = toy_examples(240)
    (first, *_) = strongest_ngrams(examples, shown=3)
    # "welcome" stands in a third of a target's 120 examples, all favor: share 1 against p = 1/3.
    assert first.label in first.ngram or first.ngram.split()[0] in ("we", "welcome", "reject", "note")
    assert first.n == 40
    assert first.z == pytest.approx((1 - 1 / 3) / np.sqrt((1 / 3) * (2 / 3) / 40))
    # The majority label is the first of three equal ones; a planted word of another adds a third.
    assert first.majority == pytest.approx(1 / 3)


def test_shortcuts_see_what_they_should() -> None:
    """The label is the target's alone: target suffices, text without it is helpless."""
    n = 240
    columns = toy_examples(n).columns
    labels = ["favor" if target == "t0" else "against" for target in columns["target"]]
    examples = Examples({**columns, "text": ["the same words"] * n, "label": labels})
    found = {row.sees: row.macro_f1 for row in shortcuts(examples)}
    assert found["target alone"] == found["text and target"] == pytest.approx(2 / 3)
    assert found["text without its target"] < 0.35
    assert found["length alone"] < 0.35


def test_power_grows_with_documents_and_a_model_equals_itself() -> None:
    examples = toy_examples(240)
    rng = np.random.default_rng(0)
    labels = list(examples["label"])
    first = [label if rng.random() < 0.7 else "none" for label in labels]
    second = [label if rng.random() < 0.7 else "none" for label in labels]
    few, many = (power(examples, first, second, documents) for documents in (20, 80))
    assert few.half_width == pytest.approx(2 * many.half_width, rel=0.15)
    assert few.detectable == pytest.approx(2 * many.detectable, rel=0.15)
    assert power(examples, first, first, 20).detectable == 0

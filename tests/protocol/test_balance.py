"""The balanced draw: whole documents, parts alike."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.errors import UserError
from stancebench.protocol.balance import most_balanced
from stancebench.types import Examples
from tests.protocol.toys import toy_examples


@settings(deadline=None, max_examples=6)
@given(st.integers(5, 15), st.integers(0, 99))
def test_every_document_gets_one_part_of_the_size_asked_for(documents: int, seed: int) -> None:
    part_of = most_balanced(toy_examples(6 * documents), [0.6, 0.2, 0.2], np.random.default_rng(seed))
    assert set(part_of) == {f"d{i}" for i in range(documents)}
    sizes = Counter(part_of.values())
    assert sizes[0] == round(0.6 * documents)
    assert sizes[1] == round(0.2 * documents)


def test_the_parts_are_alike() -> None:
    # Ten documents, five of them all favor: chance alone would often put two of those in a part of two.
    examples = Examples({**toy_examples(60).columns, "label": ["favor"] * 30 + ["none"] * 30})
    part_of = most_balanced(examples, [0.6, 0.2, 0.2], np.random.default_rng(0))
    assert sum(part_of[f"d{i}"] == 2 for i in range(5)) == 1


def test_too_few_documents() -> None:
    with pytest.raises(UserError, match="1 documents are too few for parts"):
        most_balanced(toy_examples(6), [0.6, 0.2, 0.2], np.random.default_rng(0))

"""Predictions by document."""

from __future__ import annotations

import numpy as np
import pytest

from stancebench.evaluate.counts import confusion
from stancebench.evaluate.sample import Sample, require_same_examples
from tests.evaluate.worlds import columns

DATA = columns(12, documents=3)
NAMES = sorted(set(DATA["document_id"]))


def test_confusions_are_those_of_each_document() -> None:
    sample = Sample.of(DATA, NAMES)
    for i in range(3):
        rows = slice(4 * i, 4 * i + 4)
        np.testing.assert_array_equal(
            sample.confusions[i], confusion(DATA["gold"][rows], DATA["predicted"][rows])
        )
    np.testing.assert_array_equal(sample.summed(np.ones((12, 2))), [[4, 4]] * 3)


def test_a_part_keeps_all_documents() -> None:
    part = Sample.of(DATA, NAMES).where(np.arange(12) < 4)
    assert (len(part), part.documents) == (4, 3)
    assert part.confusions[1:].sum() == 0
    np.testing.assert_array_equal(part.probabilities, Sample.of(DATA, NAMES).probabilities[:4])


def test_a_second_sample_follows_with_documents_of_its_own() -> None:
    sample = Sample.of(DATA, NAMES)
    both = sample.then(sample.where(np.arange(12) < 4))
    assert (len(both), both.documents) == (16, 6)
    np.testing.assert_array_equal(both.confusions[:3], sample.confusions)
    np.testing.assert_array_equal(both.confusions[3], sample.confusions[0])


def test_runs_on_other_examples_are_refused() -> None:
    require_same_examples([DATA, {name: values[::-1] for name, values in DATA.items()}])
    other = {**DATA, "example_id": [*DATA["example_id"][:-1], "z"]}
    with pytest.raises(ValueError, match="runs 0 and 1 differ in 2 examples"):
        require_same_examples([DATA, other])

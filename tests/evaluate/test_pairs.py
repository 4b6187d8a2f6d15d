"""Pairs of an example and its edit, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from stancebench.evaluate import pairs
from stancebench.evaluate.sample import Sample

ORIGINALS = {
    "fold": ["f", "f", "f", "g"],
    "example_id": ["a", "b", "c", "a"],
    "gold": ["favor", "none", "none", "favor"],
    "predicted": ["favor", "none", None, "against"],
}
EDITS = {
    "fold": ["f", "f", "f", "g"],
    "original_id": ["a", "b", "c", "a"],
    "document_id": ["d"] * 4,
    "gold": ["none", "favor", "favor", "none"],
    "predicted": ["none", "none", "favor", None],
}


def test_pairs_are_joined_within_their_fold() -> None:
    joined = pairs.paired(ORIGINALS, EDITS)
    assert joined["original_predicted"] == ["favor", "none", None, "against"]
    assert joined["original_gold"] == ["favor", "none", "none", "favor"]
    with pytest.raises(KeyError):
        pairs.paired(ORIGINALS, {**EDITS, "original_id": ["z"] * 4})


def test_what_counts_as_right_and_as_a_flip() -> None:
    sample = Sample.of(pairs.paired(ORIGINALS, EDITS), ["d"])
    np.testing.assert_array_equal(pairs.both_right(sample), [True, False, False, False])
    np.testing.assert_array_equal(pairs.flipped(sample), [True, False, False, False])
    np.testing.assert_array_equal(pairs.flipped_or_unscored(sample), [True, False, True, True])

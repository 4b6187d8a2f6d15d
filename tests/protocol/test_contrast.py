"""contrast: the test examples that have an edit, and their edits."""

from __future__ import annotations

from pathlib import Path

import pytest

from stancebench.errors import UserError
from stancebench.protocol import load_folds
from tests.protocol.toys import edits_of, given_split, protocol, toy_dataset, toy_examples

EXAMPLES = toy_examples(18)
CONFIG = protocol("contrast")


def test_originals_are_test_and_edits_are_contrast(tmp_path: Path) -> None:
    dataset = toy_dataset(EXAMPLES, tmp_path, given_split(3), edits_of(EXAMPLES, ["e0", "e13", "e17"]))
    (fold,) = load_folds(dataset, CONFIG)
    assert fold.train == tuple(f"e{i}" for i in range(6))
    assert fold.test == ("e13", "e17")
    assert fold.contrast == ("edit-e13", "edit-e17")


def test_a_contrast_set_that_grew_is_noticed(tmp_path: Path) -> None:
    load_folds(toy_dataset(EXAMPLES, tmp_path, given_split(3), edits_of(EXAMPLES, ["e13"])), CONFIG)
    grown = toy_dataset(EXAMPLES, tmp_path, given_split(3), edits_of(EXAMPLES, ["e13", "e14"]))
    with pytest.raises(UserError, match="the folds do not hold"):
        load_folds(grown, CONFIG)


def test_without_edits_there_is_nothing_to_test(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no test example of toy has a contrast edit"):
        load_folds(toy_dataset(EXAMPLES, tmp_path, given_split(3)), CONFIG)

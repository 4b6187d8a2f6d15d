"""Folds as such: what is refused, what is said of them, and their contrast edits."""

from __future__ import annotations

from pathlib import Path

import pytest

from stancebench.errors import UserError
from stancebench.protocol.folds import check_folds, describe_fold, given_folds, outside, with_contrast
from stancebench.types import Fold
from tests.protocol.toys import edits_of, toy_dataset, toy_examples


def test_every_fault_of_the_folds_is_reported_at_once() -> None:
    folds = [Fold("a", ("e0", "e0"), (), ("e1",)), Fold("b", ("e0",), (), ("e99",))]
    with pytest.raises(UserError) as fault:
        check_folds(folds, toy_examples(12), Path("folds.json"))
    assert str(fault.value).splitlines() == [
        "folds.json: the folds do not hold",
        "  a: e0 stands twice",
        "  a: d0 is in train and in test",
        "  b: unknown example e99",
        "→ delete folds.json: the next run draws it anew",
    ]


def test_a_given_split_is_mended_where_it_was_given() -> None:
    with pytest.raises(UserError, match="toy: the folds do not hold") as fault:
        check_folds([Fold("given", ("e0",), (), ("e1",))], toy_examples(12), "toy")
    assert fault.value.hint == "mend the split column"


def test_a_given_split_without_training_is_refused() -> None:
    dataset = toy_dataset(toy_examples(12), split=["test", "test"])
    with pytest.raises(UserError, match="leaves train or test empty"):
        given_folds(dataset)


def test_examples_outside_another_fold_are_named_by_part() -> None:
    base = Fold("all", ("a", "b"), ("c",), ("d",))
    assert list(outside(Fold("f", ("a",), (), ("d",)), base)) == []
    (fault,) = outside(Fold("f", ("a", "c"), (), ("d",)), base)
    assert fault == "f: 1 examples, such as c, are not in in_target's train part"


def test_description_counts_documents_examples_and_labels() -> None:
    described = describe_fold(Fold("f", ("e0", "e3", "e7"), (), ("e12",)), toy_examples(18))
    assert described["train"] == {"documents": 2, "examples": 3, "against": 2, "none": 1, "favor": 0}
    assert described["validation"]["examples"] == 0


def test_contrast_edits_follow_their_originals() -> None:
    examples = toy_examples(12)
    dataset = toy_dataset(examples, contrast=edits_of(examples, ["e1", "e7"]))
    assert with_contrast(Fold("f", ("e0",), (), ("e7", "e8")), dataset).contrast == ("edit-e7",)

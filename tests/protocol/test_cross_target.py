"""cross_target: the held-out target is tested on and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.dataset.record import Dataset
from stancebench.errors import UserError
from stancebench.protocol import PARTS, load_folds
from stancebench.protocol.cross_target import cross_target_faults, draw_cross_target
from stancebench.types import Examples
from tests.protocol.toys import documents_of, edits_of, given_split, protocol, toy_dataset, toy_examples

CONFIG = protocol("cross_target")


def targets_of(dataset: Dataset, ids: tuple[str, ...]) -> set[str]:
    return set(dataset.examples.select(ids)["target"])


@settings(deadline=None)
@given(st.permutations([*PARTS, *PARTS, "train"]), st.integers(2, 3))
def test_the_held_out_target_is_in_test_alone(split: list[str], targets: int) -> None:
    columns = {**toy_examples(42).columns, "target": [f"t{i % targets}" for i in range(42)]}
    dataset = toy_dataset(Examples(columns), split=split)
    folds = draw_cross_target(dataset, CONFIG)
    everything = {f"t{i}" for i in range(targets)}
    assert {fold.name for fold in folds} == everything
    for fold in folds:
        assert targets_of(dataset, fold.test) == {fold.name}
        assert targets_of(dataset, fold.train) == everything - {fold.name}
        assert targets_of(dataset, fold.validation) == everything - {fold.name}
        inside = documents_of(fold, dataset)
        assert sum(map(len, inside)) == len(set.union(*inside)) == 7
    tested = [example_id for fold in folds for example_id in fold.test]
    assert sorted(tested) == sorted(i for i, part in dataset.split.items() if part == "test")


def test_contrast_edits_are_of_the_held_out_target(tmp_path: Path) -> None:
    examples = toy_examples(18)
    dataset = toy_dataset(examples, tmp_path, given_split(3), edits_of(examples, ["e0", "e12", "e15"]))
    contrast = {fold.name: fold.contrast for fold in load_folds(dataset, CONFIG)}
    assert contrast == {"t0": ("edit-e12",), "t1": ("edit-e15",)}


def test_a_held_out_target_in_training_is_a_fault() -> None:
    dataset = toy_dataset(toy_examples(18), split=given_split(3))
    folds = draw_cross_target(dataset, CONFIG)
    assert list(cross_target_faults(folds, dataset, CONFIG)) == []
    leaky = replace(folds[0], train=(*folds[0].train, "e0"), test=(*folds[0].test, "e15"))
    assert list(cross_target_faults([leaky], dataset, CONFIG)) == [
        "t0: the held-out target is in training",
        "t0: the test part is not of the held-out target alone",
    ]


def test_a_target_that_cannot_be_held_out() -> None:
    one = Examples({**toy_examples(18).columns, "target": ["t0"] * 18})
    with pytest.raises(UserError, match="one target only, t0"):
        draw_cross_target(toy_dataset(one, split=given_split(3)), CONFIG)
    # t1 was judged in the first document alone, which is in training.
    early = Examples({**toy_examples(18).columns, "target": ["t1"] * 6 + ["t0"] * 12})
    with pytest.raises(UserError, match="holding out t1 leaves train or test empty"):
        draw_cross_target(toy_dataset(early, split=["train", "train", "test"]), CONFIG)

"""in_target: every document in one part, and a split that the data came with as it is."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.protocol import load_folds
from stancebench.protocol.in_target import draw_in_target, in_target_fold
from tests.protocol.toys import documents_of, given_split, protocol, toy_dataset, toy_examples


@settings(deadline=None, max_examples=5)
@given(st.integers(5, 15), st.integers(0, 99))
def test_parts_are_disjoint_by_document_and_lose_nothing(documents: int, seed: int) -> None:
    dataset = toy_dataset(toy_examples(6 * documents))
    (fold,) = draw_in_target(dataset, protocol("in_target", split_seed=seed))
    ids = [*fold.train, *fold.validation, *fold.test]
    assert sorted(ids) == sorted(dataset.examples["example_id"])
    inside = documents_of(fold, dataset)
    assert sum(map(len, inside)) == len(set.union(*inside)) == documents
    assert all(inside)


def test_another_seed_is_another_split() -> None:
    dataset = toy_dataset(toy_examples(90))
    drawn = [draw_in_target(dataset, protocol("in_target", split_seed=seed)) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_given_split_is_taken_and_nothing_is_written(tmp_path: Path) -> None:
    dataset = toy_dataset(toy_examples(18), tmp_path / "splits", given_split(3))
    (fold,) = load_folds(dataset, protocol("in_target"))
    assert documents_of(fold, dataset) == [{"d0"}, {"d1"}, {"d2"}]
    assert in_target_fold(dataset, protocol("few_shot", k=1, draws=1)) == fold
    assert not (tmp_path / "splits").exists()

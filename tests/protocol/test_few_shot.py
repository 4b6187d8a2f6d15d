"""few_shot: k of each target and stance, nested in k, no validation part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.dataset.record import Dataset
from stancebench.predictions import as_rows, write_predictions
from stancebench.protocol import load_folds
from stancebench.protocol.few_shot import draw_few_shot, few_shot_faults
from stancebench.types import LABELS, Examples
from tests.protocol.toys import given_split, protocol, toy_dataset, toy_examples

labels = st.lists(st.sampled_from(LABELS), min_size=60, max_size=60)
seeds = st.integers(0, 99)


def cells(dataset: Dataset, ids: Sequence[str]) -> Counter[tuple[str, str]]:
    inside = dataset.examples.select(ids)
    return Counter(zip(inside["target"], inside["label"], strict=True))


@settings(deadline=None)
@given(labels, st.integers(1, 9), seeds)
def test_k_of_each_target_and_stance_or_all_there_are(given_labels: list[str], k: int, seed: int) -> None:
    examples = Examples({**toy_examples(60).columns, "label": given_labels})
    dataset = toy_dataset(examples, split=given_split(10, test=3, validation=2))
    config = protocol("few_shot", k=k, draws=2, split_seed=seed)
    available = cells(dataset, [i for i, part in dataset.split.items() if part == "train"])
    for fold in draw_few_shot(dataset, config):
        assert cells(dataset, fold.train) == {cell: min(n, k) for cell, n in available.items()}
        assert {dataset.split[i] for i in fold.train} == {"train"}
        assert fold.validation == ()
        assert set(fold.test) == {i for i, part in dataset.split.items() if part == "test"}
    assert list(few_shot_faults(draw_few_shot(dataset, config), dataset, config)) == []


@settings(deadline=None)
@given(labels, st.integers(1, 6), st.integers(0, 6), seeds)
def test_a_smaller_k_is_within_a_larger(given_labels: list[str], k: int, more: int, seed: int) -> None:
    examples = Examples({**toy_examples(60).columns, "label": given_labels})
    dataset = toy_dataset(examples, split=given_split(10))
    small, large = (
        draw_few_shot(dataset, protocol("few_shot", k=n, draws=2, split_seed=seed)) for n in (k, k + more)
    )
    for fold, larger in zip(small, large, strict=True):
        assert set(fold.train) <= set(larger.train)


def test_draws_differ_and_the_first_ones_stay() -> None:
    dataset = toy_dataset(toy_examples(60), split=given_split(10))
    five = draw_few_shot(dataset, protocol("few_shot", k=1, draws=5))
    assert [fold.name for fold in five] == ["draw-0", "draw-1", "draw-2", "draw-3", "draw-4"]
    assert len({fold.train for fold in five}) == 5
    assert draw_few_shot(dataset, protocol("few_shot", k=1, draws=3)) == five[:3]


def test_too_few_of_a_stance_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    # Each document has each target and stance once: two training documents have two of each.
    dataset = toy_dataset(toy_examples(24), split=given_split(4))
    draw_few_shot(dataset, protocol("few_shot", k=2, draws=1))
    assert capsys.readouterr().err == ""
    draw_few_shot(dataset, protocol("few_shot", k=3, draws=1))
    assert "few_shot: t0: 2 training examples of against, not 3" in capsys.readouterr().err


def test_faults_of_kept_draws() -> None:
    dataset = toy_dataset(toy_examples(60), split=given_split(10))
    config = protocol("few_shot", k=2, draws=1)
    (fold,) = draw_few_shot(dataset, config)
    changed = replace(fold, train=fold.train[1:], validation=("e48",), test=fold.test[1:])
    assert len(list(few_shot_faults([changed], dataset, config))) == 3


def test_predictions_hold_a_test_example_once_for_each_draw(tmp_path: Path) -> None:
    dataset = toy_dataset(toy_examples(60), tmp_path, given_split(10))
    folds = load_folds(dataset, protocol("few_shot", k=1, draws=2))
    rows = []
    for fold in folds:
        test = dataset.part(fold, "test")
        rows += as_rows(fold.name, "test", test, list(test["label"]), [[0.2, 0.3, 0.5]] * len(test))
    write_predictions(rows, tmp_path / "predictions.parquet")
    assert len(rows) == 2 * 6

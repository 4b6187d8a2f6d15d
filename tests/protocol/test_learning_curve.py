"""learning_curve: shares of the training documents, each within the next."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.errors import UserError
from stancebench.protocol.learning_curve import draw_learning_curve, learning_curve_faults
from tests.protocol.toys import documents_of, given_split, protocol, toy_dataset, toy_examples

DATASET = toy_dataset(toy_examples(6 * 12), split=given_split(12))
CONFIG = protocol("learning_curve", fractions=[0.2, 0.5, 1.0])


@settings(deadline=None, max_examples=6)
@given(st.lists(st.sampled_from([0.1, 0.3, 0.5, 0.8, 1.0]), min_size=1, max_size=3), st.integers(0, 99))
def test_shares_grow_and_are_nested(fractions: list[float], seed: int) -> None:
    config = protocol("learning_curve", fractions=fractions, split_seed=seed)
    folds = draw_learning_curve(DATASET, config)
    assert [fold.name for fold in folds] == [str(fraction) for fraction in sorted(set(fractions))]
    assert list(learning_curve_faults(folds, DATASET, config)) == []
    for fold in folds:
        train, validation, test = documents_of(fold, DATASET)
        assert len(train) == pytest.approx(10 * float(fold.name), abs=0.5 + 1e-9)
        assert len(fold.train) == 6 * len(train)
        assert (validation, test) == ({"d10"}, {"d11"})


def test_the_whole_is_in_targets_training_part() -> None:
    *_, whole = draw_learning_curve(DATASET, CONFIG)
    assert set(whole.train) == {i for i, part in DATASET.split.items() if part == "train"}


def test_faults_of_kept_shares() -> None:
    small, middle, whole = draw_learning_curve(DATASET, CONFIG)
    stranger = next(i for i in whole.train if i not in middle.train)
    changed = [replace(small, train=(*small.train, stranger)), middle, replace(whole, validation=())]
    assert list(learning_curve_faults(changed, DATASET, CONFIG)) == [
        "0.2: its training part is not within that of 0.5",
        "1.0: validation and test are not in_target's",
    ]


def test_a_share_without_a_document() -> None:
    with pytest.raises(UserError, match="too few"):
        draw_learning_curve(DATASET, protocol("learning_curve", fractions=[0.01]))

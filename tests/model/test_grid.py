"""The search over a grid: whole groups, every example once, ties to the strongest regularisation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from stancebench.errors import UserError
from stancebench.model.grid import documents_of, search
from stancebench.types import LABELS, Examples
from tests.conftest import toy_examples


class Recorder:
    """A classifier over row numbers that says `label` and notes what it was fitted on and asked for."""

    def __init__(self, label: str = "none") -> None:
        self.label = label
        self.seen: np.ndarray = np.array([])
        self.asked: np.ndarray = np.array([])

    def predict(self, features: np.ndarray) -> np.ndarray:
        self.asked = features[:, 0]
        return np.full(len(features), self.label, dtype=object)


@settings(deadline=None)  # scikit-learn's first call is slow
@given(
    groups=st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=40).filter(lambda g: len(set(g)) > 1),
    folds=st.integers(2, 5),
)
def test_every_example_is_predicted_once_by_a_classifier_that_saw_nothing_of_its_group(
    groups: list[str], folds: int
) -> None:
    n, names = len(groups), np.array(groups)
    fitted: list[Recorder] = []

    def fit(value: float, features: Any, labels: np.ndarray) -> Recorder:
        fitted.append(Recorder())
        fitted[-1].seen = features[:, 0]
        assert list(labels) == [LABELS[i % 3] for i in features[:, 0]]
        return fitted[-1]

    labels = np.array([LABELS[i % 3] for i in range(n)], dtype=object)
    search(fit, [1.0, 2.0], np.arange(n)[:, None], labels, names, folds)
    assert len(fitted) == 2 * min(folds, len(set(groups)))
    assert sorted(np.concatenate([one.asked for one in fitted])) == sorted([*range(n), *range(n)])
    for one in fitted:
        assert not set(names[one.seen]) & set(names[one.asked])
        assert len(one.seen) + len(one.asked) == n


def says(label_of_value: dict[float, str]) -> Any:
    return lambda value, features, labels: Recorder(label_of_value[value])


def test_scores_by_hand_and_ties_go_to_the_first_value() -> None:
    labels = np.array(["favor", "favor", "against", "none"], dtype=object)
    features, groups = np.arange(4)[:, None], np.array(list("abcd"))
    answers = {3.0: "none", 2.0: "favor", 1.0: "favor"}
    found = search(says(answers), [3.0, 2.0, 1.0], features, labels, groups, 2)
    # Always favor: precision 1/2, recall 1, F1 2/3, the other two labels 0. Always none: F1 2/5.
    assert found.scores == pytest.approx({3.0: 2 / 15, 2.0: 2 / 9, 1.0: 2 / 9})
    assert found.chosen == 2.0


def test_without_a_choice_there_is_no_search() -> None:
    features, labels = np.arange(2)[:, None], np.array(["favor", "none"], dtype=object)
    assert search(says({}), [0.5], features, labels, np.array(["a", "b"]), 3) == (0.5, {})
    assert search(says({}), [0.5, 2.0], features, labels, np.array(["a", "a"]), 3) == (0.5, {})


@pytest.mark.parametrize(("values", "folds"), [([], 3), ([1.0, 2.0], 1)])
def test_an_impossible_search_is_refused(values: list[float], folds: int) -> None:
    features, labels = np.arange(2)[:, None], np.array(["favor", "none"], dtype=object)
    with pytest.raises(UserError, match="at least one value and two folds"):
        search(says({}), values, features, labels, np.array(["a", "b"]), folds)


def test_documents_are_kept_whole_else_texts() -> None:
    examples = toy_examples(12)
    assert list(documents_of(examples)) == ["d0"] * 6 + ["d1"] * 6
    assert list(documents_of(examples.to_pandas())) == ["d0"] * 6 + ["d1"] * 6
    bare = Examples({"text": ["x", "y", "x"], "target": ["a", "a", "b"]})
    assert list(documents_of(bare)) == ["x", "y", "x"]


def test_the_score_is_macro_f1_over_all_three_labels() -> None:
    """An absent label counts as 0 and does not vanish from the mean."""
    labels = np.array(["favor", "against"] * 3, dtype=object)
    found = search(
        says({1.0: "favor", 2.0: "none"}), [1.0, 2.0], np.arange(6)[:, None], labels, np.arange(6), 3
    )
    expected = f1_score(labels, ["favor"] * 6, labels=list(LABELS), average="macro", zero_division=0)
    assert found.scores[1.0] == pytest.approx(expected) == pytest.approx(2 / 9)

"""What a model is shown when one side of an example is hidden."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stancebench.model.inputs import HIDDEN, restrict
from stancebench.registry import model_class
from stancebench.types import Examples
from tests.conftest import toy_examples

TARGETS = ("target", "target_name")


def test_full_is_everything() -> None:
    examples = toy_examples(12)
    shown = restrict(examples, "full")
    assert {name: list(column) for name, column in shown.columns.items()} == {
        name: list(column) for name, column in examples.columns.items()
    }


@pytest.mark.parametrize(("shown", "hidden"), [("text_only", TARGETS), ("target_only", ("text", "context"))])
def test_one_side_is_hidden_and_the_rest_stays(shown: str, hidden: tuple[str, ...]) -> None:
    examples = toy_examples(12)
    left = restrict(examples, shown)
    for name, column in left.columns.items():
        assert list(column) == ([HIDDEN] * 12 if name in hidden else list(examples[name]))


def test_a_shuffled_target_keeps_name_and_id_together_and_tells_nothing() -> None:
    examples = toy_examples(3000)
    shuffled = restrict(examples, "shuffled_target", seed=1)
    assert all(name == f"target {t[1:]}" for t, name in zip(*(shuffled[c] for c in TARGETS), strict=True))
    kept = np.mean(shuffled["target"] == examples["target"])
    assert abs(kept - 0.5) < 0.05  # two targets: half of the draws are the example's own
    assert list(shuffled["text"]) == list(examples["text"])
    assert list(restrict(examples, "shuffled_target", seed=2)["target"]) != list(shuffled["target"])


@given(order=st.permutations(range(24)))
def test_the_shuffled_target_of_an_example_does_not_depend_on_the_order(order: list[int]) -> None:
    examples = toy_examples(24)
    once = restrict(examples, "shuffled_target")
    again = restrict(examples.take(np.array(order)), "shuffled_target")
    assert list(again["target"]) == list(once["target"][order])


def test_without_its_target_a_model_cannot_tell_two_targets_apart() -> None:
    n = 40
    columns = {**toy_examples(n).columns, "text": ["we welcome it"] * n, "target": ["a", "b"] * (n // 2)}
    examples, labels = Examples(columns), ["favor", "against"] * (n // 2)
    accuracy = {}
    for shown in ("full", "text_only", "target_only"):
        table = restrict(examples, shown).to_pandas()
        model = model_class("linear")(kind="logreg").fit(table, labels)
        accuracy[shown] = float(np.mean(model.predict(table) == labels))
    assert accuracy == {"full": 1.0, "text_only": 0.5, "target_only": 1.0}

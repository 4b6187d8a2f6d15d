"""SetFit: its pairs, its head, its tuning; with `tiny_roberta` as the encoder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from stancebench.errors import UserError
from stancebench.model.setfit import SetFitStance, draw_pairs
from stancebench.types import LABELS, Examples
from tests.conftest import toy_examples

pytest.importorskip("sentence_transformers", reason="needs the extra setfit")

some_labels = st.lists(st.sampled_from(LABELS), min_size=1, max_size=30)


def setfit(path: Path, **options: Any) -> SetFitStance:
    return SetFitStance(path=str(path), **{"max_length": 32, "num_iterations": 1, **options})


@given(some_labels, st.integers(1, 4), st.integers(2, 60), st.integers(0, 3))
def test_pairs_are_what_they_say(labels: list[str], per_example: int, max_pairs: int, seed: int) -> None:
    names = np.array(labels, dtype=object)
    first, second, same = draw_pairs(names, per_example, max_pairs, seed)
    np.testing.assert_array_equal(names[first] == names[second], same == 1)
    assert len(first) <= max_pairs
    alone = [i for i in range(len(names)) if labels.count(labels[i]) == 1]
    assert all(i in alone for i in first[first == second])
    if len(set(labels)) > 1:
        assert 2 * same.sum() == len(same) == min(2 * per_example * len(labels), max_pairs // 2 * 2)
    else:
        assert same.all()


def test_every_example_is_first_as_often_as_asked() -> None:
    labels = np.array(["favor"] * 5 + ["none"] * 2, dtype=object)
    pairs = draw_pairs(labels, per_example=3, max_pairs=1000, seed=0)
    for kind in (0, 1):
        assert Counter(pairs.first[pairs.same == kind].tolist()) == dict.fromkeys(range(7), 3)


def test_pairs_follow_the_seed() -> None:
    labels = np.array(toy_examples(30)["label"])
    one, again, other = (draw_pairs(labels, 2, 1000, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.second, again.second)
    assert (one.second != other.second).any()


@pytest.mark.parametrize("present", [LABELS, ("against", "favor")])
def test_the_head_is_scikit_learns(tiny_roberta: Path, present: tuple[str, ...]) -> None:
    """Probabilities from the stored arrays are those of a logistic regression on the same vectors."""
    examples = toy_examples(30)
    some = examples.where(lambda row: row["label"] in present)
    model = setfit(tiny_roberta, C=3.0).fit(some, list(some["label"]))
    vectors = model.body_.encode(
        [f"{t}: {x}" for t, x in zip(some["target_name"], some["text"], strict=True)]
    )
    expected = LogisticRegression(C=3.0, class_weight="balanced", max_iter=2000)
    expected.fit(vectors.astype(float), list(some["label"]))
    columns = [LABELS.index(label) for label in expected.classes_]
    found = model.predict_proba(some)
    np.testing.assert_allclose(found[:, columns], expected.predict_proba(vectors.astype(float)), atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_tuning_draws_labels_apart(tiny_roberta: Path) -> None:
    """The gap between the cosines of equal and of different labels grows."""
    examples = toy_examples(24)
    untuned = setfit(tiny_roberta, body_learning_rate=0.0)
    tuned = setfit(tiny_roberta, body_learning_rate=1e-3, num_iterations=6)
    assert _gap(tuned, examples) > _gap(untuned, examples) + 0.1


def _gap(model: SetFitStance, examples: Examples) -> float:
    model.fit(examples, list(examples["label"]))
    vectors = model.body_.encode(list(examples["text"]))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    same = np.equal.outer(examples["label"], examples["label"])
    return float((vectors @ vectors.T)[same].mean() - (vectors @ vectors.T)[~same].mean())


def test_max_pairs_bounds_the_steps(tiny_roberta: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(SetFitStance, "_tune", lambda self, texts, pairs: seen.append(len(pairs.first)))
    examples = toy_examples(60)
    setfit(tiny_roberta, num_iterations=20, max_pairs=50).fit(examples, list(examples["label"]))
    assert seen == [50]


def test_order_does_not_matter_in_prediction(tiny_roberta: Path) -> None:
    examples = toy_examples(18)
    model = setfit(tiny_roberta, batch_size=2).fit(examples, list(examples["label"]))
    order = np.random.default_rng(0).permutation(18)
    in_order = model.predict_proba(examples)
    np.testing.assert_allclose(model.predict_proba(examples.take(order)), in_order[order], atol=1e-6)


def test_a_restored_model_predicts_alike(tiny_roberta: Path, tmp_path: Path) -> None:
    examples = toy_examples(18)
    model = setfit(tiny_roberta).fit(examples, list(examples["label"]))
    model.save(tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".pkl", ".bin", ".pt")]
    again = setfit(tiny_roberta)
    again.restore(tmp_path)
    np.testing.assert_array_equal(again.predict_proba(examples), model.predict_proba(examples))
    assert again.parameter_count() == model.parameter_count()


def test_a_template_without_the_text_is_refused(tiny_roberta: Path) -> None:
    with pytest.raises(UserError, match=r"'{target}': {text} is missing"):
        setfit(tiny_roberta, template="{target}").fit(toy_examples(6), ["favor"] * 6)

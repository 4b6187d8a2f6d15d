"""Figures of confusion counts against the official scorer, scikit-learn, and values by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.evaluate import counts
from stancebench.types import LABELS

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "data" / "semeval2016_scorer.json").read_text(encoding="utf-8")
)["cases"]
SINGLE = (counts.macro_f1, counts.f_avg, counts.accuracy, counts.balanced_accuracy, counts.mcc)


@pytest.mark.parametrize("case", GOLDEN, ids=range(len(GOLDEN)))
def test_the_official_scorer_is_matched(case: dict[str, Any]) -> None:
    confusions = counts.confusion(case["gold"], case["predicted"])
    for label in ("favor", "against"):
        for name, figure in (("precision", counts.precision), ("recall", counts.recall), ("f1", counts.f1)):
            found = float(figure(confusions)[LABELS.index(label)])
            assert round(found, 4) == case["scorer"][label][name]
    assert round(float(counts.f_avg(confusions)), 4) == case["scorer"]["f_avg"]


def test_values_by_hand() -> None:
    # gold:      against against none none favor favor favor
    # predicted: against none    none none favor against -
    gold = ["against"] * 2 + ["none"] * 2 + ["favor"] * 3
    confusions = counts.confusion(gold, ["against", "none", "none", "none", "favor", "against", None])
    np.testing.assert_allclose(counts.precision(confusions), [1 / 2, 2 / 3, 1])
    np.testing.assert_allclose(counts.recall(confusions), [1 / 2, 1, 1 / 3])
    np.testing.assert_allclose(counts.f1(confusions), [1 / 2, 4 / 5, 1 / 2])
    assert counts.macro_f1(confusions) == pytest.approx(3 / 5)
    assert counts.f_avg(confusions) == pytest.approx(1 / 2)
    assert counts.accuracy(confusions) == pytest.approx(4 / 7)
    assert counts.balanced_accuracy(confusions) == pytest.approx((1 / 2 + 1 + 1 / 3) / 3)
    # c s - Σ p g = 4·7 - (2·2 + 3·2 + 1·3), s² - Σ p² = 49 - (4 + 9 + 1 + 1), s² - Σ g² = 49 - (4 + 4 + 9)
    assert counts.mcc(confusions) == pytest.approx(15 / (34 * 32) ** 0.5)
    assert counts.unscored(confusions) == 1


def test_an_absent_class_scores_nothing_and_does_not_vanish() -> None:
    confusions = counts.confusion(["none"] * 4, ["none"] * 4)
    assert counts.macro_f1(confusions) == pytest.approx(1 / 3)
    assert counts.balanced_accuracy(confusions) == pytest.approx(1 / 3)
    assert counts.mcc(confusions) == 0


predictions = st.sampled_from([*LABELS, None])
pairs = st.lists(st.tuples(st.sampled_from(LABELS), predictions), min_size=1, max_size=60)


@settings(deadline=None)
@given(pairs)
def test_scikit_learn_agrees(drawn: list[tuple[str, str | None]]) -> None:
    gold = [label for label, _ in drawn]
    predicted = [label or "unscored" for _, label in drawn]
    confusions = counts.confusion(gold, [label for _, label in drawn])
    expected = sklearn.metrics.precision_recall_fscore_support(
        gold, predicted, labels=list(LABELS), zero_division=0
    )
    for figure, values in zip((counts.precision, counts.recall, counts.f1), expected, strict=False):
        np.testing.assert_allclose(figure(confusions), values)
    assert counts.accuracy(confusions) == pytest.approx(sklearn.metrics.accuracy_score(gold, predicted))
    if len(set(gold) | set(predicted)) > 1:
        correlation = sklearn.metrics.matthews_corrcoef(gold, predicted)
        assert counts.mcc(confusions) == pytest.approx(correlation)
    if set(gold) == set(LABELS) >= set(predicted):
        balanced = sklearn.metrics.balanced_accuracy_score(gold, predicted)
        assert counts.balanced_accuracy(confusions) == pytest.approx(balanced)


def test_balanced_accuracy_is_that_of_scikit_learn() -> None:
    gold = ["against"] * 5 + ["none"] * 9 + ["favor"] * 3
    predicted = [LABELS[i % 3] for i in range(17)]
    expected = sklearn.metrics.balanced_accuracy_score(gold, predicted)
    assert counts.balanced_accuracy(counts.confusion(gold, predicted)) == pytest.approx(expected)


def test_figures_take_stacks_of_confusions() -> None:
    stack = np.random.default_rng(0).integers(0, 9, size=(5, 2, 3, 4))
    for figure in SINGLE:
        whole = figure(stack)
        assert whole.shape == (5, 2)
        assert whole[3, 1] == pytest.approx(float(figure(stack[3, 1])))


def test_no_label_is_unknown() -> None:
    with pytest.raises(KeyError):
        counts.positions(["FAVOR"])

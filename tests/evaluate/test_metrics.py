"""Metrics against the official scorer, scikit-learn, and values by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.evaluate import metrics
from stancebench.types import LABELS

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "data" / "semeval2016_scorer.json").read_text(encoding="utf-8")
)["cases"]


@pytest.mark.parametrize("case", GOLDEN, ids=range(len(GOLDEN)))
def test_the_official_scorer_is_matched(case: dict[str, object]) -> None:
    counts = metrics.confusion(case["gold"], case["predicted"])  # type: ignore[arg-type]
    scorer: dict[str, object] = case["scorer"]  # type: ignore[assignment]
    for label in ("favor", "against"):
        for name in ("precision", "recall", "f1"):
            found = float(metrics.METRICS[f"{name}_{label}"](counts))
            assert round(found, 4) == scorer[label][name]  # type: ignore[index]
    assert round(float(metrics.f_avg(counts)), 4) == scorer["f_avg"]


def test_values_by_hand() -> None:
    # gold:      against against none none favor favor favor
    # predicted: against none    none none favor against -
    gold = ["against"] * 2 + ["none"] * 2 + ["favor"] * 3
    counts = metrics.confusion(gold, ["against", "none", "none", "none", "favor", "against", None])
    np.testing.assert_allclose(metrics.precision(counts), [1 / 2, 2 / 3, 1])
    np.testing.assert_allclose(metrics.recall(counts), [1 / 2, 1, 1 / 3])
    np.testing.assert_allclose(metrics.f1(counts), [1 / 2, 4 / 5, 1 / 2])
    assert metrics.macro_f1(counts) == pytest.approx(3 / 5)
    assert metrics.f_avg(counts) == pytest.approx(1 / 2)
    assert metrics.accuracy(counts) == pytest.approx(4 / 7)
    assert metrics.unscored(counts) == 1


def test_an_absent_class_scores_nothing_and_does_not_vanish() -> None:
    counts = metrics.confusion(["none"] * 4, ["none"] * 4)
    assert metrics.macro_f1(counts) == pytest.approx(1 / 3)
    assert metrics.mcc(counts) == 0


pairs = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=60)


@settings(deadline=None)
@given(pairs)
def test_scikit_learn_agrees(drawn: list[tuple[str, str]]) -> None:
    gold, predicted = map(list, zip(*drawn, strict=True))
    counts = metrics.confusion(gold, predicted)
    expected = sklearn.metrics.precision_recall_fscore_support(
        gold, predicted, labels=list(LABELS), zero_division=0
    )
    for function, values in zip((metrics.precision, metrics.recall, metrics.f1), expected, strict=False):
        np.testing.assert_allclose(function(counts), values)
    assert metrics.accuracy(counts) == pytest.approx(sklearn.metrics.accuracy_score(gold, predicted))
    if len(set(gold) | set(predicted)) > 1:
        assert metrics.mcc(counts) == pytest.approx(sklearn.metrics.matthews_corrcoef(gold, predicted))


def test_metrics_take_stacks_of_confusions() -> None:
    rng = np.random.default_rng(0)
    stack = rng.integers(0, 9, size=(5, 2, 3, 4))
    for function in metrics.METRICS.values():
        whole = function(stack)
        assert whole.shape == (5, 2)
        assert whole[3, 1] == pytest.approx(float(function(stack[3, 1])))

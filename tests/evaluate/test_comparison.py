"""Two models on the same documents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stancebench.evaluate.comparison import compare, compare_all
from stancebench.evaluate.counts import confusion, macro_f1
from stancebench.evaluate.intervals import draw, estimate, interval, widened
from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.pairs import paired
from stancebench.evaluate.sample import Sample
from stancebench.evaluate.scores import MEAN
from stancebench.evaluate.significance import holm
from tests.evaluate.worlds import columns


def value(run: dict[str, Any]) -> float:
    return float(macro_f1(confusion(run["gold"], run["predicted"])))


GOOD = [columns(240, seed=seed, right=0.8) for seed in (1, 2, 3)]
POOR = [columns(240, seed=seed, right=0.4) for seed in (4, 5, 6)]


def test_values_and_directions() -> None:
    found = compare(GOOD, POOR, resamples=400)
    assert found.first == pytest.approx(np.mean([value(run) for run in GOOD]))
    assert found.difference == pytest.approx(found.first - found.second)
    assert 0 < found.low < found.difference < found.high
    assert found.p_documents < 0.01
    assert found.p_seeds < 0.02  # 400 resamples tell no less
    assert found.standardised > 0.5
    assert 0 < found.detectable < found.difference
    assert (found.documents, found.n) == (20, 240)
    back = compare(POOR, GOOD, resamples=400)
    assert back.difference == -found.difference
    assert back.standardised == -found.standardised
    assert back.p_documents == pytest.approx(found.p_documents, abs=0.01)


def test_a_model_does_not_differ_from_itself() -> None:
    found = compare(GOOD[:1], GOOD[:1], resamples=50)
    assert (found.difference, found.low, found.high, found.detectable) == (0, 0, 0, 0)
    assert (found.p_documents, found.p_seeds) == (1, 1)


def test_other_seeds_could_have_been_better_even_of_one_model() -> None:
    found = compare(GOOD, GOOD, resamples=200)
    assert (found.difference, found.p_documents) == (0, 1)
    assert found.low < 0 < found.high


def test_the_interval_is_that_of_the_paired_difference() -> None:
    names = sorted(set(GOOD[0]["document_id"]))
    documents = draw(20, 300)
    first, second = (
        estimate(METRICS["macro_f1"].statistic(Sample.of(run, names)), documents)
        for run in (GOOD[0], POOR[0])
    )
    found = compare(GOOD[:1], POOR[:1], resamples=300)
    low, high = interval(first.minus(second), level=widened(0.95, 20))
    assert (found.low, found.high) == pytest.approx((low, high))


@pytest.mark.parametrize("metric", ["f_avg", "mcc", "brier", "calibration_error", "aurc"])
@pytest.mark.parametrize("group", ["t1", MEAN])
def test_any_metric_and_group(metric: str, group: str) -> None:
    found = compare(GOOD[:1], POOR[:1], metric, group, resamples=100)
    assert 1 / 101 <= found.p_documents <= 1
    if metric == "calibration_error":
        assert np.isnan([found.low, found.high, found.p_seeds, found.detectable]).all()
    else:
        assert found.low <= found.difference <= found.high
        assert 0 < found.p_seeds <= 1
    assert found.n == (240 if group == MEAN else 120)


def test_a_model_with_one_run_meets_each_seed_of_another() -> None:
    found = compare(GOOD, POOR[:1], resamples=100)
    assert found.second == pytest.approx(value(POOR[0]))
    with pytest.raises(ValueError, match="there are 3 and 2"):
        compare(GOOD, POOR[:2], resamples=10)
    with pytest.raises(ValueError, match="runs 0 and 1 differ in 120 examples"):
        compare(GOOD[:1], [columns(120)], resamples=10)


def test_pairs_of_edits_can_be_compared() -> None:
    good, poor = (paired(run, {**run, "original_id": run["example_id"]}) for run in (GOOD[0], POOR[0]))
    found = compare([good], [poor], "consistency", resamples=100)
    accuracy = np.mean(np.array(GOOD[0]["gold"]) == np.array(GOOD[0]["predicted"]))
    assert found.first == pytest.approx(accuracy)  # each edit is its own original
    assert found.difference > 0


def test_all_pairs_are_corrected_together() -> None:
    models = {"good": GOOD[:1], "poor": POOR[:1], "fair": [columns(240, seed=7, right=0.6)]}
    found = compare_all(models, resamples=200)
    assert list(found) == [("good", "poor"), ("good", "fair"), ("poor", "fair")]
    for kind in ("p_documents", "p_seeds"):
        raw = [getattr(comparison, kind) for comparison in found.values()]
        np.testing.assert_array_equal([getattr(c, f"{kind}_holm") for c in found.values()], holm(raw))

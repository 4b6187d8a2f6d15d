"""Two models on the same documents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stancebench.evaluate.comparison import compare, compare_all, ties_with_best
from stancebench.evaluate.counts import confusion, macro_f1
from stancebench.evaluate.intervals import draw, estimate, interval, widened
from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.pairs import paired
from stancebench.evaluate.sample import Sample
from stancebench.evaluate.scores import MEAN
from stancebench.evaluate.significance import holm
from stancebench.types import LABELS
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
    with pytest.raises(ValueError, match="runs 0 and 1 differ in 120 examples"):
        compare(GOOD[:1], [columns(120)], resamples=10)


def test_models_may_have_different_numbers_of_seeds() -> None:
    found = compare(GOOD, POOR[:2], resamples=400)
    assert found.difference == pytest.approx(
        np.mean([value(r) for r in GOOD]) - np.mean([value(r) for r in POOR[:2]])
    )
    assert found.low < found.difference < found.high
    twice = compare(GOOD, [POOR[0], POOR[0]], resamples=400)
    once = compare(GOOD, POOR[:1], resamples=400)
    # The same run twice is one run: in the mean, in the interval, and in what is swapped.
    assert (twice.difference, twice.low, twice.high) == pytest.approx((once.difference, once.low, once.high))
    assert twice.p_documents == once.p_documents


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


def test_the_best_and_its_ties_are_those_of_the_corrected_pairs() -> None:
    one = [columns(240, seed=9, right=0.8)]
    models = {"poor": POOR, "good": GOOD, "twin": [*GOOD[1:], GOOD[0]], "one": one}
    ties = ties_with_best(models, resamples=400)
    assert ties.best == max(models, key=lambda name: np.mean([value(run) for run in models[name]]))
    assert {ties.best, *ties.tied} == {"good", "twin", "one"}


def test_lower_may_be_better_and_what_has_no_interval_is_tested_by_swaps() -> None:
    two = {"poor": POOR, "good": GOOD}
    assert ties_with_best(two, "brier", resamples=400) == ("good", ())
    found = compare(POOR, GOOD, "calibration_error", resamples=400)
    ties = ties_with_best(two, "calibration_error", resamples=400)
    assert ties.best == ("poor" if found.difference < 0 else "good")
    assert bool(ties.tied) == (found.p_documents > 0.05)


def test_one_run_under_three_names_is_tied() -> None:
    same = ties_with_best({"a": GOOD[:1], "b": GOOD[:1], "c": GOOD[:1]}, resamples=100)
    assert {same.best, *same.tied} == {"a", "b", "c"}


def seeded(generator: np.random.Generator, difficulty: np.ndarray, logit: float) -> list[dict[str, Any]]:
    """Three runs of a model on 20 documents of 12 examples, its seeds a little apart in quality."""
    n = difficulty.size
    gold, wrong = np.resize(LABELS, n), np.resize(np.roll(LABELS, 1), n)
    fixed = {"fold": ["f"] * n, "example_id": range(n), "target": ["t"] * n, "gold": gold}
    fixed["document_id"] = [f"d{i // 12:02d}" for i in range(n)]
    chances = 1 / (1 + np.exp(-(logit + generator.normal(0, 0.1, size=(3, 1)) + difficulty)))
    return [{**fixed, "predicted": np.where(generator.random(n) < p, gold, wrong)} for p in chances]


def test_no_equal_model_is_told_from_the_best_and_a_poor_one_is() -> None:
    generator, alarms, found = np.random.default_rng(0), [], []
    for i in range(150):
        difficulty = generator.normal(0, 1, 240) + np.repeat(generator.normal(0, 0.4, 20), 12)
        models = {name: seeded(generator, difficulty, 1.0) for name in "abc"}
        alarms.append(len(ties_with_best(models, "accuracy", resamples=300).tied) < 2)
        if i < 30:
            models["a"] = seeded(generator, difficulty, -0.5)
            found.append("a" not in ties_with_best(models, "accuracy", resamples=300).tied)
    assert np.mean(alarms) <= 0.06
    assert np.mean(found) > 0.9


def test_one_document_alone_gives_the_difference_and_nothing_of_its_certainty() -> None:
    gold = ["favor", "against", "none", "favor"]
    rows = {"fold": [""] * 4, "example_id": list("abcd"), "document_id": ["d"] * 4, "target": ["t"] * 4}
    first, second = {**rows, "gold": gold, "predicted": gold}, {**rows, "gold": gold, "predicted": gold[::-1]}
    found = compare([first], [second], "accuracy", resamples=50)
    assert found.difference == pytest.approx(0.5)
    unknown = (found.low, found.standardised, found.detectable, found.p_documents, found.p_seeds)
    assert np.isnan(unknown).all()

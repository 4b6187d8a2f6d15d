"""Losses, calibration and abstention against values by hand, scikit-learn, and slow loops."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.evaluate import probabilities as p
from stancebench.types import LABELS

NAN = [np.nan] * 3


def drawn(seed: int, n: int = 50) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 3, n), rng.dirichlet(np.ones(3), n)


def test_losses_by_hand() -> None:
    gold, table = np.array([0, 1, 2]), np.array([[0.5, 0.25, 0.25], [1, 0, 0], NAN])
    np.testing.assert_allclose(p.log_losses(gold, table), [np.log(2), -np.log(p.CLIP), np.log(3)])
    np.testing.assert_allclose(p.brier_losses(gold, table), [0.25 + 2 / 16, 2, 4 / 9 + 2 / 9])
    shares = np.array([[0.5, 0.5, 0], [1, 0, 0], [0, 0.5, 0.5]])
    expected = [(np.log(2) + np.log(4)) / 2, 0, np.log(3)]
    np.testing.assert_allclose(p.soft_losses(shares, table), expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_scikit_learn_agrees(seed: int) -> None:
    gold, table = drawn(seed)
    table[0] = [0, 0, 1]  # certain, and wrong for one of the seeds
    labels = list(range(3))
    log_loss = sklearn.metrics.log_loss(gold, table, labels=labels)
    assert p.log_losses(gold, table).mean() == pytest.approx(log_loss)
    brier = sklearn.metrics.brier_score_loss(gold, table, labels=labels)
    assert p.brier_losses(gold, table).mean() == pytest.approx(brier)


def test_confidence_is_that_of_the_predicted_label() -> None:
    table = np.array([[0.2, 0.5, 0.3], [0.2, 0.5, 0.3], [0.2, 0.5, 0.3], NAN])
    found = p.confidences(np.array([1, 0, 3, 0]), table)
    np.testing.assert_array_equal(found, [0.5, 0.2, np.nan, np.nan])


def test_bins_hold_equally_many_and_ties_stay_together() -> None:
    assert np.bincount(p.adaptive_bins(np.random.default_rng(0).random(150), 15)).tolist() == [10] * 15
    assert p.adaptive_bins(np.array([0.5] * 7), 3).tolist() == [0] * 7
    assert p.adaptive_bins(np.array([0.1, 0.2, 0.2, 0.2, 0.9, 0.95]), 3).tolist() == [0, 0, 0, 0, 2, 2]


def test_calibration_error_by_hand() -> None:
    # Two bins: {0.5 right, 0.6 wrong, unscored} and {0.9 right, 0.9 right}.
    right = np.array([True, False, True, True, False])
    confidence = np.array([0.5, 0.6, 0.9, 0.9, np.nan])
    error = p.calibration_error(p.calibration_terms(right, confidence, bins=2).sum(axis=0))
    assert error == pytest.approx((abs(1.1 - 1) + abs(1.8 - 2)) / 4)


def test_a_calibrated_model_has_an_error_near_nothing_and_a_boastful_one_its_excess() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.4, 0.9, 20_000)
    right = rng.random(20_000) < confidence
    honest = p.calibration_error(p.calibration_terms(right, confidence).sum(axis=0))
    assert honest < 0.02
    boastful = p.calibration_error(p.calibration_terms(right, confidence + 0.1).sum(axis=0))
    assert boastful == pytest.approx(0.1, abs=0.01)


def slow_area(right: list[bool], confidence: list[float]) -> float:
    """The error rate among the predictions at least as confident, averaged, one prediction at a time."""
    risks = []
    for own in confidence:
        answered = [r for r, c in zip(right, confidence, strict=True) if c >= own]
        risks.append(1 - sum(answered) / len(answered))
    return sum(risks) / len(risks)


answers = st.lists(st.tuples(st.booleans(), st.sampled_from([0.4, 0.5, 0.7, 0.9])), min_size=1, max_size=30)


@settings(deadline=None)
@given(answers)
def test_risk_coverage_is_that_of_a_slow_loop(answered: list[tuple[bool, float]]) -> None:
    right, confidence = map(np.array, zip(*answered, strict=True))
    curve = p.RiskCoverage(right, confidence, np.zeros(len(right), dtype=int))
    found = float(curve(np.ones(1)))
    assert found == pytest.approx(slow_area(list(right), list(confidence)))
    assert 0 <= found <= 1
    if len(list(groupby(sorted(confidence)))) == 1:
        assert found == pytest.approx(1 - right.mean())


def test_a_weight_is_a_repetition_and_the_unscored_come_last_and_wrong() -> None:
    right = np.array([True, False, True, True])
    confidence = np.array([0.9, 0.8, 0.7, np.nan])
    curve = p.RiskCoverage(right, confidence, np.array([0, 1, 1, 2]))
    assert curve(np.array([1, 1, 1])) == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)
    twice = [True, False, False, True, True], [0.9, 0.8, 0.8, 0.7, 0.7]
    assert curve(np.array([1, 2, 0])) == pytest.approx(slow_area(*twice))
    assert np.isnan(curve(np.zeros(3)))
    many = np.random.default_rng(0).integers(0, 3, size=(7, 60, 3))
    assert curve(many).shape == (7, 60)
    assert curve(many)[6, 59] == pytest.approx(float(curve(many[6, 59])), nan_ok=True)


def test_labels_and_columns_have_one_order() -> None:
    gold = np.arange(3)
    assert p.log_losses(gold, np.eye(len(LABELS))).max() < 1e-12

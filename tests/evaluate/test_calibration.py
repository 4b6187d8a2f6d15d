"""Temperatures, reliability tables and risk–coverage curves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.evaluate.calibration import (
    calibrate,
    fit_temperature,
    reliability,
    risk_coverage,
    with_temperature,
)
from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.probabilities import log_losses
from stancebench.evaluate.sample import Sample
from stancebench.types import LABELS
from tests.evaluate.worlds import columns


def world(n: int, temperature: float, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Labels drawn from honest probabilities, and the probabilities of a model off by a temperature."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet(np.ones(3), n)
    drawn = (rng.random((n, 1)) > honest.cumsum(axis=1)).sum(axis=1)
    return [LABELS[i] for i in drawn], with_temperature(honest, 1 / temperature)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_of_a_known_world_is_found(temperature: float) -> None:
    assert fit_temperature(*world(20_000, temperature)) == pytest.approx(temperature, rel=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_no_other_temperature_has_a_smaller_loss(seed: int) -> None:
    gold, table = world(60, 3.0, seed)
    labels = np.array([LABELS.index(label) for label in gold])

    def loss(temperature: float) -> float:
        return float(log_losses(labels, with_temperature(table, temperature)).mean())

    least = loss(fit_temperature(gold, table))
    assert all(least <= loss(other) + 1e-9 for other in np.geomspace(0.02, 50, 300))


def test_unscored_rows_have_no_say_and_without_others_there_is_no_temperature() -> None:
    gold, table = world(100, 2.0)
    more = np.vstack([table, np.full((5, 3), np.nan)])
    assert fit_temperature(gold + ["favor"] * 5, more) == fit_temperature(gold, table)
    with pytest.raises(ValueError, match="no validation prediction has probabilities"):
        fit_temperature(["favor"], np.full((1, 3), np.nan))


weights = st.tuples(*[st.integers(0, 9)] * 3).filter(any)


@settings(deadline=None)
@given(st.lists(weights, min_size=1, max_size=20), st.floats(0.05, 20))
def test_a_temperature_keeps_distributions_and_the_order_of_labels(
    drawn: list[tuple[int, ...]], t: float
) -> None:
    table = np.array(drawn) / np.sum(drawn, axis=1, keepdims=True)
    scaled = with_temperature(table, t)
    np.testing.assert_allclose(scaled.sum(axis=1), 1)
    higher = table[:, :, None] > table[:, None, :]
    assert (scaled[:, :, None] >= scaled[:, None, :])[higher].all()
    np.testing.assert_allclose(with_temperature(table, 1), table, atol=1e-14)
    assert np.isnan(with_temperature(np.full((2, 3), np.nan), t)).all()


def test_calibration_reads_validation_alone_and_each_folds_own() -> None:
    parts = []
    for fold, temperature in (("a", 0.5), ("b", 3.0)):
        gold, table = world(2000, temperature)
        part = np.where(np.arange(2000) < 1500, "validation", "test")
        parts.append(([fold] * 2000, part, gold, table))
    table = np.vstack([p[3] for p in parts])
    data = {
        "fold": np.concatenate([p[0] for p in parts]),
        "part": np.concatenate([p[1] for p in parts]),
        "gold": np.concatenate([p[2] for p in parts]),
        **{f"p_{label}": table[:, i] for i, label in enumerate(LABELS)},
    }
    found = calibrate(data)
    assert found.temperatures == pytest.approx({"a": 0.5, "b": 3.0}, rel=0.1)
    expected = with_temperature(table[:2000], found.temperatures["a"])
    np.testing.assert_array_equal(found.probabilities[:2000], expected)
    other = {**data, "gold": np.where(data["part"] == "test", "none", data["gold"])}
    assert calibrate(other).temperatures == found.temperatures
    without = calibrate({**data, "part": np.full(4000, "test")})
    assert without.temperatures == {}
    np.testing.assert_array_equal(without.probabilities, table)


def test_the_reliability_table_by_hand_and_its_mean_gap() -> None:
    data = {
        "gold": ["favor", "favor", "none", "none", "none"],
        "predicted": ["favor", "favor", "none", "favor", None],
        "p_against": [0.1, 0.2, 0.2, 0.2, np.nan],
        "p_none": [0.0, 0.1, 0.5, 0.2, np.nan],
        "p_favor": [0.9, 0.7, 0.3, 0.6, np.nan],
    }
    low, high = reliability(data, bins=2)
    assert low == pytest.approx((0.5, 0.6, 0.55, 0.5, 2))
    assert high == pytest.approx((0.7, 0.9, 0.8, 1.0, 2))
    run = columns(400)
    rows = reliability(run)
    assert (len(rows), sum(row.n for row in rows)) == (15, 400)
    gap = sum(row.n * abs(row.confidence - row.accuracy) for row in rows) / 400
    sample = Sample.of(run, sorted(set(run["document_id"])))
    error = METRICS["calibration_error"].statistic(sample)(np.ones(20))
    assert gap == pytest.approx(float(error))


def test_the_risk_coverage_curve_by_hand_and_its_area() -> None:
    data = {
        "gold": ["favor"] * 4,
        "predicted": ["favor", "none", "favor", None],
        "p_against": [0.1, 0.2, 0.2, np.nan],
        "p_none": [0.0, 0.6, 0.2, np.nan],
        "p_favor": [0.9, 0.2, 0.6, np.nan],
    }
    curve = risk_coverage(data)
    np.testing.assert_allclose(curve.coverage, [1 / 4, 3 / 4, 1])
    np.testing.assert_allclose(curve.risk, [0, 1 / 3, 2 / 4])
    area = (1 * 0 + 2 / 3 + 1 * 2 / 4) / 4
    sample = Sample.of({**data, "document_id": ["d"] * 4}, ["d"])
    assert METRICS["aurc"].statistic(sample)(np.ones(1)) == pytest.approx(area)

"""Almost stochastic order: by hand, by numerical integration, and how often it is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.evaluate.dominance import almost_stochastic_order, violation_ratio


def test_the_violation_ratio_by_hand() -> None:
    # Quantiles on thirds and halves: gaps 1-2 (1/3), 4-2 (1/6), 4-3 (1/6), 5-3 (1/3).
    found = float(violation_ratio(np.array([4.0, 1, 5]), np.array([3.0, 2])))
    assert found == pytest.approx((1 / 3) / (1 / 3 + 4 / 6 + 1 / 6 + 4 / 3))
    same = np.array([0.3, 0.4])
    assert violation_ratio(same, same) == 0.5


scores = st.lists(st.integers(0, 20), min_size=5, max_size=12).map(lambda drawn: np.array(drawn) / 20)


@settings(deadline=None)
@given(scores, scores)
def test_it_is_the_integral_over_quantiles_and_two_directions_make_one(
    first: np.ndarray, second: np.ndarray
) -> None:
    found = float(violation_ratio(first, second))
    assert found == pytest.approx(1 - float(violation_ratio(second, first)))
    levels = (np.arange(27_720) + 0.5) / 27_720  # a multiple of every 1 to 12: no step is cut
    gaps = np.quantile(first, levels, method="inverted_cdf") - np.quantile(
        second, levels, method="inverted_cdf"
    )
    if np.abs(gaps).max() > 0:
        assert found == pytest.approx((gaps[gaps < 0] ** 2).sum() / (gaps**2).sum())
    found = almost_stochastic_order(first, second, resamples=50)
    assert found.epsilon <= found.upper <= 1
    assert found == almost_stochastic_order(first[::-1], second, resamples=50)._replace(upper=found.upper)


def test_better_at_every_quantile_is_better() -> None:
    first, second = np.array([0.7, 0.71, 0.73, 0.74, 0.75]), np.array([0.6, 0.61, 0.63, 0.65, 0.66])
    assert almost_stochastic_order(first, second) == (0, 0)
    assert almost_stochastic_order(first, second).better
    assert almost_stochastic_order(second, first) == (1, 1)
    assert not almost_stochastic_order(second, first).better


def test_too_few_seeds_are_refused() -> None:
    with pytest.raises(ValueError, match="needs 5 seeds of each model, not 5 and 3"):
        almost_stochastic_order([0.1] * 5, [0.1] * 3)


@pytest.mark.parametrize("seeds", [5, 10])
def test_equal_models_are_rarely_called_different_and_a_better_one_is_found(seeds: int) -> None:
    generator = np.random.default_rng(0)
    alarms, as_proposed, found = [], [], []
    for i in range(1500):
        first, second = generator.normal(size=(2, seeds))
        twin = almost_stochastic_order(first, second, resamples=200, seed=i)
        alarms.append(twin.better)
        as_proposed.append(twin.upper < 0.5)
        found.append(almost_stochastic_order(first + 2.5, second, resamples=200, seed=i).better)
    assert np.mean(alarms) <= 0.06
    assert np.mean(as_proposed) > 0.15  # why the threshold is not the proposal's
    assert np.mean(found) > 0.9

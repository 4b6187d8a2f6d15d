"""Bootstrap intervals: against SciPy and loops, and how often they hold the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.evaluate import counts, intervals
from stancebench.evaluate.intervals import Estimate, Sums, draw, estimate, interval, widened
from stancebench.evaluate.probabilities import ratio
from tests.evaluate.worlds import WORLD, confusions


def mean_of_one_each(values: np.ndarray) -> Sums:
    """The plain mean of d values: each document has one example."""
    return Sums(np.stack([values, np.ones(len(values))], axis=1), ratio)


def test_a_draw_has_as_many_as_there_are_and_its_seed_decides() -> None:
    weights = draw(7, resamples=1000)
    assert set(weights.sum(axis=1)) == {7}
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.12)
    np.testing.assert_array_equal(weights, draw(7, resamples=1000))
    assert not np.array_equal(weights, draw(7, resamples=1000, seed=0))


def test_value_draws_and_jackknife_by_hand() -> None:
    found = estimate(
        mean_of_one_each(np.array([1.0, 2.0, 6.0])), np.array([[3.0, 0, 0], [1, 1, 1], [0, 1, 2]])
    )
    assert found.value == 3
    np.testing.assert_allclose(found.draws, [1, 3, 14 / 3])
    np.testing.assert_allclose(found.jackknives[0], [4, 3.5, 1.5])
    # u / n = (2 / 3)(3 - [4, 3.5, 1.5]) = [-2/3, -1/3, 1]
    expected = (-8 / 27 - 1 / 27 + 1) / (6 * (4 / 9 + 1 / 9 + 1) ** 1.5)
    assert intervals.acceleration(found.jackknives) == pytest.approx(expected)


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_scipy_agrees(method: Any) -> None:
    values = np.random.default_rng(0).exponential(size=60)
    ours = interval(estimate(mean_of_one_each(values), draw(60, 20_000)), method)
    scipys = scipy.stats.bootstrap(
        (values,), np.mean, method=method, n_resamples=20_000, rng=np.random.default_rng(1)
    ).confidence_interval
    np.testing.assert_allclose(ours, scipys, atol=0.008)


def test_bca_takes_the_formula_of_efron() -> None:
    generator = np.random.default_rng(0)
    found = Estimate(0.2, generator.normal(size=2001), (generator.exponential(size=30),))
    normal = scipy.stats.norm
    bias = normal.ppf((found.draws < 0.2).mean())
    influence = found.jackknives[0].mean() - found.jackknives[0]
    a = (influence**3).sum() / (6 * (influence**2).sum() ** 1.5)
    shares = [normal.cdf(bias + (bias + z) / (1 - a * (bias + z))) for z in normal.ppf([0.025, 0.975])]
    np.testing.assert_allclose(interval(found, "bca"), np.quantile(found.draws, shares))


def test_the_resamples_are_those_of_a_plain_loop_over_documents() -> None:
    tables = confusions(np.random.default_rng(0), 12)
    weights = draw(12, resamples=40)
    found = estimate(Sums(tables, counts.macro_f1), weights)
    for row, value in zip(weights, found.draws, strict=True):
        drawn = np.repeat(np.arange(12), row.astype(int))
        assert value == pytest.approx(float(counts.macro_f1(tables[drawn].sum(axis=0))))


def test_seeds_and_documents_are_crossed() -> None:
    runs = [mean_of_one_each(np.array(values)) for values in ([0.0, 1.0], [10.0, 21.0])]
    documents, seeds = np.array([[2.0, 0], [0, 2], [1, 1]]), np.array([[1.0, 1], [0, 2], [2, 0]])
    found = estimate(runs, documents, seeds)
    assert found.value == pytest.approx(8)
    np.testing.assert_allclose(found.draws, [5, 21, 0.5])
    np.testing.assert_allclose(found.jackknives[0], [11, 5])
    np.testing.assert_allclose(found.jackknives[1], [15.5, 0.5])
    with pytest.raises(ValueError, match="2 runs need seed draws"):
        estimate(runs, documents)


def test_a_difference_is_paired_over_documents_alone() -> None:
    tables = confusions(np.random.default_rng(0), 20)
    statistic, documents = Sums(tables, counts.macro_f1), draw(20, 500)
    one = estimate(statistic, documents)
    nothing = one.minus(one)
    assert (nothing.value, nothing.standard_error) == (0, 0)
    assert interval(nothing, "bca") == (0, 0)
    runs = [statistic, Sums(tables * 2, counts.accuracy)]
    first = estimate(runs, documents, draw(2, 500, seed=1))
    second = estimate(runs, documents, draw(2, 500, seed=2))
    assert first.minus(second).standard_error > 0
    assert len(first.minus(second).jackknives) == 3


def test_undefined_resamples_are_left_out() -> None:
    found = estimate(Sums(np.array([[1.0, 2], [0, 0]]), ratio), np.array([[1.0, 1], [0, 2], [2, 0]]))
    np.testing.assert_array_equal(found.draws, [0.5, np.nan, 0.5])
    assert interval(found) == (0.5, 0.5)
    assert interval(found, "bca") == (0.5, 0.5)
    assert np.isnan(interval(found._replace(draws=np.full(3, np.nan)))).all()


def test_one_document_has_no_interval() -> None:
    assert np.isnan(interval(estimate(mean_of_one_each(np.array([1.0])), draw(1, 10)))).all()


def test_widened_is_students_quantile_and_the_degrees_of_freedom() -> None:
    for n in (10, 59, 300):
        tail = scipy.stats.t.ppf(0.975, n - 1) * np.sqrt(n / (n - 1))
        assert widened(0.95, n) == pytest.approx(2 * scipy.stats.norm.cdf(tail) - 1, abs=3e-4)
    assert widened(0.95, 1) == 0.95


samples = st.lists(st.integers(0, 9), min_size=2, max_size=15)


@settings(deadline=None)
@given(samples, st.sampled_from(["percentile", "bca"]))
def test_intervals_lie_among_the_values_and_move_with_them(drawn: list[int], method: Any) -> None:
    values = np.array(drawn, dtype=float)
    weights = draw(len(values), 200)
    low, high = interval(estimate(mean_of_one_each(values), weights), method)
    assert values.min() - 1e-9 <= low <= high <= values.max() + 1e-9
    shifted = interval(estimate(mean_of_one_each(values + 5), weights), method)
    np.testing.assert_allclose(shifted, (low + 5, high + 5), atol=0.5)
    wide = interval(estimate(mean_of_one_each(values), weights), method, level=0.99)
    assert wide.low <= low + 1e-9
    assert wide.high >= high - 1e-9


@pytest.mark.parametrize(("figure", "d"), [("macro_f1", 20), ("macro_f1", 59), ("mcc", 59)])
def test_intervals_hold_the_truth_in_95_of_100_worlds(figure: str, d: int) -> None:
    of, generator, weights = getattr(counts, figure), np.random.default_rng(0), draw(d, 1000)
    truth, held = float(of(WORLD)), {"percentile": 0, "bca": 0, "plain": 0}
    for _ in range(2000):
        found = estimate(Sums(confusions(generator, d), of), weights)
        for name in held:
            method: Any = "percentile" if name == "plain" else name
            low, high = interval(found, method, 0.95 if name == "plain" else widened(0.95, d))
            held[name] += low <= truth <= high
    assert 0.93 <= held["percentile"] / 2000 <= 0.97
    assert 0.93 <= held["bca"] / 2000 <= 0.97
    if d == 20:  # why intervals are widened
        assert held["plain"] / 2000 < 0.935


def test_intervals_of_a_mean_loss_hold_the_truth() -> None:
    generator, weights, held = np.random.default_rng(0), draw(50, 1000), 0
    for _ in range(2000):
        n = generator.integers(20, 60, size=50)
        level = generator.gamma(2, 0.25, size=50)  # a document's own mean loss; 0.5 in the world
        sums = np.stack([generator.gamma(n, level), n], axis=1)
        low, high = interval(estimate(Sums(sums, ratio), weights), "bca", widened(0.95, 50))
        held += low <= 0.5 <= high
    assert 0.93 <= held / 2000 <= 0.97


def accuracies(generator: np.random.Generator, seeds: int, d: int, spread: float) -> list[Sums]:
    """Runs of a model whose seeds differ in quality by `spread`, in logits; examples 40 a document."""
    example = generator.normal(0, 1, size=(1, d, 40)) + generator.normal(0, 0.4, size=(1, d, 1))
    own = generator.normal(0, spread, size=(seeds, 1, 1)) + generator.normal(0, 0.2, size=(seeds, d, 1))
    right = generator.random((seeds, d, 40)) < 1 / (1 + np.exp(-(1.3 + example + own)))
    return [Sums(np.stack([run.sum(axis=1), np.full(d, 40)], axis=1).astype(float), ratio) for run in right]


def test_intervals_over_seeds_and_documents_hold_the_truth_of_both() -> None:
    generator, d, seeds = np.random.default_rng(0), 50, 5
    logits = 1.3 + generator.normal(0, np.sqrt(1 + 0.4**2 + 0.2**2 + 0.1**2), size=2_000_000)
    truth = float((1 / (1 + np.exp(-logits))).mean())
    documents, over_seeds = draw(d, 600), draw(seeds, 600, seed=1)
    held, held_by_documents = 0, 0
    for _ in range(1500):
        runs = accuracies(generator, seeds, d, spread=0.1)
        low, high = interval(estimate(runs, documents, over_seeds), level=widened(0.95, d))
        held += low <= truth <= high
        low, high = interval(estimate(runs, documents, np.ones((600, seeds))), level=widened(0.95, d))
        held_by_documents += low <= truth <= high
    assert 0.93 <= held / 1500 <= 0.97
    assert held_by_documents / 1500 < 0.91  # what documents alone would leave out

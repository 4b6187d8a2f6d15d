"""Tests, corrections and effect sizes: by hand, by enumeration, and how often they are wrong."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.evaluate import counts
from stancebench.evaluate.intervals import Estimate, Sums, draw, estimate, interval, widened
from stancebench.evaluate.probabilities import ratio
from stancebench.evaluate.significance import (
    approximate_randomisation,
    bootstrap_p,
    detectable_difference,
    holm,
    mcnemar,
    standardised,
)
from tests.evaluate.worlds import confusions, twins


def joint(first: np.ndarray, second: np.ndarray) -> Sums:
    return Sums(np.concatenate([first, second]), counts.macro_f1)


def test_p_is_that_of_all_swaps() -> None:
    generator = np.random.default_rng(0)
    first, second = confusions(generator, 8), confusions(generator, 8)

    def difference(swapped: np.ndarray) -> float:
        one = np.where(swapped[:, None, None], second, first).sum(axis=0)
        other = np.where(swapped[:, None, None], first, second).sum(axis=0)
        return abs(float(counts.macro_f1(one) - counts.macro_f1(other)))

    found = difference(np.zeros(8, dtype=bool))
    exact = np.mean(
        [difference(np.array(swap)) >= found - 1e-12 for swap in product([False, True], repeat=8)]
    )
    p = approximate_randomisation(joint(first, second), 8, permutations=20_000)
    assert p == pytest.approx(exact, abs=0.01)


def test_p_counts_itself_and_equal_systems_give_one() -> None:
    wrong, right = np.zeros((30, 3, 4)), np.zeros((30, 3, 4))
    wrong[:, 0, 1], right[:, 0, 0] = 5, 5
    assert approximate_randomisation(joint(wrong, right), 30, permutations=999) == 1 / 1000
    assert approximate_randomisation(joint(right, right), 30, permutations=99) == 1


def test_p_has_no_direction_and_takes_the_mean_over_seeds() -> None:
    generator = np.random.default_rng(1)
    runs = [twins(generator, 20) for _ in range(3)]
    forth = approximate_randomisation([joint(a, b) for a, b in runs], 20, 500)
    back = approximate_randomisation([joint(b, a) for a, b in runs], 20, 500)
    assert forth == back
    one = approximate_randomisation(joint(*runs[0]), 20, 500)
    assert one == approximate_randomisation([joint(*runs[0])] * 3, 20, 500)


def test_the_paired_test_rejects_a_twin_in_5_of_100_and_finds_a_better_model() -> None:
    generator, p_values, found = np.random.default_rng(0), [], []
    for i in range(2000):
        first, second = twins(generator, 40)
        p_values.append(approximate_randomisation(joint(first, second), 40, 300, seed=i))
        if i < 100:
            better = first.copy()  # every tenth error is mended
            for label in range(3):
                mended = np.round(first[:, label] * 0.1) * (np.arange(4) != label)
                better[:, label] -= mended
                better[:, label, label] += mended.sum(axis=1)
            found.append(approximate_randomisation(joint(first, better), 40, 300) <= 0.05)
    for level in (0.01, 0.05, 0.1):
        assert np.mean(np.array(p_values) <= level) <= level + 0.01
    assert np.mean(found) > 0.9


def test_the_interval_of_a_twins_difference_leaves_zero_out_in_5_of_100_as_its_p_says() -> None:
    generator, weights, out, p_values = np.random.default_rng(0), draw(40, 600), [], []
    for _ in range(1500):
        first, second = (estimate(Sums(side, counts.macro_f1), weights) for side in twins(generator, 40))
        low, high = interval(first.minus(second), level=widened(0.95, 40))
        out.append(not low <= 0 <= high)
        p_values.append(bootstrap_p(first.minus(second)))
    assert np.mean(out) <= 0.06
    assert np.mean(np.array(out) == (np.array(p_values) <= 0.05)) > 0.995


def test_the_p_of_an_interval_by_hand() -> None:
    found = Estimate(1.0, np.append(np.full(999, 1.0), np.full(1, -1.0)), (np.zeros(59),))
    z = scipy.stats.norm.isf(2 / 1001) * np.sqrt(58 / 59)
    assert bootstrap_p(found) == pytest.approx(2 * scipy.stats.t.sf(z, 58))
    assert bootstrap_p(found._replace(draws=np.zeros(9))) == 1
    assert np.isnan(bootstrap_p(found._replace(draws=np.full(9, np.nan))))


def test_the_p_of_a_large_difference_is_about_that_of_students_test() -> None:
    generator = np.random.default_rng(0)
    for effect in (0.6, 0.8, 1.0):  # between 4 and 8 standard errors of the mean
        values = generator.normal(effect, 1, size=60)
        of = Sums(np.stack([values, np.ones(60)], axis=1), ratio)
        found, expected = bootstrap_p(estimate(of, draw(60, 2000))), scipy.stats.ttest_1samp(values, 0).pvalue
        assert expected < 5e-4
        assert np.log10(found) == pytest.approx(np.log10(expected), abs=0.6)


def test_models_that_differ_by_seeds_alone_need_the_seeds_in_the_test() -> None:
    generator, d, by_documents, by_seeds = np.random.default_rng(0), 40, [], []
    documents, seeds = draw(d, 400), [draw(3, 400, seed=i) for i in (1, 2)]
    for _ in range(400):
        example = generator.normal(0, 1.5, size=(1, d, 40))
        models = [seeded_runs(generator, example) for _ in range(2)]
        pairs = [Sums(np.concatenate(pair), ratio) for pair in zip(*models, strict=True)]
        by_documents.append(approximate_randomisation(pairs, d, 200) <= 0.05)
        one, other = (
            estimate([Sums(run, ratio) for run in runs], documents, drawn)
            for runs, drawn in zip(models, seeds, strict=True)
        )
        by_seeds.append(bootstrap_p(one.minus(other)) <= 0.05)
    assert np.mean(by_documents) > 0.15
    assert np.mean(by_seeds) <= 0.06


def seeded_runs(generator: np.random.Generator, example: np.ndarray) -> np.ndarray:
    """Three runs whose seeds spread accuracy by about 1.6 points: right and n by document, (3, d, 2)."""
    own = generator.normal(0, 0.1, size=(3, 1, 1)) + generator.normal(0, 0.5, size=(3, *example.shape[1:]))
    right = generator.random(own.shape) < 1 / (1 + np.exp(-(1.3 + example + own)))
    return np.stack([right.sum(axis=2), np.full(right.shape[:2], right.shape[2])], axis=2).astype(float)


def test_mcnemar_by_hand() -> None:
    first = np.array([True] * 6 + [False] * 1 + [True] * 5)
    second = np.array([False] * 6 + [True] * 1 + [True] * 5)
    assert mcnemar(first, second) == pytest.approx(2 * (1 + 7) / 2**7)
    assert mcnemar(first, first) == 1
    assert mcnemar(second, first) == mcnemar(first, second)


def test_mcnemar_rejects_too_often_where_documents_go_wrong_together() -> None:
    generator, rejected = np.random.default_rng(0), []
    for _ in range(1000):
        shares = generator.beta(2, 2, size=(2, 40, 1))  # each system's own luck with each document
        first, second = generator.random((2, 40, 40)) < shares
        rejected.append(mcnemar(first.ravel(), second.ravel()) <= 0.05)
    assert np.mean(rejected) > 0.3


def test_holm_by_hand() -> None:
    table = [[np.nan, 0.01, 0.2], [0.04, np.nan, 0.03]]
    expected = [[np.nan, 0.04, 0.2], [0.09, np.nan, 0.09]]
    np.testing.assert_allclose(holm(np.array(table)), expected)
    assert holm([]).tolist() == []


p_tables = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@given(p_tables, st.randoms(use_true_random=False))
def test_holm_is_the_stepwise_rule_in_any_order(p_values: list[float], random: object) -> None:
    adjusted = holm(p_values)
    assert (adjusted >= p_values).all()
    assert (adjusted <= 1).all()
    order = random.sample(range(len(p_values)), len(p_values))  # type: ignore[attr-defined]
    np.testing.assert_array_equal(holm(np.array(p_values)[order]), adjusted[order])
    for level in (0.01, 0.05, 0.3):
        rejected, left = set(), len(p_values)
        for i in sorted(range(len(p_values)), key=lambda i: p_values[i]):
            if p_values[i] * left > level:
                break
            rejected.add(i)
            left -= 1
        assert rejected == set(np.flatnonzero(adjusted <= level))


def test_holm_keeps_false_rejections_in_a_whole_table_at_5_of_100() -> None:
    generator = np.random.default_rng(0)
    shared = generator.normal(size=(4000, 1))
    scores = np.sqrt(0.5) * shared + np.sqrt(0.5) * generator.normal(size=(4000, 10))
    scores[:, :3] += 4  # three of ten differences are real
    p_values = 2 * scipy.stats.norm.sf(np.abs(scores))
    adjusted = np.array([holm(row) for row in p_values])
    assert (adjusted[:, 3:] <= 0.05).any(axis=1).mean() <= 0.055
    assert (adjusted[:, :3] <= 0.05).mean() > 0.85
    assert (p_values[:, 3:] <= 0.05).any(axis=1).mean() > 0.15  # uncorrected


def test_the_standardised_difference_of_means_is_cohens() -> None:
    differences = np.random.default_rng(0).normal(0.3, 1, size=25)
    of = Sums(np.stack([differences, np.ones(25)], axis=1), ratio)
    found = standardised(estimate(of, draw(25, 10)))
    assert found == pytest.approx(differences.mean() / differences.std(ddof=1))
    assert standardised(Estimate(0.0, np.zeros(3), (np.zeros(5),))) == 0


def test_the_detectable_difference_is_found_in_80_of_100() -> None:
    normal = scipy.stats.norm
    assert detectable_difference(0.01) == pytest.approx(0.01 * (normal.ppf(0.975) + normal.ppf(0.8)))
    generator, error = np.random.default_rng(0), 0.02
    seen = generator.normal(detectable_difference(error), error, size=20_000)
    assert (np.abs(seen) > 1.96 * error).mean() == pytest.approx(0.8, abs=0.01)


@settings(deadline=None)
@given(st.floats(0.001, 1), st.floats(0.5, 0.99), st.floats(0.001, 0.2))
def test_more_power_or_a_stricter_level_needs_a_larger_difference(
    error: float, power: float, level: float
) -> None:
    least = detectable_difference(error, power, level)
    assert detectable_difference(2 * error, power, level) == pytest.approx(2 * least)
    assert detectable_difference(error, power + 0.005, level) > least
    assert detectable_difference(error, power, level / 2) > least


def test_one_document_has_no_standardised_difference() -> None:
    alone = Estimate(0.1, np.array([0.1, 0.1]), (np.array([np.nan]),))
    assert np.isnan(standardised(alone))

"""The score table: groups, n, and intervals over documents and seeds."""

from __future__ import annotations

import json

import numpy as np
import pytest

from stancebench.evaluate import intervals
from stancebench.evaluate.counts import confusion, macro_f1
from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.sample import Sample
from stancebench.evaluate.scores import (
    MEAN,
    POOLED,
    Score,
    as_rows,
    confusions_by_target,
    score_consistency,
    score_part,
    score_runs,
)
from tests.evaluate.worlds import columns

DATA = columns()
LABELS_ONLY = {name: DATA[name] for name in ("document_id", "target", "gold", "predicted")}
OF_PROBABILITIES = {"log_loss", "brier", "calibration_error", "aurc"}


def by_name(scores: list[Score]) -> dict[tuple[str, str], Score]:
    return {(score.metric, score.group): score for score in scores}


def test_groups_and_counts() -> None:
    found = by_name(score_part(DATA, "test", resamples=50))
    pooled = found["macro_f1", POOLED]
    assert pooled.value == pytest.approx(float(macro_f1(confusion(DATA["gold"], DATA["predicted"]))))
    assert (pooled.n, found["macro_f1", "t0"].n) == (120, 60)
    assert found["f1_favor", POOLED].n == DATA["gold"].count("favor")
    for metric in ("macro_f1", "f_avg", "brier", "aurc"):
        mean = (found[metric, "t0"].value + found[metric, "t1"].value) / 2
        assert found[metric, MEAN].value == pytest.approx(mean)
    assert confusions_by_target(DATA)[POOLED] == confusion(DATA["gold"], DATA["predicted"]).tolist()
    assert set(confusions_by_target(DATA)) == {POOLED, "t0", "t1"}


def test_the_interval_is_that_of_a_plain_loop_over_documents() -> None:
    found = by_name(score_part(LABELS_ONLY, "test", resamples=4000))["macro_f1", POOLED]
    rng = np.random.default_rng(5)
    names = np.array(DATA["document_id"])
    documents = np.unique(names)
    gold, predicted = np.array(DATA["gold"]), np.array(DATA["predicted"])
    draws = []
    for _ in range(1500):
        rows = np.concatenate([np.flatnonzero(names == d) for d in rng.choice(documents, len(documents))])
        draws.append(float(macro_f1(confusion(gold[rows], predicted[rows]))))
    level = intervals.widened(0.95, len(documents))
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    assert found.low == pytest.approx(low, abs=0.01)
    assert found.high == pytest.approx(high, abs=0.01)
    sample = Sample.of(LABELS_ONLY, sorted(documents))
    resampled = intervals.estimate(METRICS["macro_f1"].statistic(sample), intervals.draw(20, 4000))
    assert (found.low, found.high) == pytest.approx(intervals.interval(resampled, level=level))


def test_unscored_predictions_are_counted_and_cost_recall() -> None:
    before = by_name(score_part(DATA, "test", resamples=10))
    probabilities = {name: np.array(DATA[name]) for name in DATA if name.startswith("p_")}
    for values in probabilities.values():
        values[0] = np.nan
    after = by_name(
        score_part(
            {**DATA, **probabilities, "predicted": [None, *DATA["predicted"][1:]]}, "test", resamples=10
        )
    )
    assert (before["unscored", POOLED].value, after["unscored", POOLED].value) == (0, 1)
    assert after["accuracy", POOLED].value <= before["accuracy", POOLED].value
    assert after["calibration_error", POOLED].n == 119
    assert after["brier", POOLED].n == 120
    assert np.isnan(after["calibration_error", POOLED].low)


def test_figures_of_probabilities_need_probabilities() -> None:
    names = {metric for metric, _ in by_name(score_part(DATA, "test", resamples=5))}
    assert names == {*METRICS, "unscored"} - {
        "consistency",
        "flip_rate",
        "perturbed_flip_rate",
        "soft_cross_entropy",
    }
    without = {**DATA, **{name: np.full(120, np.nan) for name in DATA if name.startswith("p_")}}
    for data in (LABELS_ONLY, without):
        found = {metric for metric, _ in by_name(score_part(data, "test", resamples=5))}
        assert found == names - OF_PROBABILITIES


def test_vote_shares_are_scored_where_they_are_given() -> None:
    shares = np.full((120, 3), np.nan)
    shares[:30] = [0.5, 0.5, 0]
    data = {
        **DATA,
        **{f"share_{label}": shares[:, i] for i, label in enumerate(("against", "none", "favor"))},
    }
    found = by_name(score_part(data, "test", resamples=20))["soft_cross_entropy", POOLED]
    expected = -np.log(DATA["p_against"][:30] * DATA["p_none"][:30]).mean() / 2
    assert found.value == pytest.approx(expected)
    assert found.n == 30


def test_several_seeds_give_a_mean_and_a_wider_interval_than_documents_alone() -> None:
    runs = [columns(seed=seed, right=right) for seed, right in enumerate((0.5, 0.6, 0.7))]
    each = [by_name(score_part(run, "test", resamples=400))["macro_f1", POOLED] for run in runs]
    found = by_name(score_runs(runs, "test", resamples=400))
    whole = found["macro_f1", POOLED]
    assert whole.value == pytest.approx(np.mean([score.value for score in each]))
    assert whole.n == 120
    assert whole.high - whole.low > (each[0].high - each[0].low) / 3**0.5
    assert score_runs(runs[:1], "test", resamples=40) == score_part(runs[0], "test", resamples=40)
    with pytest.raises(ValueError, match="differ in"):
        score_runs([runs[0], columns(n=60)], "test")


def test_the_order_of_rows_does_not_matter() -> None:
    backwards = {name: values[::-1] for name, values in DATA.items()}
    for one, other in zip(score_part(DATA, "test", 30), score_part(backwards, "test", 30), strict=True):
        assert (one.metric, one.group, one.n) == (other.metric, other.group, other.n)
        for name in ("value", "low", "high"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), nan_ok=True)


def test_consistency_and_flips_by_hand() -> None:
    test = {
        "fold": ["f"] * 4,
        "example_id": list("abcd"),
        "gold": ["favor", "favor", "none", "none"],
        "predicted": ["favor", "favor", "favor", None],
    }
    contrast = {
        "fold": ["f"] * 4,
        "original_id": list("abcd"),
        "document_id": ["x", "x", "y", "y"],
        "target": ["t0", "t0", "t1", "t1"],
        "gold": ["none", "none", "favor", "favor"],
        "predicted": ["none", "favor", "favor", "favor"],
    }
    found = by_name(score_consistency(test, contrast, resamples=50))
    assert {score.part for score in found.values()} == {"contrast"}
    assert [found["consistency", g].value for g in (POOLED, "t0", "t1", MEAN)] == [1 / 4, 1 / 2, 0, 1 / 4]
    assert [found["flip_rate", g].value for g in (POOLED, "t0", "t1", MEAN)] == [1 / 4, 1 / 2, 0, 1 / 4]
    assert (found["consistency", POOLED].n, found["consistency", "t1"].n) == (4, 2)
    # Target t0 stands in one of two documents: resamples without it are left out, not 0.
    assert (found["consistency", "t0"].low, found["consistency", "t0"].high) == (1 / 2, 1 / 2)
    perturbed = by_name(score_consistency(test, contrast, resamples=50, part="perturbed"))
    assert perturbed["perturbed_flip_rate", POOLED].value == 1 / 2


def test_rows_are_json_without_nan() -> None:
    rows = as_rows(score_part(LABELS_ONLY, "test", resamples=5))
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert next(row for row in rows if row["metric"] == "unscored")["low"] is None

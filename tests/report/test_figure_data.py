"""What figures draw, against values worked out by hand, from tables in print, or by other code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare

from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.sample import Sample
from stancebench.evaluate.scores import MEAN, POOLED
from stancebench.report.collect import by_protocol
from stancebench.report.figures.confusion import mean_confusions, shares_of_gold
from stancebench.report.figures.curves import curves_of
from stancebench.report.figures.forest import best_floor, shown_groups, single_values
from stancebench.report.figures.models import best_of, drawn_models, how_many
from stancebench.report.figures.protocols import protocol_scores
from stancebench.report.figures.ranks import balanced_hits, critical_difference, document_scores, rank
from stancebench.report.figures.reliability import calibration_of, scaled_by_validation
from stancebench.report.figures.risk_coverage import COVERAGES, mean_area, mean_risks
from stancebench.types import LABELS
from tests.report.made_runs import made_run, right_and_wrong

#: q of Nemenyi's test at 5 % for 2 to 10 models: Demšar (2006), table 5(a).
DEMSAR_Q = {2: 1.960, 3: 2.343, 4: 2.569, 5: 2.728, 6: 2.850, 7: 2.949, 8: 3.031, 9: 3.102, 10: 3.164}


@pytest.mark.parametrize(("models", "q"), DEMSAR_Q.items())
def test_critical_differences_are_those_in_print(models: int, q: float) -> None:
    found = critical_difference(models, blocks=30) / np.sqrt(models * (models + 1) / 180)
    assert found == pytest.approx(q, abs=1e-3)


def test_the_critical_difference_at_ten_percent_is_that_in_print() -> None:
    assert critical_difference(4, 14, level=0.1) == pytest.approx(2.291 * np.sqrt(20 / 84), abs=1e-3)


def test_ranks_by_hand() -> None:
    scores = np.array([[0.9, 0.5, 0.7], [0.2, 0.2, 0.1], [0.3, 0.6, 0.6]])
    found = rank(scores)
    # 1 3 2; 1.5 1.5 3; 3 1.5 1.5
    assert found.means == pytest.approx([5.5 / 3, 6 / 3, 6.5 / 3])
    assert found.friedman_p == pytest.approx(friedmanchisquare(*scores.T).pvalue)


def test_equal_scores_share_ranks_though_rounding_tells_them_apart() -> None:
    found = rank(np.array([[0.1 + 0.2, 0.3, 0.3]] * 4))
    assert found.means.tolist() == [2.0, 2.0, 2.0]
    assert found.friedman_p == 1.0


labels = st.sampled_from(LABELS)
rows = st.lists(st.tuples(labels, st.one_of(st.none(), labels), st.integers(0, 4)), min_size=1, max_size=40)


@given(rows)
def test_parts_of_balanced_accuracy_add_up_to_it(drawn: list[tuple[str, str | None, int]]) -> None:
    gold, predicted, document = zip(*drawn, strict=True)
    sample = Sample({"gold": gold, "predicted": predicted}, np.array(document), 5)
    whole = METRICS["balanced_accuracy"].statistic(sample)(np.ones(5))
    assert balanced_hits(sample).sum() == pytest.approx(float(whole))
    for j in set(range(5)) - set(document):
        assert balanced_hits(sample)[j] == 0


def test_documents_are_ranked_by_the_mean_over_seeds(tmp_path: Path) -> None:
    """Six examples of two documents, two of each label: each hit is worth 1/6."""
    right = right_and_wrong(6, 99)[1:]  # the first is wrong
    runs = [
        made_run(tmp_path, "m", {"all": {"test": ["none", *right]}}, seed=0),
        made_run(tmp_path, "m", {"all": {"test": ["none", *right[:4], None]}}, seed=1),
    ]
    (model,) = drawn_models(runs)
    assert document_scores(model) == pytest.approx([2 / 6, (3 + 2) / 2 / 6])


def test_floors_and_the_best_of_them(tmp_path: Path) -> None:
    runs = [
        made_run(tmp_path, "good", {"all": {"test": right_and_wrong(30, 7)}}),
        made_run(tmp_path, "low", {"all": {"test": right_and_wrong(30, 2)}}, model="prior"),
        made_run(tmp_path, "lowest", {"all": {"test": ["none"] * 30}}, model="majority"),
    ]
    models = drawn_models(runs)
    assert [(model.label, model.is_floor) for model in models] == [
        ("good", False),
        ("low", True),
        ("lowest", True),
    ]
    assert best_floor(models, POOLED) == models[1].macro_f1[POOLED].value
    assert best_floor(models[:1], POOLED) is None
    assert best_of(models, 5) == models[:1]
    assert best_of(models[1:], 1) == models[1:2]
    assert how_many(models[:1], models) == "All models but the floors."
    assert how_many(models[1:], models) == "The best 2 of 3 models."


def test_scores_are_the_same_as_the_runs_have_and_seeds_widen_them(tmp_path: Path) -> None:
    labels = [right_and_wrong(60, k) for k in (3, 5)]
    runs = [made_run(tmp_path, "m", {"all": {"test": own}}, seed=i) for i, own in enumerate(labels)]
    (alone,), (both,) = drawn_models(runs[:1]), drawn_models(runs)
    assert alone.macro_f1[POOLED] == runs[0].score("macro_f1", POOLED)
    assert single_values(alone, POOLED) == []
    values = single_values(both, POOLED)
    assert values == [score.value for run in runs if (score := run.score("macro_f1", POOLED))]
    found = both.macro_f1[POOLED]
    assert found.value == pytest.approx(np.mean(values))
    assert found.low <= min(values)
    assert found.high >= max(values)
    assert shown_groups(both.macro_f1) == [POOLED, "t0", "t1"]


def test_many_targets_are_shown_as_their_mean(tmp_path: Path) -> None:
    targets = [f"target {i}" for i in range(6)]
    run = made_run(tmp_path, "m", {"all": {"test": right_and_wrong(36, 3)}}, targets=targets)
    (model,) = drawn_models([run])
    assert shown_groups(model.macro_f1) == [POOLED, MEAN]
    assert list(mean_confusions(model)) == [POOLED]


def test_confusions_are_means_over_seeds(tmp_path: Path) -> None:
    labels: list[list[str | None]] = [["against", "none", "none"], ["none", "none", None]]
    runs = [made_run(tmp_path, "m", {"all": {"test": own}}, seed=i) for i, own in enumerate(labels)]
    (model,) = drawn_models(runs)
    found = mean_confusions(model)
    assert found["t0"].tolist() == [[0.5, 0.5, 0, 0], [0, 0, 0, 0], [0, 0.5, 0, 0.5]]
    assert found["t1"].tolist() == [[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert shares_of_gold(found["t0"])[0].tolist() == [0.5, 0.5, 0, 0]
    assert np.isnan(shares_of_gold(found["t0"])[1]).all()


def test_reliability_as_given_is_the_calibration_error_of_the_run(tmp_path: Path) -> None:
    """24 of 30 right at confidence 0.9; the best temperature makes it 0.8, as on validation."""
    parts = {part: right_and_wrong(30, 5) for part in ("validation", "test")}
    run = made_run(tmp_path, "m", {"all": parts}, sure=0.9)
    (model,) = drawn_models([run])
    found = calibration_of(model)
    assert [(b.n, round(b.confidence, 9), b.accuracy) for b in found.raw.bins] == [(30, 0.9, 0.8)]
    score = run.score("calibration_error", POOLED)
    assert score
    assert found.raw.error == pytest.approx(score.value) == pytest.approx(0.1)
    assert found.scaled
    assert found.scaled.error == pytest.approx(0, abs=1e-4)
    # p ** (1 / T) makes the odds of the predicted label against another, 18, the 8 that hold.
    assert found.temperature == pytest.approx(np.log(18) / np.log(8), abs=1e-3)


def test_nothing_is_rescaled_without_a_validation_part(tmp_path: Path) -> None:
    run = made_run(tmp_path, "m", {"all": {"test": right_and_wrong(30, 5)}})
    assert scaled_by_validation(drawn_models([run])[0].repeats) is None
    unscored = {"validation": [None] * 30, "test": right_and_wrong(30, 5)}
    other = made_run(tmp_path, "other", {"all": unscored})
    assert scaled_by_validation(drawn_models([other])[0].repeats) is None


def test_the_risk_is_the_error_rate_at_full_coverage_and_the_area_that_of_the_run(tmp_path: Path) -> None:
    run = made_run(tmp_path, "m", {"all": {"test": right_and_wrong(30, 5)}})
    (model,) = drawn_models([run])
    risks = mean_risks(model.tests)
    assert COVERAGES[-1] == 1
    assert risks == pytest.approx([0.2] * len(COVERAGES)), "equal confidences are answered together"
    assert mean_area(model) == pytest.approx(0.2)


def test_learning_curves_have_a_point_for_each_fold(tmp_path: Path) -> None:
    folds = {"0.5": {"test": right_and_wrong(30, 2)}, "1.0": {"test": right_and_wrong(30, 6)}}
    runs = [
        made_run(
            tmp_path, "worse", {name: {"test": ["none"] * 30} for name in folds}, protocol="learning_curve"
        ),
        made_run(tmp_path, "better", folds, protocol="learning_curve"),
    ]
    curves = curves_of({float(name): (runs, name) for name in folds})
    assert list(curves) == ["better", "worse"]
    assert [point.x for point in curves["better"]] == [0.5, 1.0]
    for point, name in zip(curves["better"], folds, strict=True):
        score = runs[1].score("macro_f1", POOLED, fold=name)
        assert score
        assert point[1:] == (score.value, score.low, score.high)
    # Always none: F1 of none is 2 · 10 / 40, of the others 0.
    assert curves["worse"][0].value == pytest.approx(0.5 / 3)


def test_the_table_of_protocols_leaves_what_was_not_run_empty(tmp_path: Path) -> None:
    good, bad = {"all": {"test": right_and_wrong(30, 9)}}, {"all": {"test": ["none"] * 30}}
    draws = {f"draw-{i}": {"test": right_and_wrong(30, i + 2)} for i in range(2)}
    runs = [
        made_run(tmp_path, "low", bad),
        made_run(tmp_path, "high", good, seed=0),
        made_run(tmp_path, "high", good, seed=1),
        made_run(tmp_path, "few", draws, protocol="few_shot", k=4),
        made_run(tmp_path, "low", draws, protocol="few_shot", k=4),
    ]
    found = protocol_scores(by_protocol(runs))
    assert list(found) == ["high", "low", "few"]
    few = runs[3].score("macro_f1", POOLED)
    assert few
    assert found["low"] == pytest.approx([0.5 / 3, few.value])
    assert np.isnan(found["few"][0])
    assert np.isnan(found["high"][1])

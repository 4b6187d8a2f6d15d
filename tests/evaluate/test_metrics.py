"""The table of metrics: complete, within its ranges, and honest about unscored predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.sample import Sample
from stancebench.types import LABELS

#: Names in stored records; one that is gone makes old runs unreadable.
STORED = {"macro_f1", "f_avg", "accuracy", "mcc", "consistency"} | {
    f"{name}_{label}" for name in ("precision", "recall", "f1") for label in LABELS
}


def sample(rows: list[tuple[str, str | None, tuple[float, ...] | None, str, str | None]]) -> Sample:
    """A sample of one document: gold, predicted, probabilities, and the original's gold and predicted."""
    gold, predicted, probabilities, original_gold, original_predicted = zip(*rows, strict=True)
    table = np.array([[np.nan] * 3 if row is None else row for row in probabilities])
    columns: dict[str, Any] = {
        "gold": gold,
        "predicted": predicted,
        "original_gold": original_gold,
        "original_predicted": original_predicted,
        "document_id": ["d"] * len(rows),
    }
    columns |= {f"p_{label}": table[:, i] for i, label in enumerate(LABELS)}
    shares = np.eye(3)[[LABELS.index(label) for label in gold]]
    columns |= {f"share_{label}": shares[:, i] for i, label in enumerate(LABELS)}
    return Sample.of(columns, ["d"])


def value(name: str, of: Sample) -> float:
    return float(METRICS[name].statistic(of)(np.ones(of.documents)))


def test_stored_names_are_kept() -> None:
    assert set(METRICS) >= STORED
    assert all(name == metric.name for name, metric in METRICS.items())


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_every_metric_says_what_it_is(metric: Any) -> None:
    assert metric.definition[0].isupper()
    assert metric.definition.endswith(".")
    assert metric.source
    assert metric.unscored
    assert metric.range[0] < metric.range[1]
    assert len({m.title for m in METRICS.values()}) == len(METRICS)


RIGHT = [(label, label, tuple(np.eye(3)[i]), "none", "none") for i, label in enumerate(LABELS)]
#: Every prediction wrong, with certainty; of pairs, wrong on both sides.
WRONG = [(label, LABELS[i - 1], tuple(np.eye(3)[i - 1]), "none", "favor") for i, label in enumerate(LABELS)]


@pytest.mark.parametrize(
    "metric", [m for m in METRICS.values() if "flip" not in m.name], ids=lambda m: m.name
)
def test_the_better_end_is_that_of_perfect_predictions(metric: Any) -> None:
    best, worst = metric.range if metric.better == "lower" else metric.range[::-1]
    assert value(metric.name, sample(RIGHT)) == pytest.approx(best, abs=1e-12)
    if metric.name != "mcc":  # three labels in a ring are at -1/2
        assert value(metric.name, sample(WRONG)) == pytest.approx(worst)


#: Value with one right prediction of favor (certain) and one unscored favor; by hand.
ONE_UNSCORED = {
    "macro_f1": (2 / 3) / 3,
    "f_avg": (2 / 3) / 2,
    "accuracy": 1 / 2,
    "balanced_accuracy": (1 / 2) / 3,
    "mcc": 0,
    "precision_favor": 1,
    "recall_favor": 1 / 2,
    "f1_favor": 2 / 3,
    "log_loss": np.log(3) / 2,
    "soft_cross_entropy": np.log(3) / 2,
    "brier": (4 / 9 + 2 / 9) / 2,
    "calibration_error": 0,
    "aurc": (0 + 1 / 2) / 2,
    "consistency": 1 / 2,
    "flip_rate": 1 / 2,
    "perturbed_flip_rate": 1,
}


@pytest.mark.parametrize("name", ONE_UNSCORED)
def test_how_an_unscored_prediction_counts(name: str) -> None:
    rows = [("favor", "favor", (0.0, 0.0, 1.0), "none", "none"), ("favor", None, None, "none", "none")]
    assert value(name, sample(rows)) == pytest.approx(ONE_UNSCORED[name], abs=1e-12)


labels, predictions = st.sampled_from(LABELS), st.sampled_from([*LABELS, None])
weights = st.tuples(*[st.integers(0, 5)] * 3).filter(any)
distributions = weights.map(lambda w: tuple(x / sum(w) for x in w)) | st.none()
rows_of_any_kind = st.lists(
    st.tuples(labels, predictions, distributions, labels, predictions), min_size=1, max_size=25
)


@settings(deadline=None)
@given(rows_of_any_kind, st.randoms(use_true_random=False))
def test_values_stay_in_their_range_and_the_order_of_rows_does_not_matter(rows: Any, random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    for name, metric in METRICS.items():
        found = value(name, sample(rows))
        assert found == pytest.approx(value(name, sample(shuffled)), nan_ok=True), name
        low, high = metric.range
        if metric.rests_on(sample(rows)).any():
            assert low - 1e-12 <= found <= high + 1e-12, name


def test_nothing_drawn_is_no_value() -> None:
    of = sample(RIGHT)
    for name in ("macro_f1", "brier", "calibration_error", "aurc", "consistency"):
        assert np.isnan(METRICS[name].statistic(of)(np.zeros(1))), name

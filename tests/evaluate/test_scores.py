"""The score table: groups, n, and an interval over documents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stancebench.evaluate.metrics import confusion, macro_f1
from stancebench.evaluate.scores import MEAN, POOLED, confusions_by_target, score_part


def columns(n: int = 120) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    gold = rng.choice(["against", "none", "favor"], n)
    predicted = np.where(rng.random(n) < 0.6, gold, rng.choice(["against", "none", "favor"], n))
    return {
        "document_id": [f"d{i // 6}" for i in range(n)],
        "target": [f"t{i % 2}" for i in range(n)],
        "gold": list(gold),
        "predicted": list(predicted),
    }


def test_groups_and_counts() -> None:
    data = columns()
    found = {(s.metric, s.group): s for s in score_part(data, "test", resamples=50)}
    pooled = found["macro_f1", POOLED]
    assert pooled.value == pytest.approx(float(macro_f1(confusion(data["gold"], data["predicted"]))))
    assert (pooled.n, found["macro_f1", "t0"].n) == (120, 60)
    assert found["f1_favor", POOLED].n == data["gold"].count("favor")
    mean = (found["macro_f1", "t0"].value + found["macro_f1", "t1"].value) / 2
    assert found["macro_f1", MEAN].value == pytest.approx(mean)
    assert confusions_by_target(data)[POOLED] == confusion(data["gold"], data["predicted"]).tolist()


def test_the_interval_is_that_of_a_plain_loop_over_documents() -> None:
    data = columns()
    found = {(s.metric, s.group): s for s in score_part(data, "test", resamples=4000)}
    pooled = found["macro_f1", POOLED]
    rng = np.random.default_rng(5)
    names = np.array(data["document_id"])
    documents = np.unique(names)
    gold, predicted = np.array(data["gold"]), np.array(data["predicted"])
    draws = []
    for _ in range(1500):
        rows = np.concatenate([np.flatnonzero(names == d) for d in rng.choice(documents, len(documents))])
        draws.append(float(macro_f1(confusion(gold[rows], predicted[rows]))))
    low, high = np.percentile(draws, [2.5, 97.5])
    assert pooled.low == pytest.approx(low, abs=0.01)
    assert pooled.high == pytest.approx(high, abs=0.01)


def test_unscored_predictions_are_counted_and_cost_recall() -> None:
    data = columns()
    before = {(s.metric, s.group): s.value for s in score_part(data, "test", resamples=10)}
    data["predicted"] = [None, *data["predicted"][1:]]
    after = {(s.metric, s.group): s.value for s in score_part(data, "test", resamples=10)}
    assert (before["unscored", POOLED], after["unscored", POOLED]) == (0, 1)
    assert after["accuracy", POOLED] <= before["accuracy", POOLED]

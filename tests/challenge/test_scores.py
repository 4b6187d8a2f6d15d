"""The scores of a perturbation and the printed tables, against values worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from stancebench.challenge.scores import score_perturbation, score_suite
from stancebench.challenge.table import as_markdown, perturbation_frame, side_by_side
from stancebench.errors import UserError
from stancebench.predictions import Predictions

GOLD = {"e0": "favor", "e1": "none", "e2": "against", "e3": "favor", "e4": "none"}
BEFORE = {"e0": "favor", "e1": "none", "e2": "against", "e3": "none", "e4": "none"}


def predictions(part: str, predicted: dict[str, str | None]) -> Predictions:
    """Predictions of some of the five examples, each of a document of its own."""
    columns: dict[str, Sequence[Any]] = {
        "fold": ["all"] * len(predicted),
        "part": [part] * len(predicted),
        "example_id": list(predicted),
        "original_id": list(predicted),
        "document_id": [f"d{name}" for name in predicted],
        "target": ["t"] * len(predicted),
        "gold": [GOLD[name] for name in predicted],
        "predicted": list(predicted.values()),
    }
    return Predictions({name: np.array(values, dtype=object) for name, values in columns.items()})


def test_a_perturbation_is_compared_with_its_own_originals() -> None:
    test = predictions("test", dict(BEFORE))
    after = predictions("typos", {"e3": "favor", "e2": "against", "e1": "favor", "e0": None})
    score = score_perturbation("typos", test.columns, after.columns, resamples=100)
    assert (score.n, score.documents) == (4, 4)
    # Before, of e0 to e3: favor 1 of 2 (F1 2/3), none 1 of 1 with a false alarm (2/3), against 1.
    assert score.original == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    # After: favor 1 of 2 with a false alarm (F1 1/2), none 0, against 1.
    assert score.perturbed == pytest.approx((1 / 2 + 0 + 1) / 3)
    assert score.difference == pytest.approx(score.perturbed - score.original)
    # e3 and e1 changed, e0 has no answer; e2 alone is right before and after.
    assert score.flip_rate.value == pytest.approx(3 / 4)
    assert score.consistency.value == pytest.approx(1 / 4)


def content(**changes: Any) -> dict[str, Any]:
    suite = predictions("typos", {**BEFORE, "e3": "favor"})
    scores = score_suite(predictions("test", dict(BEFORE)), suite, dict.fromkeys(GOLD, ("hedge",)), 100)
    return {"suite": {"version": 1, "digest": "a"}, "model": "svm", "run": "seed0-a1", **scores, **changes}


def test_the_table_shows_what_was_worked_out_by_hand() -> None:
    row = dict(perturbation_frame(content()).iloc[0])
    # Before: favor 2/3, none 4/5, against 1. After: all right.
    assert (row["perturbation"], row["n"]) == ("typos", "5")
    assert (row["before"], row["after"]) == ("0.822", "1.000")
    assert row["difference"].startswith("+0.178 [")
    assert (row["flips"], row["consistency"]) == ("0.200", "0.800")


def test_the_tables_fit_a_hundred_columns_and_leave_out_what_is_not_there() -> None:
    text = as_markdown(content())
    assert max(map(len, text.splitlines())) <= 100
    assert "0.822 [" in text.split("| tag")[1]
    assert "contrast edits" not in text


def test_one_document_gives_no_interval() -> None:
    one = content(perturbations=[], contrast=[])
    one["tags"] = [{**one["tags"][0], "low": None, "high": None}]
    assert as_markdown(one).split("| hedge ")[1].splitlines()[0].endswith("| macro-F1 | 0.822 * |")


def test_runs_on_different_suites_stand_in_no_table() -> None:
    same = side_by_side([content(), content(model="ridge")])
    assert list(same.columns) == ["difference, flips", "svm seed0-a1", "ridge seed0-a1"]
    assert same.iloc[0, 1] == "+0.178, 0.200"
    other = content(model="ridge", suite={"version": 1, "digest": "b"})
    with pytest.raises(UserError, match="different challenge suites") as caught:
        side_by_side([content(), other])
    assert "ridge seed0-a1" in caught.value.problems[1]

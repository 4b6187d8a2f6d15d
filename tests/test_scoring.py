"""Folds scored together, averaged or apart, against figures worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score

from stancebench.evaluate.scores import POOLED
from stancebench.predictions import COLUMNS, Predictions
from stancebench.scoring import headline, score_predictions
from stancebench.types import LABELS

GOLD = ["against", "none", "favor", "none", "favor", "against"]
FIRST = ["against", "none", "favor", "none", "none", "none"]
SECOND = ["against", "favor", "favor", "against", "favor", "against"]


def repeats(*folds: list[str]) -> Predictions:
    """Predictions of the same six examples of three documents, one list a fold."""
    rows: list[dict[str, Any]] = []
    for number, predicted in enumerate(folds):
        for i, (gold, said) in enumerate(zip(GOLD, predicted, strict=True)):
            row: dict[str, Any] = dict.fromkeys(COLUMNS)
            row |= {"fold": f"draw {number}", "part": "test", "example_id": f"e{i}", "target": "t"}
            row |= {"document_id": f"d{i // 2}", "gold": gold, "predicted": said}
            rows.append(row | {f"p_{label}": float(label == said) for label in LABELS})
    return Predictions({name: np.array([row[name] for row in rows], dtype=object) for name in COLUMNS})


def macro_f1(predicted: list[str]) -> float:
    return float(f1_score(GOLD, predicted, labels=list(LABELS), average="macro", zero_division=0))


def found(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The pooled macro-F1 of each fold."""
    return {
        row["fold"]: row for row in content["scores"] if (row["metric"], row["group"]) == ("macro_f1", POOLED)
    }


def test_repeats_are_averaged_and_each_kept() -> None:
    content = score_predictions(repeats(FIRST, SECOND), "averaged")
    rows = found(content)
    assert rows["draw 0"]["value"] == pytest.approx(macro_f1(FIRST))
    assert rows["draw 1"]["value"] == pytest.approx(macro_f1(SECOND))
    assert rows[""]["value"] == pytest.approx((macro_f1(FIRST) + macro_f1(SECOND)) / 2)
    assert {row["n"] for row in rows.values()} == {6}
    assert f"test macro-F1 {rows['']['value']:.3f}" in headline(content)


def test_results_that_stand_apart_have_no_figure_in_common() -> None:
    content = score_predictions(repeats(FIRST, SECOND), "apart")
    assert set(found(content)) == {"draw 0", "draw 1"}
    assert headline(content).startswith(f"draw 1: test macro-F1 {macro_f1(SECOND):.3f}")


def test_folds_of_one_test_set_are_one_part() -> None:
    one, other = repeats(FIRST), repeats(FIRST, SECOND)
    half = {name: np.concatenate([one[name][:3], other[name][9:]]) for name in COLUMNS}
    rows = found(score_predictions(Predictions(half), "together"))
    assert rows[""]["value"] == pytest.approx(macro_f1(FIRST[:3] + SECOND[3:]))
    assert set(rows) == {""}


def test_one_document_alone_has_a_headline_without_an_interval() -> None:
    one = repeats(FIRST)
    one.columns["document_id"] = np.full(6, "article", dtype=object)
    content = score_predictions(one, "together")
    assert found(content)[""]["low"] is None
    assert headline(content).startswith(f"test macro-F1 {macro_f1(FIRST):.3f}, mean over targets")

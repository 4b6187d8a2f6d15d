"""Figures by tag, against values worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from stancebench.challenge.tags import score_tags


def columns(gold: list[str], predicted: list[str | None]) -> dict[str, Any]:
    """Predictions of examples that stand two to a document."""
    n = range(len(gold))
    return {
        "fold": ["all"] * len(gold),
        "example_id": [f"e{i}" for i in n],
        "document_id": [f"d{i // 2}" for i in n],
        "gold": gold,
        "predicted": predicted,
    }


GOLD = ["favor", "none", "against", "favor", "none", "none"]
SAID = ["favor", "none", "none", "favor", "favor", None]
TAGS = [["hedge"], ["hedge", "sarcasm"], ["hedge"], ["sarcasm"], [], ["sarcasm"]]


def test_values_counts_and_order_are_those_worked_out_by_hand() -> None:
    scores = {score.tag: score for score in score_tags([columns(GOLD, SAID)], TAGS, resamples=50)}
    assert list(scores) == ["hedge", "sarcasm", "(no tag)"]
    # hedge: favor 1 of 1, none 1 of 1 with one false alarm (F1 2/3), against missed.
    assert scores["hedge"].metric == "macro_f1"
    assert scores["hedge"].value == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert scores["hedge"].gold == (1, 1, 1)
    # sarcasm: gold has no against; an unscored prediction is wrong.
    assert (scores["sarcasm"].metric, scores["sarcasm"].value) == ("accuracy", pytest.approx(2 / 3))
    assert (scores["(no tag)"].n, scores["(no tag)"].value) == (1, 0)
    assert all(score.few for score in scores.values())


def test_thirty_gold_examples_of_each_label_are_enough() -> None:
    gold = ["favor"] * 30 + ["none"] * 30 + ["against"] * 30
    (score,) = score_tags([columns(gold, list(gold))], [["negation"]] * 90, resamples=50)
    assert (score.value, score.few, score.n) == (1, False, 90)
    (score,) = score_tags([columns(gold[1:], list(gold[1:]))], [["negation"]] * 89, resamples=50)
    assert score.few


def test_several_seeds_are_averaged() -> None:
    wrong: list[str | None] = ["against", "none", "against", "against", "none", "none"]
    runs = [columns(GOLD, SAID), columns(GOLD, wrong)]
    found = {score.tag: score.value for score in score_tags(runs, TAGS, resamples=50)}
    assert found["sarcasm"] == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert found["(no tag)"] == pytest.approx(0.5)

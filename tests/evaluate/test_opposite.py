"""Opposite stances of one sentence: by hand, the text-only ceiling, and whether intervals hold the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.evaluate.opposite import TEXT_ONLY_CEILING, couples, opposite_accuracy
from stancebench.types import LABELS

TARGETS = ("x", "y", "z")


def run_of(sentences: list[tuple[str, list[str], list[str]]], fold: str = "f") -> dict[str, Any]:
    """A run's predictions of sentences: each its document, and its gold and predicted label per target."""
    rows = [
        (f"s{i}:{target}", document, target, label, said)
        for i, (document, gold, predicted) in enumerate(sentences)
        for target, label, said in zip(TARGETS, gold, predicted, strict=False)
    ]
    names = ("example_id", "document_id", "target", "gold", "predicted")
    columns: dict[str, Any] = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return {**columns, "fold": [fold] * len(rows)}


HAND = [
    ("d0", ["favor", "against", "none"], ["favor", "favor", "none"]),  # one couple: 1/2
    ("d0", ["favor", "favor", "against"], ["favor", "none", "against"]),  # two couples: 1 and 1/2
    ("d1", ["against", "favor", "favor"], ["none", "none", "none"]),  # two couples: 0 and 0
    ("d1", ["favor", "favor", "none"], ["favor", "favor", "none"]),  # not opposite
    ("d2", ["against", "none", "none"], ["against", "none", "none"]),  # not opposite
]


def test_by_hand() -> None:
    found = opposite_accuracy([run_of(HAND)], resamples=200)
    assert found.value == pytest.approx((0.5 + 1 + 0.5) / 5)
    assert (found.sentences, found.couples) == (3, 5)
    assert found.low <= found.value <= found.high
    rows = [(couple.favor, couple.against) for couple in couples(run_of(HAND))]
    assert rows == [(0, 1), (3, 5), (4, 5), (7, 6), (8, 6)]


def test_the_mean_over_seeds_whatever_the_order_of_the_rows() -> None:
    right = run_of([(document, gold, gold) for document, gold, _ in HAND])
    backwards = {name: values[::-1] for name, values in right.items()}
    assert opposite_accuracy([run_of(HAND), backwards], resamples=50).value == pytest.approx((0.4 + 1) / 2)
    with pytest.raises(ValueError, match="runs 0 and 1 differ"):
        opposite_accuracy([run_of(HAND), run_of(HAND[:2])], resamples=10)


def test_nothing_opposite_has_no_figure() -> None:
    found = opposite_accuracy([run_of(HAND[3:])], resamples=10)
    assert np.isnan([found.value, found.low, found.high]).all()
    assert (found.sentences, found.couples) == (0, 0)


def test_two_folds_are_two_fits_and_ids_of_another_form_are_no_sentence() -> None:
    run = run_of(HAND[:1])
    assert not list(couples({**run, "fold": ["f", "g", "f"]}))
    assert not list(couples({**run, "example_id": ["row-1", "row-2", "row-3"]}))


golds = st.lists(st.sampled_from(LABELS), min_size=3, max_size=3)
sentences = st.lists(
    st.tuples(st.sampled_from(["d0", "d1", "d2"]), golds, st.sampled_from(LABELS)), min_size=1
)


@settings(deadline=None)
@given(sentences)
def test_the_text_alone_never_passes_the_ceiling(drawn: list[tuple[str, list[str], str]]) -> None:
    run = run_of([(document, gold, [answer] * 3) for document, gold, answer in drawn])
    found = opposite_accuracy([run], resamples=20)
    assert not found.couples or found.value <= TEXT_ONLY_CEILING
    taking_sides = run_of([(document, gold, ["favor"] * 3) for document, gold, _ in drawn])
    assert not found.couples or opposite_accuracy([taking_sides], resamples=20).value == TEXT_ONLY_CEILING


def test_intervals_hold_the_truth_in_95_of_100_worlds() -> None:
    generator, held = np.random.default_rng(0), 0
    worlds, d = 400, 30
    for _ in range(worlds):
        drawn = []
        for i, luck in enumerate(generator.beta(6, 4, size=d)):  # a document's own accuracy; 0.6 in the world
            for _ in range(generator.integers(1, 5)):
                gold = ["favor", "against"]
                drawn.append((f"d{i}", gold, [g if generator.random() < luck else "none" for g in gold]))
        found = opposite_accuracy([run_of(drawn)], resamples=400)
        held += found.low <= 0.6 <= found.high
    assert 0.92 <= held / worlds <= 0.98

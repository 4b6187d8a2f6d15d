"""cross_genre: a genre is in test once, and never in training then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stancebench.errors import UserError
from stancebench.protocol.cross_genre import cross_genre_faults, draw_cross_genre
from stancebench.types import Examples
from tests.protocol.toys import given_split, protocol, toy_dataset, toy_examples

COLUMNS = {**toy_examples(120).columns, "genre": [f"g{i // 6 % 5}" for i in range(120)]}
DATASET = toy_dataset(Examples(COLUMNS))
CONFIG = protocol("cross_genre", shares={"train": 0.75, "validation": 0.25, "test": 0.0}, folds=3)


def test_whole_genres_are_held_out() -> None:
    tested: list[str] = []
    for fold in draw_cross_genre(DATASET, CONFIG):
        seen = set(DATASET.examples.select((*fold.train, *fold.validation))["genre"])
        held_out = set(DATASET.examples.select(fold.test)["genre"])
        assert not seen & held_out
        assert set(fold.name.split("+")) == held_out
        tested += fold.test
    assert sorted(tested) == sorted(DATASET.examples["example_id"])


def test_a_genre_on_both_sides_is_a_fault() -> None:
    folds = draw_cross_genre(DATASET, CONFIG)
    assert list(cross_genre_faults(folds, DATASET, CONFIG)) == []
    moved = replace(folds[0], train=(*folds[0].train, folds[0].test[0]), test=folds[0].test[1:])
    (fault,) = cross_genre_faults([moved], DATASET, CONFIG)
    assert fault.endswith("in training and in test")


def test_what_cannot_be_drawn() -> None:
    with pytest.raises(UserError, match="5 genres are too few for 6 folds"):
        draw_cross_genre(DATASET, CONFIG.model_copy(update={"folds": 6}))
    split = toy_dataset(toy_examples(18), split=given_split(3))
    with pytest.raises(UserError, match="has a split of its own"):
        draw_cross_genre(split, CONFIG)

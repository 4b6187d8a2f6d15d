"""Splits: by document, balanced, kept as ids, independent of the model's seed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.config import ProtocolConfig, default_protocol
from stancebench.dataset.backstop import load_backstop
from stancebench.errors import UserError
from stancebench.protocol import (
    PARTS,
    check_folds,
    draw_cross_genre,
    draw_in_target,
    folds_file,
    load_folds,
)
from stancebench.types import Examples, Fold
from tests.conftest import REPOSITORY, toy_examples

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}
CONFIG = ProtocolConfig(name="in_target", split_seed=0, shares=SHARES)


def draw(examples: Examples, seed: int = 0, **shares: float) -> Fold:
    config = ProtocolConfig(name="in_target", split_seed=seed, shares={**SHARES, **shares})
    (fold,) = draw_in_target(examples, config)
    return fold


@settings(deadline=None, max_examples=8)
@given(st.integers(5, 15), st.integers(0, 99))
def test_parts_are_disjoint_by_document_and_lose_nothing(documents: int, seed: int) -> None:
    examples = toy_examples(6 * documents)
    fold = draw(examples, seed)
    ids = [*fold.train, *fold.validation, *fold.test]
    assert sorted(ids) == sorted(examples["example_id"])
    inside = [set(examples.select(getattr(fold, part))["document_id"]) for part in PARTS]
    assert sum(map(len, inside)) == len(set.union(*inside)) == documents
    assert all(inside)


def test_the_split_is_balanced() -> None:
    # Ten documents, five of them all favor: chance alone would often put all of those in train.
    labels = ["favor"] * 30 + ["none"] * 30
    examples = Examples({**toy_examples(60).columns, "label": labels})
    assert list(examples.select(draw(examples).test)["label"]).count("favor") == 6


def test_cross_genre_holds_out_whole_genres() -> None:
    columns = {**toy_examples(120).columns, "genre": [f"g{i // 6 % 5}" for i in range(120)]}
    examples = Examples(columns)
    shares = {"train": 0.75, "validation": 0.25, "test": 0.0}
    config = ProtocolConfig(name="cross_genre", split_seed=0, shares=shares, folds=3)
    folds = draw_cross_genre(examples, config)
    tested: list[str] = []
    for fold in folds:
        genres = [set(examples.select(getattr(fold, part))["genre"]) for part in PARTS]
        assert not genres[2] & (genres[0] | genres[1])
        assert fold.name == "+".join(sorted(genres[2], key=fold.name.index))
        tested += fold.test
    assert sorted(tested) == sorted(examples["example_id"])
    with pytest.raises(UserError, match="5 genres are too few for 6 folds"):
        draw_cross_genre(examples, config.model_copy(update={"folds": 6}))


def test_folds_are_kept_and_come_back(project: Path) -> None:
    dataset = load_backstop()
    (first,) = load_folds(dataset, CONFIG)
    (path,) = dataset.splits_folder.iterdir()
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["folds"][0]["test"] == list(first.test)
    assert load_folds(dataset, CONFIG) == [first]
    path.write_text(json.dumps({**kept, "fingerprint": "other"}), encoding="utf-8")
    with pytest.raises(UserError, match="was drawn for other data"):
        load_folds(dataset, CONFIG)


def test_a_document_in_two_parts_and_an_unknown_id_are_refused() -> None:
    examples = toy_examples(12)
    with pytest.raises(UserError, match="d0 is in train and in test"):
        check_folds([Fold("f", ("e0",), (), ("e1",))], examples, Path("folds.json"))
    with pytest.raises(UserError, match="unknown example e99"):
        check_folds([Fold("f", ("e0",), (), ("e99",))], examples, Path("folds.json"))


def test_too_few_documents() -> None:
    with pytest.raises(UserError, match="too few for parts"):
        draw(toy_examples(6))


@pytest.mark.parametrize("name", ["in_target", "cross_genre"])
def test_the_committed_splits_are_of_the_committed_data(name: str) -> None:
    config = default_protocol(name)
    dataset = load_backstop()
    path = folds_file(dataset, config)
    assert path.is_relative_to(REPOSITORY)
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["fingerprint"] == dataset.fingerprint
    folds = load_folds(dataset, config)
    assert all(fold.contrast for fold in folds)
    for fold in folds:
        documents = [{example.split(":")[0] for example in getattr(fold, part)} for part in PARTS]
        assert (
            len(set.union(*documents))
            == sum(map(len, documents))
            == len(set(dataset.examples["document_id"]))
        )
        assert {example.split(":")[0].removeprefix("contrast-") for example in fold.contrast} <= documents[2]

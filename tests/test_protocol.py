"""Splits: by document, balanced, kept as ids, independent of the model's seed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.config import ProtocolConfig
from stancebench.dataset.backstop import load_backstop
from stancebench.errors import UserError
from stancebench.protocol import PARTS, VERSIONS, check_folds, draw_in_target, load_folds
from stancebench.types import Examples, Fold
from tests.conftest import REPOSITORY, toy_examples

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}
CONFIG = ProtocolConfig(name="in_target", split_seed=0, shares=SHARES)


@settings(deadline=None, max_examples=8)
@given(st.integers(5, 15), st.integers(0, 99))
def test_parts_are_disjoint_by_document_and_lose_nothing(documents: int, seed: int) -> None:
    examples = toy_examples(6 * documents)
    fold = draw_in_target(examples, seed, SHARES)
    ids = [*fold.train, *fold.validation, *fold.test]
    assert sorted(ids) == sorted(examples["example_id"])
    inside = [set(examples.select(getattr(fold, part))["document_id"]) for part in PARTS]
    assert sum(map(len, inside)) == len(set.union(*inside)) == documents
    assert all(inside)


def test_the_split_is_balanced() -> None:
    # Ten documents, five of them all favor: chance alone would often put all of those in train.
    labels = ["favor"] * 30 + ["none"] * 30
    columns = {**toy_examples(60).columns, "label": labels}
    examples = Examples(columns)
    fold = draw_in_target(examples, 0, {"train": 0.6, "validation": 0.2, "test": 0.2})
    assert list(examples.select(fold.test)["label"]).count("favor") == 6


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
        draw_in_target(toy_examples(6), 0, SHARES)


def test_the_committed_split_is_of_the_committed_data() -> None:
    folder = REPOSITORY / "data" / "splits" / "backstop"
    (path,) = folder.glob(f"in_target-v{VERSIONS['in_target']}-split0.json")
    fold = json.loads(path.read_text(encoding="utf-8"))["folds"][0]
    documents = [{name.split(":")[0] for name in fold[part]} for part in PARTS]
    assert sum(map(len, documents)) == len(list((REPOSITORY / "seeds").glob("*.txt")))
    assert len(set.union(*documents)) == sum(map(len, documents))

"""cross_dataset: two datasets, one's training side and the other's test side."""

from __future__ import annotations

from pathlib import Path

import pytest

from stancebench.config import DatasetConfig
from stancebench.dataset.record import Dataset
from stancebench.errors import UserError
from stancebench.protocol import load_data, load_folds
from stancebench.protocol.cross_dataset import join
from stancebench.types import Examples
from tests.protocol.toys import edits_of, given_split, protocol, toy_dataset, toy_examples

CONFIG = protocol("cross_dataset", test_dataset={"name": "table", "path": "other.csv"})


def renamed(prefix: str, **columns: list[str]) -> Examples:
    """Toy examples whose ids, targets and texts no other has."""
    own = {
        name: [prefix + value for value in toy_examples(18)[name]]
        for name in ("example_id", "document_id", "target", "text")
    }
    return Examples({**toy_examples(18).columns, **own, **columns})


def ours(**columns: list[str]) -> Dataset:
    return toy_dataset(renamed("a-", **columns), split=given_split(3), name="ours")


def theirs(prefix: str = "b-", **columns: list[str]) -> Dataset:
    examples = renamed(prefix, **columns)
    edits = edits_of(examples, [f"{prefix}e0", f"{prefix}e12"])
    return toy_dataset(examples, split=given_split(3), contrast=edits, name="theirs")


def test_trained_on_one_and_tested_on_the_other() -> None:
    joined = join(ours(), theirs(), CONFIG)
    (fold,) = load_folds(joined, CONFIG)
    assert joined.name == "ours-to-theirs"
    assert fold.train == tuple(f"a-e{i}" for i in range(6))
    assert fold.validation == tuple(f"a-e{i}" for i in range(6, 12))
    assert fold.test == tuple(f"b-e{i}" for i in range(12, 18))
    assert fold.contrast == ("edit-b-e12",)
    assert joined.part(fold, "test")["target_name"][0] == "theirs b-t0"
    assert list(joined.part(fold, "contrast")["target_name"]) == ["theirs b-t0"]


def test_one_id_on_both_sides_is_told_apart() -> None:
    joined = join(ours(), theirs("a-", text=[f"other {i}" for i in range(18)]), CONFIG)
    (fold,) = load_folds(joined, CONFIG)
    assert fold.train[0] == "a-e0"
    assert fold.test == tuple(f"theirs/a-e{i}" for i in range(12, 18))
    assert fold.contrast == ("theirs/edit-a-e12",)
    assert joined.part(fold, "test")["target_name"][0] == "ours a-t0"


def test_a_text_of_the_test_part_is_not_trained_on(capsys: pytest.CaptureFixture[str]) -> None:
    texts = list(renamed("a-")["text"])
    texts[3] = " B-WE reject  it on day 12"
    (fold,) = load_folds(join(ours(text=texts), theirs(), CONFIG), CONFIG)
    assert fold.train == ("a-e0", "a-e1", "a-e2", "a-e4", "a-e5")
    said = capsys.readouterr().err
    assert said == "cross_dataset: 1 examples of train left out: the test part has their text\n"


def test_the_fingerprint_sees_both_sides_and_which_is_which() -> None:
    other = list(renamed("b-")["label"])
    other[17] = "none"
    joined = [
        join(ours(), theirs(), CONFIG),
        join(ours(), theirs(label=other), CONFIG),
        join(theirs(), ours(), CONFIG),
    ]
    assert len({dataset.fingerprint for dataset in joined}) == 3


def test_a_test_side_may_be_all_test_but_not_without_any() -> None:
    everything = toy_dataset(renamed("b-"), split=["test"] * 3)
    (fold,) = load_folds(join(ours(), everything, CONFIG), CONFIG)
    assert len(fold.test) == 18
    with pytest.raises(UserError, match="names no test rows"):
        join(ours(), toy_dataset(renamed("b-"), split=["train"] * 3), CONFIG)


def test_two_tables_with_labels_of_their_own(tmp_path: Path) -> None:
    rows = {"mine": ("pro", "con"), "other": ("favor", "against")}
    for name, (yes, no) in rows.items():
        lines = [f"{name} {word} {i},peace,{word}" for i in range(20) for word in (yes, no)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["text,target,label", *lines]), encoding="utf-8")
    own = DatasetConfig(
        name="table", path=str(tmp_path / "mine.csv"), labels={"pro": "favor", "con": "against"}
    )
    path = str(tmp_path / "other.csv")
    config = protocol("cross_dataset", test_dataset={"name": "table", "path": path})
    dataset = load_data(own, config)
    (fold,) = load_folds(dataset, config)
    assert (len(fold.train), len(fold.validation), len(fold.test)) == (24, 8, 8)
    assert all(text.startswith("other") for text in dataset.part(fold, "test")["text"])
    assert set(dataset.part(fold, "train")["label"]) == {"favor", "against"}
    assert dataset.split.keys() == set(dataset.examples["example_id"])


def test_a_missing_path_is_asked_for(project: Path) -> None:
    config = protocol("cross_dataset", test_dataset={"name": "table"})
    with pytest.raises(UserError) as fault:
        load_data(DatasetConfig(name="backstop"), config)
    assert "protocol.test_dataset.path=FILE" in str(fault.value)


def test_a_column_that_only_one_side_has_is_null_on_the_other() -> None:
    shared = join(ours(share_favor=[0.5] * 18), theirs(), CONFIG)
    (fold,) = load_folds(shared, CONFIG)
    assert set(shared.part(fold, "train")["share_favor"]) == {0.5}
    assert set(shared.part(fold, "test")["share_favor"]) == {None}
    assert set(join(ours(), theirs(share_favor=[0.5] * 18), CONFIG).examples["share_favor"]) == {None, 0.5}

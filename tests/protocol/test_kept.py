"""Kept folds: where they lie, that they come back, and that the committed ones hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.config import default_protocol
from stancebench.dataset.backstop import load_backstop
from stancebench.errors import UserError
from stancebench.protocol import folds_file, load_folds
from stancebench.protocol.cross_genre import draw_cross_genre
from stancebench.protocol.cross_target import draw_cross_target
from stancebench.protocol.few_shot import draw_few_shot
from stancebench.protocol.in_target import draw_in_target
from stancebench.protocol.kept import Draw, folds_text, kept_folds
from stancebench.protocol.learning_curve import draw_learning_curve
from stancebench.types import Fold
from tests.protocol.toys import documents_of, protocol, toy_dataset, toy_examples

#: Names of the committed files; a change loses every run that was made with them.
COMMITTED = {
    "in_target": "in_target-v1-8d16e35d.json",
    "cross_genre": "cross_genre-v1-16ca73bd.json",
    "cross_target": "cross_target-v1-7a163afb.json",
    "learning_curve": "learning_curve-v1-545b30bb.json",
    "contrast": "contrast-v1-0b9041ce.json",
}
FEW_SHOT = {4: "9e729c99", 8: "92408e87", 16: "7a49a379", 32: "4daff37e"}

ids = st.lists(st.integers(0, 9).map(str), max_size=4, unique=True).map(tuple)
folds = st.lists(st.builds(Fold, st.text(min_size=1), ids, ids, ids), min_size=1, max_size=4)


@pytest.mark.parametrize("name", COMMITTED)
def test_the_committed_folds_are_of_the_committed_data(name: str) -> None:
    dataset, config = load_backstop(), default_protocol(name)
    path = folds_file(dataset, config)
    assert path.name == COMMITTED[name]
    assert path.is_file()
    for fold in load_folds(dataset, config):
        train, validation, test = documents_of(fold, dataset)
        assert len(train | validation | test) == len(train) + len(validation) + len(test)
        edited = set(dataset.contrast.select(fold.contrast)["document_id"])
        assert edited
        assert edited <= test


@pytest.mark.parametrize("k", FEW_SHOT)
def test_the_committed_draws_are_of_k_examples(k: int) -> None:
    dataset = load_backstop()
    config = default_protocol("few_shot").model_copy(update={"k": k})
    path = folds_file(dataset, config)
    assert path.name == f"few_shot-v1-{FEW_SHOT[k]}.json"
    assert path.is_file()
    (base,) = load_folds(dataset, default_protocol("in_target"))
    for fold in load_folds(dataset, config):
        assert len(fold.train) == 3 * 3 * k
        assert fold.test == base.test


@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("in_target", draw_in_target),
        ("cross_genre", draw_cross_genre),
        ("cross_target", draw_cross_target),
        ("learning_curve", draw_learning_curve),
        ("few_shot", draw_few_shot),
    ],
)
def test_drawing_again_gives_the_committed_file(name: str, draw: Draw) -> None:
    dataset, config = load_backstop(), default_protocol(name)
    kept = folds_file(dataset, config).read_text(encoding="utf-8")
    assert folds_text(draw(dataset, config), dataset, config) == kept


@settings(max_examples=20, deadline=None)
@given(folds)
def test_written_folds_come_back(tmp_path_factory: pytest.TempPathFactory, written: list[Fold]) -> None:
    dataset = toy_dataset(toy_examples(12), tmp_path_factory.mktemp("splits"))
    config = protocol("in_target")
    assert kept_folds(dataset, config, lambda *_: written) == written
    assert kept_folds(dataset, config, lambda *_: pytest.fail("drawn again")) == written


def test_a_part_that_all_folds_share_is_written_once() -> None:
    dataset = toy_dataset(toy_examples(12))
    written = [Fold("a", ("e0",), (), ("e6",)), Fold("b", ("e1",), (), ("e6",))]
    content = json.loads(folds_text(written, dataset, protocol("few_shot")))
    assert content["shared"] == {"validation": [], "test": ["e6"]}
    assert content["folds"] == [{"name": "a", "train": ["e0"]}, {"name": "b", "train": ["e1"]}]


def test_folds_of_other_data_are_refused(tmp_path: Path) -> None:
    config = protocol("in_target")
    load_folds(toy_dataset(toy_examples(60), tmp_path), config)
    with pytest.raises(UserError, match="was drawn for other data"):
        load_folds(toy_dataset(toy_examples(66), tmp_path), config)


def test_other_choices_have_another_file() -> None:
    dataset = toy_dataset(toy_examples(12))
    choices = [
        protocol("few_shot", k=4, draws=5),
        protocol("few_shot", k=8, draws=5),
        protocol("few_shot", k=4, draws=3),
        protocol("few_shot", k=4, draws=5, split_seed=1),
    ]
    assert len({folds_file(dataset, config) for config in choices}) == 4

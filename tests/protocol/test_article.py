"""article: trained on Backstop, tested on an article whose text is somewhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from stancebench.config import DatasetConfig
from stancebench.corpus.documents import read_article
from stancebench.corpus.judgements import append_judgements, manifest_entry
from stancebench.corpus.targets import read_targets
from stancebench.dataset.backstop import build
from stancebench.errors import UserError
from stancebench.protocol import load_data, load_folds
from tests.conftest import judgement
from tests.protocol.toys import protocol

CONFIG = protocol("article")
BACKSTOP = DatasetConfig(name="backstop")


@pytest.fixture
def annotated(project: Path) -> Path:
    """An article of two sentences that the project has judgements of."""
    path = project / "news.txt"
    path.write_text("The envoy praised the idea of troops.\nNobody else said a word.\n", encoding="utf-8")
    document, targets = read_article(path), read_targets(project / "data" / "targets.yaml")
    entry = manifest_entry(document)
    for annotator in ("ann", "ben"):
        rows = [
            judgement(f"{document.id}:{a}-{b}", annotator, t.id) for a, b in entry.sentences for t in targets
        ]
        append_judgements(project / "data" / "annotations", entry, rows, targets)
    return path


def test_the_article_is_tested_on_and_nothing_of_it_is_kept(annotated: Path) -> None:
    build(annotated)
    dataset = load_data(BACKSTOP, CONFIG)
    (fold,) = load_folds(dataset, CONFIG)
    assert dataset.name == "backstop-to-article"
    assert set(dataset.part(fold, "test")["text"]) == set(annotated.read_text("utf-8").splitlines())
    assert len(fold.test) == 2 * 3
    assert all(name.startswith("doc-") for name in dataset.part(fold, "train")["document_id"])
    assert fold.contrast == ()
    assert dataset.contrast_fingerprint == ""
    kept = sorted(path.name for path in (annotated.parent / "data" / "splits" / "backstop").rglob("*.json"))
    assert [name.split("-")[0] for name in kept] == ["in_target"]


def test_the_training_side_is_in_targets(annotated: Path) -> None:
    build(annotated)
    (fold,) = load_folds(load_data(BACKSTOP, CONFIG), CONFIG)
    config = protocol("in_target")
    (base,) = load_folds(load_data(BACKSTOP, config), config)
    assert (fold.train, fold.validation) == (base.train, base.validation)


def test_without_its_text_the_way_to_it_is_named(annotated: Path) -> None:
    with pytest.raises(UserError) as fault:
        load_data(BACKSTOP, CONFIG)
    assert "stancebench data build --article FILE" in str(fault.value)
    build(annotated)
    build()  # labels may have changed since: an article of an earlier build is not used
    with pytest.raises(UserError, match="text is not here"):
        load_data(BACKSTOP, CONFIG)

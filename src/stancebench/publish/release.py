"""What is published, read once: the examples, their documents and split, and everything judged of them."""

from __future__ import annotations

from typing import NamedTuple

from stancebench.config import default_protocol
from stancebench.corpus.contrast import PREFIX
from stancebench.corpus.documents import read_seeds
from stancebench.corpus.gold import GoldLabel, Settlement, read_settlements, settle
from stancebench.corpus.judgements import Judgement, ManifestEntry, read_annotations
from stancebench.dataset.backstop import load_backstop
from stancebench.dataset.record import Dataset
from stancebench.paths import annotations_folder, seeds_folder
from stancebench.protocol import load_folds
from stancebench.types import Document

#: The parts of the split, in the order in which they are listed.
PARTS = ("train", "validation", "test")


class Release(NamedTuple):
    """The dataset with its sources.

    `part_of` maps each document to ``train``, ``validation``, ``test``, or ``contrast`` where it is
    made of edits; withdrawn documents and articles have no part. `articles` are manifest entries.
    """

    dataset: Dataset
    documents: list[Document]
    part_of: dict[str, str]
    judgements: list[Judgement]
    settlements: list[Settlement]
    gold: list[GoldLabel]
    articles: list[ManifestEntry]


def read_release() -> Release:
    """Read what would be published from the project's files; nothing of it is checked for that yet.

    Raises
    ------
    UserError
        Where the data do not hold.
    """
    dataset = load_backstop()
    (fold,) = load_folds(dataset, default_protocol("in_target"))
    annotations = read_annotations(annotations_folder(), dataset.targets)
    settlements = read_settlements(annotations_folder() / "settlements.jsonl")
    document_of = dict(zip(dataset.examples["example_id"], dataset.examples["document_id"], strict=True))
    part_of = {document_of[name]: part for part in PARTS for name in getattr(fold, part)}
    edits = {PREFIX + name: "contrast" for name in part_of if PREFIX + name in annotations.manifest}
    return Release(
        dataset=dataset,
        documents=read_seeds(seeds_folder()),
        part_of={**part_of, **edits},
        judgements=annotations.judgements,
        settlements=[placed.row for placed in settlements],
        gold=settle(annotations.judgements, settlements),
        articles=[e for name, e in annotations.manifest.items() if name.startswith("article-")],
    )

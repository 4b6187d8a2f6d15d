"""Backstop: seed documents, settled judgements and the targets, joined into labelled examples."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancebench.corpus import SEGMENTATION_VERSION
from stancebench.dataset.record import (
    CONTRAST_COLUMNS,
    Dataset,
    fingerprint,
    label_counts,
    read_examples,
    write_examples,
)
from stancebench.errors import UserError
from stancebench.paths import (
    annotations_folder,
    built_folder,
    contrast_file,
    project_root,
    seeds_folder,
    targets_file,
)
from stancebench.types import EXAMPLE_COLUMNS, LABELS, SHARE_COLUMNS, Document, Examples, Target

if TYPE_CHECKING:
    from stancebench.corpus.contrast import Contrast
    from stancebench.corpus.gold import GoldLabel

NAME = "backstop"
#: Semantic version of the data; data/CHANGELOG.md says what a number changed. Other labels or another
#: split raise the first, added documents or targets the second, corrected metadata the third.
VERSION = "1.0.0"
SCHEMA_VERSION = 3
#: How many preceding sentences of the document are an example's `context`.
CONTEXT_SENTENCES = 2


@dataclass(frozen=True)
class BuildRecord:
    """What was built, from what; written beside the examples as ``record.json``."""

    schema_version: int
    name: str
    fingerprint: str
    sources: str
    documents: int
    sentences: int
    found: int
    dropped: dict[str, int]
    labels: dict[str, dict[str, int]]
    contrast: dict[str, int]
    article: dict[str, Any] | None


def sources_digest() -> str:
    """Return a SHA-256 over everything that the examples are made from."""
    root = project_root()
    files = [targets_file(), *seeds_folder().glob("*.txt"), *annotations_folder().rglob("*.jsonl")]
    files += [path for path in [contrast_file()] if path.exists()]
    digest = hashlib.sha256(f"segmentation {SEGMENTATION_VERSION}".encode())
    for path in sorted(files):
        digest.update(f"\n{path.relative_to(root)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def load_backstop() -> Dataset:
    """Load Backstop; it is built first where that was not done, or its sources have changed."""
    folder = built_folder(NAME)
    record = _read_record(folder)
    if record is None or record["sources"] != sources_digest():
        print("building Backstop from seeds/ and data/annotations/ …", file=sys.stderr)
        record = asdict(build())
    from stancebench.corpus.targets import read_targets

    return Dataset(
        name=NAME,
        examples=read_examples(folder / "examples.parquet"),
        contrast=read_examples(folder / "contrast.parquet"),
        fingerprint=record["fingerprint"],
        targets=tuple(read_targets(targets_file())),
        splits_folder=project_root() / "data" / "splits" / NAME,
        split={},
    )


def build(article_path: Path | None = None) -> BuildRecord:
    """Build the examples, and the article split where its text is given, into ``data/built``.

    Raises
    ------
    UserError
        Where documents, judgements or settlements do not hold; nothing is replaced then.
    """
    from stancebench.corpus.article import hydrate
    from stancebench.corpus.contrast import read_contrasts
    from stancebench.corpus.documents import read_seeds
    from stancebench.corpus.gold import read_settlements, settle
    from stancebench.corpus.judgements import check_documents, read_annotations
    from stancebench.corpus.sentences import segment
    from stancebench.corpus.targets import read_targets

    sources = sources_digest()
    targets = read_targets(targets_file())
    annotations = read_annotations(annotations_folder(), targets)
    gold = settle(annotations.judgements, read_settlements(annotations_folder() / "settlements.jsonl"))
    documents = read_seeds(seeds_folder())
    contrast_documents, contrasts = read_contrasts(contrast_file(), documents)
    check_documents([*documents, *contrast_documents], annotations.manifest)
    article = hydrate(article_path, annotations.manifest) if article_path else None

    examples = join(documents, gold, targets)
    folder = built_folder(NAME)
    folder.mkdir(parents=True, exist_ok=True)
    article_record = None
    if article:
        article_examples = join([article], gold, targets)
        write_examples(article_examples, folder / "article.parquet")
        article_record = {
            "document_id": article.id,
            "fingerprint": fingerprint(article_examples),
            "labels": label_counts(article_examples),
        }
    contrast = join_contrasts(contrasts, examples, gold)
    write_examples(examples, folder / "examples.parquet")
    write_examples(contrast, folder / "contrast.parquet")
    segmentations = [segment(document) for document in documents]
    record = BuildRecord(
        schema_version=SCHEMA_VERSION,
        name=NAME,
        fingerprint=fingerprint(examples),
        sources=sources,
        documents=len(documents),
        sentences=sum(len(s.sentences) for s in segmentations),
        found=sum(s.found for s in segmentations),
        dropped=_sum_counts(s.drop_counts() for s in segmentations),
        labels=label_counts(examples),
        contrast={"edits": len(contrasts), "kept": len(contrast)},
        article=article_record,
    )
    _write_record(folder, record)
    return record


def join(documents: Sequence[Document], gold: Sequence[GoldLabel], targets: Sequence[Target]) -> Examples:
    """Return one example per sentence of `documents` and target, with its gold label.

    A target of a later round may be judged on some documents only; those have no examples of it
    elsewhere. A document is judged for a target as a whole or not at all.

    Raises
    ------
    UserError
        Where a sentence has no gold label for a target that its document is judged for, or for any.
    """
    from stancebench.corpus.sentences import segment

    label_of = {(label.sentence_id, label.target): label for label in gold}
    rows: list[dict[str, Any]] = []
    for document in documents:
        sentences = segment(document).sentences
        judged = [t for t in targets if any((s.id, t.id) in label_of for s in sentences)]
        for i, sentence in enumerate(sentences):
            before = sentences[max(0, i - CONTEXT_SENTENCES) : i]
            for target in judged or targets:
                label = label_of.get((sentence.id, target.id))
                if label is None:
                    raise UserError(
                        f"{sentence.id} has no judgement for {target.id}",
                        hint=f"annotate it: stancebench data export {document.id}",
                    )
                rows.append(
                    {
                        "example_id": f"{sentence.id}:{target.id}",
                        "sentence_id": sentence.id,
                        "document_id": document.id,
                        "genre": document.genre,
                        "target": target.id,
                        "text": sentence.text,
                        "context": " ".join(s.text for s in before),
                        "label": label.stance,
                        "holder": label.holder,
                        "tags": list(label.tags),
                        **_vote_shares(label),
                    }
                )
    return Examples({name: [row[name] for row in rows] for name in (*EXAMPLE_COLUMNS, *SHARE_COLUMNS)})


def _vote_shares(label: GoldLabel) -> dict[str, float]:
    """Return the share of the raw judgements for each label; the settlement is gold and no vote."""
    return {
        column: label.votes.count(stance) / len(label.votes)
        for column, stance in zip(SHARE_COLUMNS, LABELS, strict=True)
    }


def join_contrasts(contrasts: Sequence[Contrast], examples: Examples, gold: Sequence[GoldLabel]) -> Examples:
    """Return the edits whose gold stance on their target differs from the original's.

    An edit that the annotators found to change nothing is left out; `BuildRecord.contrast` counts it.
    """
    label_of = {(label.sentence_id, label.target): label for label in gold}
    row_of = {row["example_id"]: row for row in examples.rows()}
    rows = []
    for contrast in contrasts:
        target = contrast.edit.target
        original = row_of[f"{contrast.original.id}:{target}"]
        label = label_of[contrast.sentence.id, target]
        if label.stance != original["label"]:
            rows.append(
                {
                    **original,
                    "example_id": f"{contrast.sentence.id}:{target}",
                    "sentence_id": contrast.sentence.id,
                    "text": contrast.sentence.text,
                    "label": label.stance,
                    "holder": label.holder,
                    "tags": list(label.tags),
                    **_vote_shares(label),
                    "original_id": original["example_id"],
                    "original_label": original["label"],
                }
            )
    return Examples({name: [row[name] for row in rows] for name in (*CONTRAST_COLUMNS, *SHARE_COLUMNS)})


def _sum_counts(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in counts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    return total


def _read_record(folder: Path) -> dict[str, Any] | None:
    path = folder / "record.json"
    if not path.is_file():
        return None
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record if record.get("schema_version") == SCHEMA_VERSION else None


def _write_record(folder: Path, record: BuildRecord) -> None:
    from stancebench.files import write_atomically

    write_atomically(folder / "record.json", json.dumps(asdict(record), indent=2) + "\n")

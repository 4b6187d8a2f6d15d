"""Sheets out, answers in: what ``stancebench data export`` and ``import`` do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from stancebench.corpus.documents import read_seeds
from stancebench.corpus.judgements import append_judgements, manifest_entry
from stancebench.corpus.sheets import answers_document, read_answers, write_sheet
from stancebench.corpus.targets import read_targets
from stancebench.errors import UserError
from stancebench.paths import annotations_folder, seeds_folder, targets_file
from stancebench.types import Document


def known_documents(article: Document | None = None) -> dict[str, Document]:
    """Return the seed documents, and `article` where one is given, by id."""
    documents = {document.id: document for document in read_seeds(seeds_folder())}
    if article:
        documents[article.id] = article
    return documents


def export_sheets(document_ids: Sequence[str], output: Path) -> Iterator[Path]:
    """Write the sheets of these documents (all where none is named) and yield their paths."""
    documents = known_documents()
    unknown = [name for name in document_ids if name not in documents]
    if unknown:
        raise UserError(f"unknown documents: {', '.join(unknown)}", hint="see the ids in seeds/")
    output.mkdir(parents=True, exist_ok=True)
    for name in document_ids or documents:
        path = output / f"{name}.sheet.txt"
        path.write_text(write_sheet(documents[name]), encoding="utf-8")
        yield path


def import_answers(
    files: Sequence[Path], article: Document | None = None, dry_run: bool = False
) -> Iterator[str]:
    """Check answers files and add them to the raw judgements; yield a line for each.

    All files are read before the first is added, so that a fault in one adds none.
    """
    documents = known_documents(article)
    targets = read_targets(targets_file())
    read = []
    for path in files:
        name = answers_document(path)
        if name not in documents:
            raise UserError(
                f"{path}:1: unknown document {name!r}",
                hint="for an article from outside, give its text: --article FILE",
            )
        read.append((path, documents[name], read_answers(path, documents[name], targets)))
    for path, document, judgements in read:
        if not dry_run:
            append_judgements(annotations_folder(), manifest_entry(document), judgements, targets)
        state = "holds" if dry_run else f"added to {judgements[0].annotator}.jsonl"
        yield f"{path}: {len(judgements)} judgements, {state}"

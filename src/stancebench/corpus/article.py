"""An article from outside: its text stays with its publisher, only our judgements are kept."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from stancebench.corpus.documents import read_article
from stancebench.corpus.judgements import ManifestEntry, manifest_entry
from stancebench.corpus.sheets import write_sheet
from stancebench.errors import UserError
from stancebench.types import Document


class Ingested(NamedTuple):
    """What `ingest` found: the document, whether it is annotated, and the sheet if one was written."""

    document: Document
    known: bool
    sheet: Path | None


def ingest(path: Path, manifest: dict[str, ManifestEntry], tasks: Path) -> Ingested:
    """Recognise an article by the SHA-256 of its text, or write a sheet for its annotation."""
    document = read_article(path)
    if any(entry.sha256 == document.sha256 for entry in manifest.values()):
        return Ingested(document, True, None)
    tasks.mkdir(parents=True, exist_ok=True)
    sheet = tasks / f"{document.id}.sheet.txt"
    sheet.write_text(write_sheet(document), encoding="utf-8")
    return Ingested(document, False, sheet)


def hydrate(path: Path, manifest: dict[str, ManifestEntry]) -> Document:
    """Return the annotated article whose text `path` holds.

    Raises
    ------
    UserError
        Where the text is not, to the character, one that was annotated (both hashes are named), or
        where it is cut into other sentences now.
    """
    document = read_article(path)
    articles = {e.sha256: e for e in manifest.values() if e.document_id.startswith("article-")}
    if document.sha256 not in articles:
        known = ", ".join(articles) or "none"
        raise UserError(
            f"{path}: sha256 {document.sha256} is not that of an annotated article ({known})",
            hint="one changed character is enough: get the original file, or annotate this one with"
            f" `stancebench data ingest {path}`",
        )
    entry = articles[document.sha256]
    if manifest_entry(document) != entry:
        raise UserError(
            f"{path}: the article is cut into other sentences than when it was annotated",
            hint="the segmentation changed: restore it, or annotate the article anew",
        )
    return document

"""The contrast set: test sentences changed as little as possible, so that one stance changes.

``data/contrast/edits.jsonl`` has one row per edit: the sentence it is made from, the target whose stance
it is to change, and the new text. The edits of one document make a document of their own, one a line
(``contrast-bs-012``), and are judged, settled and kept by the same machinery as every other sentence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from stancebench.corpus.documents import sha256_of
from stancebench.corpus.judgements import read_rows
from stancebench.corpus.sentences import segment
from stancebench.errors import raise_if
from stancebench.types import Document, Sentence

PREFIX = "contrast-"


class Edit(BaseModel):
    """One edit as its writer made it; what it does to the stance is for the annotators to say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sentence_id: str
    target: str
    text: str


@dataclass(frozen=True)
class Contrast:
    """An edit with its sentence, in the contrast document, and the one that it was made from."""

    edit: Edit
    sentence: Sentence
    original: Sentence


def read_contrasts(path: Path, documents: Iterable[Document]) -> tuple[list[Document], list[Contrast]]:
    """Read the edits of `documents`; return the contrast documents and the edits in them.

    Raises
    ------
    UserError
        With every edit of an unknown sentence, that changes nothing, stands twice, or is not cut as
        one sentence; each with file and line. No file: no edits.
    """
    rows, problems = read_rows(path, Edit) if path.exists() else ([], [])
    by_id = {document.id: document for document in documents}
    originals = {s.id: s for document in by_id.values() for s in segment(document).sentences}
    grouped: dict[str, list[Edit]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    for place, edit in rows:
        original = originals.get(edit.sentence_id)
        if original is None:
            problems.append(f"{place}: unknown sentence {edit.sentence_id!r}")
            continue
        if edit.text == original.text or (edit.sentence_id, edit.text) in seen:
            problems.append(f"{place}: {edit.sentence_id}: the text is not new")
        seen.add((edit.sentence_id, edit.text))
        grouped[original.document_id].append(edit)
    made, contrasts = [], []
    for document_id, edits in grouped.items():
        document = _document(by_id[document_id], edits)
        sentences = segment(document).sentences
        if [s.text for s in sentences] != [edit.text for edit in edits]:
            problems.append(f"{path.name}: an edit of {document_id} is not cut as one sentence")
            continue
        made.append(document)
        contrasts += [
            Contrast(edit, sentence, originals[edit.sentence_id])
            for edit, sentence in zip(edits, sentences, strict=True)
        ]
    raise_if(problems, f"{path}: the contrast edits do not hold", "mend the rows that are named")
    return made, contrasts


def _document(original: Document, edits: Sequence[Edit]) -> Document:
    text = "\n".join(edit.text for edit in edits)
    return Document(
        id=PREFIX + original.id,
        title=original.title,
        genre=original.genre,
        date=original.date,
        language=original.language,
        provenance=f"edits of {original.id}",
        licence=original.licence,
        text=text,
        sha256=sha256_of(text),
    )


def surroundings(contrasts: Iterable[Contrast], documents: Iterable[Document]) -> dict[str, str]:
    """Return, for each edited sentence's id, its original's document up to it, for the annotator."""
    texts = {document.id: document.text for document in documents}
    return {c.sentence.id: texts[c.original.document_id][: c.original.start].strip() for c in contrasts}

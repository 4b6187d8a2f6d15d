"""Raw judgements: what each annotator said of each sentence and target, kept for ever.

``data/annotations`` holds ``documents.jsonl`` (the manifest: SHA-256 and sentence offsets of every
annotated document, so that a changed text or segmentation is noticed and an article's text need not
be kept), ``judgements/<annotator>.jsonl`` (append-only, in order of annotation) and
``settlements.jsonl``. All is checked on every read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from stancebench.corpus.sentences import segment
from stancebench.errors import UserError, raise_if
from stancebench.types import Document, Stance, Target

#: Phenomena that an annotator may note of a sentence (docs/annotation.md).
Tag = Literal[
    "negation",
    "hedge",
    "condition",
    "quotation",
    "two_holders",
    "sarcasm",
    "question",
    "contrast",
    "implicit",
    "evasion",
]
TAGS: tuple[str, ...] = get_args(Tag)
Row = TypeVar("Row", bound=BaseModel)


class ManifestEntry(BaseModel):
    """An annotated document: what it was when it was annotated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document_id: str
    sha256: str
    sentences: tuple[tuple[int, int], ...]


class Judgement(BaseModel):
    """One annotator's judgement of one sentence against one target.

    `evidence` are character offsets into the document, ``None`` for the stance ``none``; `holder` and
    `tags` belong to the sentence and are the same on its rows for all targets.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sentence_id: str
    annotator: str
    target: str
    stance: Stance
    explicit: bool
    evidence: tuple[int, int] | None
    holder: str
    tags: tuple[Tag, ...]

    @property
    def document_id(self) -> str:
        """The document that the sentence stands in."""
        return self.sentence_id.rpartition(":")[0]


def judgement_of(row: dict[str, Any]) -> tuple[list[Judgement], list[str]]:
    """Return the judgement that a row makes, or its faults, named by target and field."""
    try:
        return [Judgement.model_validate(row)], []
    except ValidationError as fault:
        return [], [
            f"{row['target']}: {'.'.join(map(str, e['loc']))}: {e['msg']} (found {e['input']!r:.60})"
            for e in fault.errors()
        ]


class Placed(NamedTuple):
    """A row and the ``file:line`` that it was read from."""

    place: str
    row: Any


@dataclass(frozen=True)
class Annotations:
    """Everything under ``data/annotations``, read and checked."""

    manifest: dict[str, ManifestEntry]
    judgements: list[Judgement]

    def sentence_ids(self) -> list[str]:
        """Return the ids of all annotated sentences, by document and position."""
        return [f"{d}:{a}-{b}" for d, entry in self.manifest.items() for a, b in entry.sentences]


def manifest_entry(document: Document) -> ManifestEntry:
    """Return the manifest entry of a document as it is cut into sentences now."""
    spans = tuple((s.start, s.end) for s in segment(document).sentences)
    return ManifestEntry(document_id=document.id, sha256=document.sha256, sentences=spans)


def read_rows(path: Path, schema: type[Row]) -> tuple[list[Placed], list[str]]:
    """Read a JSON Lines file of `schema`; return the sound rows and the faults, with their places."""
    rows, problems = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        place = f"{path.name}:{number}"
        try:
            rows.append(Placed(place, schema.model_validate_json(line)))
        except ValidationError as fault:
            for error in fault.errors():
                field = ".".join(map(str, error["loc"])) or "the line"
                problems.append(f"{place}: {field}: {error['msg']} (found {error['input']!r:.60})")
    return rows, problems


def read_annotations(folder: Path, targets: Sequence[Target]) -> Annotations:
    """Read and check the manifest and all raw judgements below `folder`.

    Raises
    ------
    UserError
        With every fault and its file and line: malformed rows, unknown sentences and targets,
        offsets outside the sentence, an annotator who judges twice or leaves a target out.
    """
    problems: list[str] = []
    entries, faults = read_rows(folder / "documents.jsonl", ManifestEntry)
    problems += faults
    manifest = {placed.row.document_id: placed.row for placed in entries}
    judgements: list[Judgement] = []
    for path in sorted((folder / "judgements").glob("*.jsonl")):
        rows, faults = read_rows(path, Judgement)
        problems += faults
        problems += check_judgements(rows, manifest.values(), targets, annotator=path.stem)
        judgements += [placed.row for placed in rows]
    raise_if(
        problems,
        f"{folder}: the annotations do not hold",
        "raw judgements are never edited:"
        " restore the file from version control, and import corrections as a new annotator",
    )
    return Annotations(manifest, judgements)


def check_judgements(
    rows: Iterable[Placed],
    manifest: Iterable[ManifestEntry],
    targets: Sequence[Target],
    annotator: str,
) -> list[str]:
    """Return the faults of one annotator's rows, each with its place."""
    spans = {f"{e.document_id}:{a}-{b}": (a, b) for e in manifest for a, b in e.sentences}
    known_targets = {target.id: target.round for target in targets}
    seen: dict[tuple[str, str], str] = {}
    by_sentence: dict[str, list[Placed]] = {}
    problems = []
    for place, row in rows:
        problems += [f"{place}: {fault}" for fault in _row_faults(row, spans, known_targets, annotator)]
        key = (row.sentence_id, row.target)
        if key in seen:
            problems.append(f"{place}: {annotator} judged {key[0]} for {key[1]} already, at {seen[key]}")
        seen.setdefault(key, place)
        by_sentence.setdefault(row.sentence_id, []).append(Placed(place, row))
    for sentence_id, placed in by_sentence.items():
        problems += _sentence_faults(sentence_id, placed, known_targets)
    return problems


def _row_faults(
    row: Judgement, spans: dict[str, tuple[int, int]], known_targets: dict[str, int], annotator: str
) -> Iterator[str]:
    if row.annotator != annotator:
        yield f"annotator {row.annotator!r} in the file of {annotator!r}"
    if row.target not in known_targets:
        yield f"unknown target {row.target!r} (known: {', '.join(known_targets)})"
    if (row.evidence is None) != (row.stance == "none"):
        yield f"evidence must be given for favor and against, and for none not ({row.stance})"
    if row.sentence_id not in spans:
        yield f"unknown sentence {row.sentence_id!r}"
    elif row.evidence is not None:
        start, end = spans[row.sentence_id]
        if not start <= row.evidence[0] < row.evidence[1] <= end:
            yield f"evidence {list(row.evidence)} lies outside the sentence {start}-{end}"


def _sentence_faults(sentence_id: str, placed: list[Placed], round_of: dict[str, int]) -> Iterator[str]:
    for number in sorted({round_of.get(row.target, 0) for _, row in placed}):
        rows = [p for p in placed if round_of.get(p.row.target, 0) == number]
        judged = {row.target for _, row in rows}
        missing = [t for t, of in round_of.items() if of == number and t not in judged]
        if missing:
            yield f"{rows[0].place}: {sentence_id} is not judged for {', '.join(missing)}"
        if len({(row.holder, row.tags) for _, row in rows}) > 1:
            yield f"{rows[0].place}: {sentence_id} has different holders or tags on its rows"


def check_documents(documents: Sequence[Document], manifest: dict[str, ManifestEntry]) -> None:
    """Raise a `UserError` that names every document that is not what was annotated."""
    problems = []
    for document in documents:
        known = manifest.get(document.id)
        if known is None:
            problems.append(f"{document.id}: not annotated yet")
        elif known.sha256 != document.sha256:
            problems.append(f"{document.id}: sha256 {document.sha256}, annotated was {known.sha256}")
        elif known != manifest_entry(document):
            problems.append(f"{document.id}: cut into other sentences than when it was annotated")
    raise_if(
        problems,
        "some documents are not what was annotated",
        "restore them, or annotate them under a new id",
    )


def append_judgements(
    folder: Path, entry: ManifestEntry, judgements: Sequence[Judgement], targets: Sequence[Target]
) -> None:
    """Add one annotator's judgements of one document; all is checked first, with what is there.

    Raises
    ------
    UserError
        Where the document was annotated in another state, or the rows do not hold. Nothing is
        written then.
    """
    annotator = judgements[0].annotator
    manifest_path, path = folder / "documents.jsonl", folder / "judgements" / f"{annotator}.jsonl"
    for file in (manifest_path, path):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    manifest = {p.row.document_id: p.row for p in read_rows(manifest_path, ManifestEntry)[0]}
    known = manifest.setdefault(entry.document_id, entry)
    if known != entry:
        raise UserError(
            f"{entry.document_id} was annotated with another text or segmentation"
            f" (sha256 then {known.sha256}, now {entry.sha256})",
            hint="restore the document: what was judged may not change",
        )
    rows, problems = read_rows(path, Judgement)
    rows += [Placed(f"new row {i}", row) for i, row in enumerate(judgements, start=1)]
    problems += check_judgements(rows, manifest.values(), targets, annotator)
    raise_if(problems, f"the judgements of {annotator} on {entry.document_id} were not added")
    present = {p.row.document_id for p in read_rows(manifest_path, ManifestEntry)[0]}
    if entry.document_id not in present:
        append_lines(manifest_path, [entry])
    append_lines(path, judgements)


def append_lines(path: Path, rows: Sequence[BaseModel]) -> None:
    """Add rows to a JSON Lines file, flushed to disk."""
    text = "".join(json.dumps(row.model_dump(mode="json"), ensure_ascii=False) + "\n" for row in rows)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())

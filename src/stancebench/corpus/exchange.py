"""Tasks out, judgements in: what ``stancebench data export`` and ``import`` do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from stancebench.corpus import label_studio
from stancebench.corpus.contrast import read_contrasts, surroundings
from stancebench.corpus.documents import read_seeds
from stancebench.corpus.judgements import Judgement, append_judgements, manifest_entry
from stancebench.corpus.sheets import answers_document, read_answers, write_sheet
from stancebench.corpus.targets import read_targets
from stancebench.errors import UserError, raise_if
from stancebench.files import write_atomically
from stancebench.paths import annotations_folder, contrast_file, seeds_folder, targets_file
from stancebench.types import Document, Target

Format = Literal["sheet", "label-studio"]


class Sources(NamedTuple):
    """Every document that can be judged, by id, and the text before contrast edits."""

    documents: dict[str, Document]
    before: dict[str, str]


def sources(article: Document | None = None) -> Sources:
    """Return seed documents, contrast documents, and `article` where one is given."""
    seeds = read_seeds(seeds_folder())
    contrast_documents, contrasts = read_contrasts(contrast_file(), seeds)
    everything = [*seeds, *contrast_documents, *([article] if article else [])]
    return Sources({d.id: d for d in everything}, surroundings(contrasts, seeds))


def round_targets(number: int) -> list[Target]:
    """Return the targets of one round of annotation.

    Raises
    ------
    UserError
        Where there is no such round.
    """
    targets = read_targets(targets_file())
    chosen = [target for target in targets if target.round == number]
    if not chosen:
        rounds = ", ".join(map(str, sorted({target.round for target in targets})))
        raise UserError(f"no target of round {number} (rounds: {rounds})", hint=f"see {targets_file()}")
    return chosen


def export_tasks(
    document_ids: Sequence[str], output: Path, form: Format = "sheet", number: int = 1
) -> Iterator[Path]:
    """Write the tasks of these documents (all where none is named) and yield the paths.

    Sheets are one file a document; Label Studio gets one list of tasks and its configuration.
    """
    documents, before = sources()
    unknown = [name for name in document_ids if name not in documents]
    if unknown:
        raise UserError(f"unknown documents: {', '.join(unknown)}", hint="see the ids in seeds/")
    targets = round_targets(number)
    chosen = [documents[name] for name in document_ids or documents]
    output.mkdir(parents=True, exist_ok=True)
    if form == "sheet":
        files = {f"{d.id}.sheet.txt": write_sheet(d, before) for d in chosen}
    else:
        files = {
            "label-studio-tasks.json": label_studio.tasks(chosen, before),
            "label-studio-config.xml": label_studio.configuration(targets),
        }
    for name, text in files.items():
        write_atomically(output / name, text)
        yield output / name


def import_judgements(
    files: Sequence[Path],
    form: Format = "sheet",
    number: int = 1,
    article: Document | None = None,
    dry_run: bool = False,
) -> Iterator[str]:
    """Check answers and add them to the raw judgements; yield a line for each annotator and document.

    All files are read before the first row is added, so that a fault in one adds none.
    """
    documents = sources(article).documents
    targets = round_targets(number)
    read: list[tuple[Document, list[Judgement]]] = []
    for path in files:
        if form == "sheet":
            read.append(_answers(path, documents, targets))
        else:
            read += label_studio.read_export(path, documents, targets)
    all_targets = read_targets(targets_file())
    for document, judgements in read:
        if not dry_run:
            append_judgements(annotations_folder(), manifest_entry(document), judgements, all_targets)
        state = "hold" if dry_run else "added"
        yield f"{document.id}, {judgements[0].annotator}: {len(judgements)} judgements {state}"


def _answers(
    path: Path, documents: dict[str, Document], targets: Sequence[Target]
) -> tuple[Document, list[Judgement]]:
    name = answers_document(path)
    raise_if(
        [f"{path}:1: unknown document {name!r}"] if name not in documents else [],
        "the answers cannot be taken",
        "for an article from outside, give its text: --article FILE",
    )
    return documents[name], read_answers(path, documents[name], targets)

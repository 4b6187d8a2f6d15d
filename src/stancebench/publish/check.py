"""What may be published: every file is held against a list, every source against its licence."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from stancebench.corpus.documents import REDISTRIBUTABLE
from stancebench.errors import raise_if
from stancebench.publish.search import search_file

#: The file that names every document's licence; a dataset's folder has it.
SOURCES = "SOURCES.csv"
Kind = Literal["dataset", "model"]
#: What a card's front matter may hold. The Hub's client takes a misspelt key without a word.
CARD_KEYS: dict[Kind, frozenset[str]] = {
    "dataset": frozenset(
        "annotations_creators configs dataset_info language language_creators license license_link"
        " license_name multilinguality pretty_name size_categories source_datasets tags task_categories"
        " task_ids viewer".split()
    ),
    "model": frozenset(
        "base_model datasets language library_name license license_link license_name metrics model-index"
        " pipeline_tag tags widget".split()
    ),
}


class Publishable(BaseModel):
    """A line of the list: which files, whence, and whether they may be passed on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    source: str
    licence: str
    redistributable: bool
    columns: frozenset[str] | None = None
    search: bool = True

    def covers(self, name: str) -> bool:
        """Return whether a path is one of these files; ``*`` stands for no slash."""
        return fnmatchcase(name, self.path) and name.count("/") == self.path.count("/")


def check_publishable(folder: Path) -> None:
    """Check every file of a dataset's or a model's folder that is to be published.

    Raises
    ------
    UserError
        With every place at once: a file that is not on the list, a text whose source may not be passed
        on, an unknown key of the card, an address, a path, a user's name, a token.
    """
    kind: Kind = "dataset" if (folder / SOURCES).is_file() else "model"
    listed = read_list(kind)
    problems = [*_card_faults(folder, kind), *(_source_faults(folder) if kind == "dataset" else [])]
    allowed = _redistributable(folder) if kind == "dataset" else frozenset()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink()):
        problems += _file_faults(path, path.relative_to(folder).as_posix(), listed, allowed)
    raise_if(
        problems,
        f"{folder}: not to be published",
        "mend each place where it comes from (seeds/, data/, the run), and write the folder anew",
    )


def read_list(kind: Kind) -> list[Publishable]:
    """Return the list of what a folder of this kind may hold."""
    import yaml

    text = (Path(__file__).parent / "publishable.yaml").read_text(encoding="utf-8")
    return [Publishable.model_validate(line) for line in yaml.safe_load(text)[kind]]


def _file_faults(path: Path, name: str, listed: list[Publishable], allowed: frozenset[str]) -> Iterator[str]:
    line = next((line for line in listed if line.covers(name)), None)
    if line is None or path.is_symlink():
        yield f"{name}: not on the list of what may be published (publish/publishable.yaml)"
        return
    if not line.redistributable:
        yield f"{name}: may not be passed on ({line.source}; {line.licence})"
    if path.suffix == ".parquet":
        yield from _table_faults(path, name, line, allowed)
    if line.search:
        yield from search_file(path, name)


def _table_faults(path: Path, name: str, line: Publishable, allowed: frozenset[str]) -> Iterator[str]:
    """Yield where a table has the text of a document that may not be passed on."""
    import pyarrow.parquet as pq

    table = pq.ParquetFile(path).read()
    if line.columns is not None:
        yield from (f"{name}: column {c} is not on the list" for c in set(table.column_names) - line.columns)
        return
    for document in dict.fromkeys(table.column("document_id").to_pylist()):
        if document not in allowed:
            yield f"{name}: text of {document}, which {SOURCES} does not list as redistributable"


def _source_rows(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    with (folder / SOURCES).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            yield f"{SOURCES}:{reader.line_num}", row


def _redistributable(folder: Path) -> frozenset[str]:
    rows = (row for _, row in _source_rows(folder))
    return frozenset(row["document_id"] for row in rows if row["redistributable"] == "true")


def _source_faults(folder: Path) -> Iterator[str]:
    for place, row in _source_rows(folder):
        if row["redistributable"] == "true" and row["licence"] not in REDISTRIBUTABLE:
            known = ", ".join(REDISTRIBUTABLE)
            yield f"{place}: {row['document_id']}: licence {row['licence']!r} is none of {known}"
        if not row["provenance"]:
            yield f"{place}: {row['document_id']}: no provenance"


def _card_faults(folder: Path, kind: Kind) -> Iterator[str]:
    import yaml

    card = folder / "README.md"
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    if not text.startswith("---\n"):
        yield "README.md: no card with front matter"
        return
    values: dict[str, Any] = yaml.safe_load(text.split("\n---\n", 1)[0])
    for key in values.keys() - CARD_KEYS[kind]:
        yield f"README.md: unknown key {key!r} in the front matter"

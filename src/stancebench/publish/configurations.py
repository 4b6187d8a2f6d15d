"""The rows of every published configuration, by split, and their Parquet files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from stancebench.corpus.contrast import PREFIX
from stancebench.corpus.gold import GoldLabel
from stancebench.corpus.judgements import ManifestEntry
from stancebench.publish.canary import CANARY
from stancebench.publish.columns import COLUMNS, LAYOUT, ROWS, Column, features
from stancebench.publish.release import PARTS, Release
from stancebench.types import LABELS

Rows = list[dict[str, Any]]


class Configuration(NamedTuple):
    """A table as it is published: `about` says what one row is; `splits` has no empty one."""

    name: str
    about: str
    columns: dict[str, Column]
    splits: dict[str, Rows]


def configurations(release: Release) -> list[Configuration]:
    """Return the configurations that have rows, the default one first."""
    examples = list(release.dataset.examples.rows())
    makers: dict[str, Callable[[], dict[str, Rows]]] = {
        "default": lambda: _by_part(examples, release),
        "sentences": lambda: _by_part(_sentences(examples), release),
        "judgements": lambda: _by_part(_judgements(release), release),
        "settlements": lambda: _by_part((row.model_dump() for row in release.settlements), release),
        "contrast": lambda: {"test": list(release.dataset.contrast.rows())},
        "article": lambda: {"test": article_rows(release.articles, release.gold)},
    }
    found = []
    for name, make in makers.items():
        splits = {split: rows for split, rows in make().items() if rows}
        columns = {column: COLUMNS[column] for column in LAYOUT[name]}
        if name == "sentences":
            targets = release.dataset.targets
            columns |= {t.id: Column("label", f"settled stance towards {t.name}") for t in targets}
        if splits:
            found.append(Configuration(name, ROWS[name], columns, splits))
    return found


def _by_part(rows: Iterable[dict[str, Any]], release: Release) -> dict[str, Rows]:
    """Group rows by the part of their sentence's document; rows of documents without a part fall out."""
    grouped: dict[str, Rows] = {part: [] for part in (*PARTS, "contrast")}
    for row in rows:
        document_id = row["sentence_id"].rpartition(":")[0]
        if part := release.part_of.get(document_id):
            grouped[part].append({**row, "document_id": document_id.removeprefix(PREFIX)})
    return grouped


def _sentences(examples: Rows) -> Iterable[dict[str, Any]]:
    stances: dict[str, dict[str, str]] = defaultdict(dict)
    first: dict[str, dict[str, Any]] = {}
    for row in examples:
        stances[row["sentence_id"]][row["target"]] = row["label"]
        first.setdefault(row["sentence_id"], row)
    for sentence_id, row in first.items():
        start, end = span_of(sentence_id)
        yield {**row, "start": start, "end": end, **stances[sentence_id]}


def _judgements(release: Release) -> Iterable[dict[str, Any]]:
    for judgement in release.judgements:
        start, _ = span_of(judgement.sentence_id)
        evidence = judgement.evidence
        yield {
            **judgement.model_dump(),
            "evidence_start": evidence and evidence[0] - start,
            "evidence_end": evidence and evidence[1] - start,
        }


def article_rows(articles: Sequence[ManifestEntry], gold: Sequence[GoldLabel]) -> Rows:
    """Return the settled stances on articles as offsets into their texts, in order; no text."""
    sha256 = {entry.document_id: entry.sha256 for entry in articles}
    rows = [
        {
            "document_id": document_id,
            "sha256": sha256[document_id],
            "sentence_id": label.sentence_id,
            "start": span_of(label.sentence_id)[0],
            "end": span_of(label.sentence_id)[1],
            "target": label.target,
            "label": label.stance,
            "explicit": label.explicit,
            "tags": label.tags,
            "votes": label.votes,
        }
        for label in gold
        if (document_id := label.sentence_id.rpartition(":")[0]) in sha256
    ]
    return sorted(rows, key=lambda row: (row["document_id"], row["start"]))


def span_of(sentence_id: str) -> tuple[int, int]:
    """Return the character offsets that a sentence's id names.

    Examples
    --------
    >>> span_of("bs-001:12-197")
    (12, 197)
    """
    start, _, end = sentence_id.rpartition(":")[2].partition("-")
    return int(start), int(end)


class Written(NamedTuple):
    """A split's file: rows, bytes on disk, and bytes in memory as `datasets` counts them."""

    path: str
    num_examples: int
    file_bytes: int
    num_bytes: int


def write_configuration(folder: Path, configuration: Configuration) -> dict[str, Written]:
    """Write one Parquet file for each split below ``data/NAME/``; labels as ``ClassLabel`` with names.

    Each file also carries the canary, beside the schema and in no column.
    """
    return {
        split: _write_split(folder, f"data/{configuration.name}/{split}.parquet", configuration.columns, rows)
        for split, rows in configuration.splits.items()
    }


def _write_split(folder: Path, name: str, columns: dict[str, Column], rows: Rows) -> Written:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from datasets import Features

    schema = Features(features(columns)).arrow_schema
    schema = schema.with_metadata({**schema.metadata, b"canary": CANARY.encode()})
    encoded = [{c: _encode(kind, row.get(c)) for c, (kind, _) in columns.items()} for row in rows]
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(encoded, schema=schema), path)
    in_memory = pq.ParquetFile(path).read().nbytes
    return Written(name, len(rows), path.stat().st_size, in_memory)


def _encode(kind: str, value: Any) -> Any:
    if kind == "labels":
        return [LABELS.index(label) for label in value]
    return LABELS.index(value) if kind == "label" and value is not None else value

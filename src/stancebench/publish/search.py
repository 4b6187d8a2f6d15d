"""Search what is to be published for what must not be: addresses, paths, names of users, tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow

#: What must not stand in any text. A table's text is searched like a file's.
PATTERNS: dict[str, re.Pattern[str]] = {
    "e-mail address or user@host": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*"),
    "absolute path": re.compile(
        r"(?<![\w/.:<~*{-])/(?:[\w.+-]+/)+[\w.+-]*|(?<!\w)[A-Za-z]:\\+\w[\w.\\-]*|(?<!\w)~/[\w.]\S*|file://\S*"
    ),
    "access token": re.compile(
        r"\b(?:hf_|gh[pousr]_|github_pat_|glpat-|sk-|xox[abprs]-|AKIA|npm_|pypi-)[\w-]{16,}"
        r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+|-----BEGIN [A-Z ]*PRIVATE KEY-----"
        r"|(?i:bearer\s+|(?:token|password|secret|api[_-]?key)\s*[=:]\s*[\"']?)[\w-]{16,}"
    ),
    "unfinished text": re.compile(r"More Information Needed", re.IGNORECASE),
}
#: Columns that name who judged; a pseudonym is a word and a number.
_PEOPLE = ("annotator", "settler")
_PSEUDONYM = re.compile(r"[a-z]+-\d+")


def faults_in(text: str) -> Iterator[str]:
    """Yield what of `text` must not be published.

    Examples
    --------
    >>> list(faults_in("Write to ann@example.org, or see /home/ann/notes.txt; and/or the clerk @ann."))
    ["e-mail address or user@host: 'ann@example.org'", "absolute path: '/home/ann/notes.txt'"]
    """
    for name, pattern in PATTERNS.items():
        for found in pattern.finditer(text):
            yield f"{name}: {found[0]!r}"


def search_file(path: Path, shown: str) -> Iterator[str]:
    """Yield the faults of a file's content, each with its line, or row and column, under the name `shown`."""
    if path.suffix == ".parquet":
        yield from _search_table(path, shown)
    elif path.suffix == ".png":
        yield from _search_image(path, shown)
    elif path.suffix == ".safetensors":
        yield from _search_header(path, shown)
    else:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, start=1):
            yield from (f"{shown}:{number}: {fault}" for fault in faults_in(line))


def _search_table(path: Path, shown: str) -> Iterator[str]:
    import pyarrow.parquet as pq

    table = pq.ParquetFile(path).read()
    for value in (table.schema.metadata or {}).values():
        yield from (f"{shown}: metadata: {fault}" for fault in faults_in(value.decode(errors="replace")))
    for name in table.column_names:
        for row, text in _texts(table, name):
            place = f"{shown}, row {row}, {name}"
            yield from (f"{place}: {fault}" for fault in faults_in(text))
            if name in _PEOPLE and not _PSEUDONYM.fullmatch(text):
                yield f"{place}: user name: {text!r} is no pseudonym such as reader-01"


def _texts(table: pyarrow.Table, name: str) -> Iterator[tuple[int, str]]:
    """Yield each distinct text of a column with the first row, from 1, that it stands in."""
    first: dict[str, int] = {}
    for row, value in enumerate(table.column(name).to_pylist(), start=1):
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                first.setdefault(text, row)
    for text, row in first.items():
        yield row, text


def _search_image(path: Path, shown: str) -> Iterator[str]:
    from PIL import Image

    with Image.open(path) as image:
        info = dict(image.info)
    for name, value in info.items():
        yield from (f"{shown}: {name}: {fault}" for fault in faults_in(str(value)))


def _search_header(path: Path, shown: str) -> Iterator[str]:
    with path.open("rb") as file:
        header = file.read(int.from_bytes(file.read(8), "little")).decode(errors="replace")
    yield from (f"{shown}: header: {fault}" for fault in faults_in(header))

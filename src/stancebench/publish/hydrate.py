"""Join an article's text, which the user has, with its published stances, which hold no text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from stancebench.corpus.documents import read_article
from stancebench.dataset.backstop import CONTEXT_SENTENCES
from stancebench.errors import UserError
from stancebench.types import EXAMPLE_COLUMNS, LABELS, Document, Examples

#: Where the stances lie in a folder of the published dataset, and beside this file.
IN_FOLDER = Path("data") / "article" / "test.parquet"
PACKAGED = Path(__file__).parent / "article.parquet"


def hydrate_article(article: Path, folder: Path | None = None) -> Examples:
    """Return the labelled examples of an article: `EXAMPLE_COLUMNS`, but for ``holder``.

    Holders are words of the article, and therefore not published.

    Parameters
    ----------
    article : Path
        The article's text, to the character what was annotated.
    folder : Path, optional
        A download of the published dataset; by default the stances that come with the package.

    Raises
    ------
    UserError
        Where `folder` is none, or `article` is not one that was annotated.
    """
    rows = read_stances(folder / IN_FOLDER if folder else PACKAGED)
    document = read_article(article)
    known = sorted({row["sha256"] for row in rows})
    if document.sha256 not in known:
        raise UserError(
            f"{article}: sha256 {document.sha256} is not that of an annotated article ({', '.join(known)})",
            hint="one changed character is enough: get the original file",
        )
    return _join(document, [row for row in rows if row["sha256"] == document.sha256])


def read_stances(path: Path) -> list[dict[str, Any]]:
    """Return the rows of an ``article`` table, labels by name.

    Raises
    ------
    UserError
        Where there is no such file.
    """
    import pyarrow.parquet as pq

    if not path.is_file():
        raise UserError(
            f"{path}: no such file",
            hint="--from names a download of the dataset, where its README.md is",
        )
    rows: list[dict[str, Any]] = pq.ParquetFile(path).read().to_pylist()
    return [{**row, "label": LABELS[row["label"]]} for row in rows]


def _join(document: Document, rows: Sequence[dict[str, Any]]) -> Examples:
    made: list[dict[str, Any]] = []
    before: list[str] = []
    for (start, end), same in groupby(rows, key=lambda row: (row["start"], row["end"])):
        text = document.text[start:end]
        made += [
            {
                "example_id": f"{row['sentence_id']}:{row['target']}",
                "genre": document.genre,
                "text": text,
                "context": " ".join(before[-CONTEXT_SENTENCES:]),
                **row,
            }
            for row in same
        ]
        before.append(text)
    return Examples({c: [row[c] for row in made] for c in EXAMPLE_COLUMNS if c != "holder"})

"""Read pretrained word vectors from a text file: GloVe, or word2vec with its header line."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from stancebench.errors import UserError


def read_vectors(path: Path, words: Collection[str], size: int) -> dict[str, np.ndarray]:
    """Return the vectors of those of `words` that the file has.

    Each line is a word and `size` numbers, separated by single spaces; the word may hold spaces, as
    some of GloVe's do. A first line of two whole numbers is word2vec's header.

    Parameters
    ----------
    path : Path
        A text file in UTF-8.
    words : collection of str
        What to look for; all other lines are only checked for their length.
    size : int
        Numbers of each vector.

    Returns
    -------
    dict of str to array of shape (size,)

    Raises
    ------
    UserError
        Where the file is missing, a line does not hold a word and `size` numbers, or no line has one
        of `words`.
    """
    if not path.is_file():
        raise UserError(f"model.embeddings: no file {path}", hint="name a text file of word vectors")
    found: dict[str, np.ndarray] = {}
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if number == 1 and _has_header(line, size, path):
                continue
            fields = line.rstrip().rsplit(b" ", size)
            if len(fields) != size + 1:
                raise _bad_line(f"{path}:{number}: {len(fields) - 1} numbers, not {size}")
            word = fields[0].decode("utf-8", errors="replace")
            if word in words:
                found[word] = _numbers(fields[1:], f"{path}:{number}")
    if not found:
        raise UserError(f"{path}: has no word of the training texts", hint="take lower-cased vectors")
    return found


def _has_header(line: bytes, size: int, path: Path) -> bool:
    """Tell whether the first line is word2vec's header, and check the file's size of vectors by it."""
    fields = line.split()
    is_header = len(fields) == 2 and all(field.isdigit() for field in fields)
    found = int(fields[1]) if is_header else len(fields) - 1
    if found != size:
        raise UserError(
            f"{path}:1: vectors of {found} numbers, model.embedding_size is {size}",
            hint=f"set model.embedding_size={found}, or name another file",
        )
    return is_header


def _numbers(fields: list[bytes], place: str) -> np.ndarray:
    try:
        vector = np.array([float(field) for field in fields])
    except ValueError as fault:
        raise _bad_line(f"{place}: {fault}") from None
    if not np.isfinite(vector).all():
        raise _bad_line(f"{place}: a number is not finite")
    return vector


def _bad_line(what: str) -> UserError:
    return UserError(what, hint="each line is a word and its numbers: mend the line or remove it")

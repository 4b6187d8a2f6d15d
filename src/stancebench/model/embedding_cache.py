"""Embeddings on disk: a text is read by an encoder once on a machine, whatever is trained on it."""

from __future__ import annotations

import hashlib
import sqlite3
import warnings
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np

Result = TypeVar("Result")

_SCHEMA = "CREATE TABLE IF NOT EXISTS embeddings (text BLOB PRIMARY KEY, vector BLOB, crc32 INTEGER)"
#: Seconds that one process waits for another's writing.
_BUSY = 60


class EmbeddingCache:
    """A SQLite file of vectors by their text's SHA-256, shared by all processes of this machine.

    The cache saves time and nothing else: a file that cannot be read or written is a warning, and a
    vector that is not as it was written counts as missing.

    Parameters
    ----------
    folder : Path
        Where the file is; made where it is missing.
    encoder : str
        What tells these vectors from another encoder's. Each encoder has a file of its own.

    Examples
    --------
    >>> import tempfile
    >>> cache = EmbeddingCache(Path(tempfile.mkdtemp()), "weights 1, mean of the tokens")
    >>> cache.put({"yes": np.array([1, 2], dtype=np.float32)})
    >>> cache.get(["yes", "no"])
    {'yes': array([1., 2.], dtype=float32)}
    """

    def __init__(self, folder: Path, encoder: str) -> None:
        self.file = folder / f"{hashlib.sha256(encoder.encode()).hexdigest()[:32]}.sqlite"

    def get(self, texts: Iterable[str]) -> dict[str, np.ndarray]:
        """Return the vectors that are there, by text."""

        def read(database: sqlite3.Connection) -> dict[str, np.ndarray]:
            found = {}
            for text in texts:
                query = "SELECT vector, crc32 FROM embeddings WHERE text = ?"
                row = database.execute(query, (_key(text),)).fetchone()
                if row and zlib.crc32(row[0]) == row[1]:
                    found[text] = np.frombuffer(row[0], dtype="<f4")
            return found

        return self._try(read) or {}

    def put(self, vectors: Mapping[str, np.ndarray]) -> None:
        """Keep vectors of float32, all of them or none."""
        blobs = {text: vector.astype("<f4").tobytes() for text, vector in vectors.items()}
        rows = [(_key(text), blob, zlib.crc32(blob)) for text, blob in blobs.items()]

        def write(database: sqlite3.Connection) -> None:
            # Immediately, so that two writers queue up instead of refusing each other.
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)", rows)
            database.execute("COMMIT")

        self._try(write)

    def _try(self, action: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """Return what `action` makes of the open file, or ``None`` and a warning."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.file, timeout=_BUSY, isolation_level=None)) as database:
                database.execute(_SCHEMA)
                return action(database)
        except (sqlite3.Error, OSError) as fault:
            warnings.warn(
                f"{self.file}: cannot be used ({fault}); embeddings are computed again and not kept."
                " If it is damaged, delete it",
                stacklevel=4,
            )
            return None


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()

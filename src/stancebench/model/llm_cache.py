"""Answers of language models, kept for ever: nothing is paid twice."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from stancebench.model.answers import Answer

_SCHEMA = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, model TEXT, answer TEXT)"
#: Seconds that a write waits for other processes'.
_BUSY = 60


class AnswerCache:
    """A SQLite file of answers by `llm_request.request_key`, shared by all processes of this machine.

    Each answer is on disk before the next request is sent. The file is in WAL mode: one process
    writes while others read. SQLite's locks do not hold on network file systems: where the home
    folder is on one, ``$STANCEBENCH_CACHE`` should name a local folder.

    Parameters
    ----------
    folder : Path
        Holds ``answers.sqlite`` and the locks; made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        # Two processes that turn a new file to WAL at once would not wait for each other.
        with FileLock(folder / "create.lock"):
            self._connection = sqlite3.connect(
                folder / "answers.sqlite", timeout=_BUSY, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute(_SCHEMA)

    def get(self, keys: Iterable[str]) -> dict[str, Answer]:
        """Return the answers that are there, by key."""
        found = {}
        for key in keys:
            row = self._connection.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
            if row:
                found[key] = Answer(**json.loads(row[0]))
        return found

    def put(self, key: str, model: str, answer: Answer) -> None:
        """Keep an answer; it is on disk when this returns."""
        content = json.dumps(asdict(answer), ensure_ascii=False)
        self._connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, model, content))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def turn(self, base_url: str, model: str) -> Iterator[None]:
        """Wait until no other process asks this model, and keep the others waiting meanwhile.

        Runs of one sweep that ask the same questions would otherwise pay for each, and together
        exceed the limits on concurrency and on requests per minute. The system frees the lock when a
        process dies.
        """
        name = hashlib.sha256(f"{base_url}\n{model}".encode()).hexdigest()[:16]
        lock = FileLock(self.folder / f"asking-{name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print(f"{model}: another process is asking it; waiting for its answers", file=sys.stderr)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

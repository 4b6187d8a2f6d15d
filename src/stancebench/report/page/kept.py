"""Results that take long to compute, kept under what they were computed from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import stancebench.evaluate
from stancebench.files import write_atomically
from stancebench.paths import cache_folder


def kept(made_from: Sequence[str], compute: Callable[[], Any]) -> Any:
    """Return what `compute` gives, from the cache where it was computed from the same before.

    Parameters
    ----------
    made_from : sequence of str
        Everything that the result depends on, besides the code of `stancebench.evaluate` and of this
        package, which is always part of the key: a figure of an earlier version must never be shown.
    compute : callable
        Returns what JSON can hold (NaN, too).
    """
    key = hashlib.sha256(json.dumps([_code_digest(), *made_from]).encode()).hexdigest()
    path = cache_folder("report") / f"{key}.json"
    if path.is_file():
        return json.loads(path.read_text(encoding="utf-8"))
    found = compute()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(found))
    return found


@cache
def _code_digest() -> str:
    digest = hashlib.sha256()
    for folder in (Path(stancebench.evaluate.__path__[0]), Path(__file__).parent):
        for path in sorted(folder.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()

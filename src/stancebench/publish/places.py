"""What a model's files say of the machine that it was trained on, which nobody else needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeGuard

#: What libraries note of where a model was loaded from.
_NOTES = {"_name_or_path", "name_or_path", "is_local", "local_files_only"}


def is_local(path: Any) -> TypeGuard[str]:
    """Return whether a ``path`` names a place on this machine, not a repository on the Hub."""
    return isinstance(path, str) and (path.startswith((".", "/", "~")) or Path(path).is_dir())


def without_places(content: Any) -> Any:
    """Return JSON content without notes of places; of a local ``path`` the last part stays.

    Examples
    --------
    >>> without_places({"path": "/home/ann/roberta", "encoder": {"_name_or_path": "/tmp/x", "layers": 2}})
    {'path': 'roberta', 'encoder': {'layers': 2}}
    """
    if isinstance(content, list):
        return [without_places(item) for item in content]
    if not isinstance(content, dict):
        return content
    kept = {key: without_places(value) for key, value in content.items() if key not in _NOTES}
    if is_local(path := kept.get("path")):
        kept["path"] = Path(path).name
    return kept

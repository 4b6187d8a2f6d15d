"""stancebench: a benchmark for stance classification, and Backstop, its dataset."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stancebench.registry import register
    from stancebench.saved import load
    from stancebench.sweep import main

__version__ = "1.0.0"
__all__ = ["load", "main", "register"]

#: Where each public name is; imported when it is used, so that ``--help`` needs nothing of it.
_HOMES = {"load": "saved", "main": "sweep", "register": "registry"}


def __getattr__(name: str) -> Any:
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module 'stancebench' has no attribute {name!r}")
    return getattr(importlib.import_module(f"stancebench.{_HOMES[name]}"), name)

"""Optional packages: imported when a model needs them, asked for by name where they are missing."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from types import ModuleType

from stancebench.errors import UserError


def require_extra(module: str, extra: str) -> ModuleType:
    """Import an optional package and return it.

    Parameters
    ----------
    module : str
        Name to import, such as ``peft``.
    extra : str
        The extra of ``pyproject.toml`` that installs it, such as ``lora``.

    Raises
    ------
    UserError
        Where it is not installed, with the line that installs it.

    Examples
    --------
    >>> require_extra("json", "lora").__name__
    'json'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as fault:
        raise _missing(fault.name or module, extra) from None


def look_for_extra(module: str, extra: str) -> None:
    """Do as `require_extra`, for a package that is imported later."""
    if find_spec(module) is None:
        raise _missing(module, extra)


def _missing(module: str, extra: str) -> UserError:
    return UserError(
        f"the package {module} is not installed", hint=f"install the extra: pip install '.[{extra}]'"
    )

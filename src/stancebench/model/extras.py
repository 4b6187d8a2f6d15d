"""Optional packages: imported when a model needs them, asked for by name where they are missing."""

from __future__ import annotations

import importlib
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
        raise UserError(
            f"the package {fault.name} is not installed",
            hint=f"install the extra: pip install '.[{extra}]'",
        ) from None

"""Read the list of targets."""

from __future__ import annotations

from pathlib import Path

from stancebench.errors import UserError
from stancebench.types import Target


def read_targets(path: Path) -> list[Target]:
    """Read the targets of a YAML list of mappings, in their order.

    Raises
    ------
    UserError
        Where an entry lacks a field, has an unknown one, or repeats an id.
    """
    import yaml

    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        targets = [Target(**entry) for entry in entries]
    except TypeError as fault:
        raise UserError(
            f"{path}: a target is malformed ({fault})",
            hint=f"each has {', '.join(Target.__dataclass_fields__)} (round may be left out: 1)",
        ) from None
    if len({target.id for target in targets}) < len(targets):
        raise UserError(f"{path}: a target id stands twice", hint="ids must differ")
    return targets

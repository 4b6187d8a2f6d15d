"""The outcome of an audit on disk, so that publishing need not train the audit's models again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancebench.errors import UserError, raise_if
from stancebench.files import write_atomically

if TYPE_CHECKING:
    from stancebench.audit.check import Check

_AGAIN = "stancebench data audit --output data/audit.json"


def write_outcome(path: Path, sources: str, checks: Sequence[Check]) -> None:
    """Write the checks with the digest of the sources that they were made of (`sources_digest`)."""
    rows = [{**check._asdict(), "holds": bool(check.holds)} for check in checks]
    content = {"sources": sources, "checks": rows}
    write_atomically(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_outcome(path: Path, sources: str) -> list[dict[str, Any]]:
    """Read the checks of an audit in which every promise was kept.

    Raises
    ------
    UserError
        Where there is none, it was made of other data, or a promise was not kept.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file: the data were not audited", hint=_AGAIN)
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["sources"] != sources:
        raise UserError(f"{path}: the audit was made of other data than are here now", hint=_AGAIN)
    checks: list[dict[str, Any]] = content["checks"]
    broken = [f"{c['what']}: {c['found']}, promised {c['promise']}" for c in checks if not c["holds"]]
    raise_if(broken, f"{path}: promises are not kept", f"mend the data, then {_AGAIN}")
    return checks

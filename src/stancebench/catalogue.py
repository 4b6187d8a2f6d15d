"""The list of models, from their configurations: ``docs/models.md``."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, get_args

from stancebench.config import About, Family
from stancebench.errors import UserError, raise_if
from stancebench.paths import project_root

HEAD = """# Models

`python train.py model=NAME`. Made from `conf/model/` by `stancebench models --output docs/models.md`.
"Not measured" means just that: the project's own machine has two cores and no way to download weights.
How to add a model of your own: docs/own-model.md.
"""


class Entry(NamedTuple):
    """A model's name on the command line, and what its configuration says of it."""

    name: str
    about: About


def read_catalogue(folder: Path | None = None) -> list[Entry]:
    """Return every model of ``conf/model``, by family and name.

    Raises
    ------
    UserError
        Where a configuration says nothing of its model, or not everything.
    """
    import yaml
    from pydantic import ValidationError

    entries, problems = [], []
    for path in sorted((folder or project_root() / "conf" / "model").glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        try:
            entries.append(Entry(path.stem, About.model_validate(content.get("about"))))
        except ValidationError as fault:
            problems += [f"{path}: about.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in fault.errors()]
    raise_if(problems, "models that are not described", "see conf/model/svm.yaml for an example")
    if not entries:
        raise UserError(f"{folder}: no models", hint="run the command inside a clone")
    return sorted(entries, key=lambda entry: (get_args(Family).index(entry.about.family), entry.name))


def as_markdown(entries: list[Entry]) -> str:
    """Return the list as a Markdown page with one table."""
    from tabulate import tabulate

    rows = [
        {
            "model": f"`{entry.name}`",
            "family": entry.about.family,
            "parameters": entry.about.parameters,
            "licence": entry.about.licence,
            "cost": entry.about.cost,
            "expected": entry.about.expected,
            "source": entry.about.source,
        }
        for entry in entries
    ]
    return f"{HEAD}\n{tabulate(rows, headers='keys', tablefmt='github')}\n"

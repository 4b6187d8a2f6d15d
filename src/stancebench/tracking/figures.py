"""What of a run a tracker is told: its configuration and its figures, by flat names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Settings of a run that say nothing about its numbers.
UNTOLD = ("about", "on_existing", "keep_model", "tracking")


def flat(content: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested mappings as one, lists as JSON, without what is not set or `UNTOLD`.

    Examples
    --------
    >>> flat({"seed": 0, "model": {"C": None, "params": {"word_ngrams": [1, 2]}}})
    {'seed': 0, 'model.params.word_ngrams': '[1, 2]'}
    """
    found: dict[str, Any] = {}
    for key, value in content.items():
        if key in UNTOLD or value is None:
            continue
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = json.dumps(value) if isinstance(value, list | tuple) else value
    return found


def scores_and_costs(folder: Path) -> dict[str, float]:
    """Return every score of a run's ``metrics.json`` and the sums of its ``costs.json``.

    A score is called ``part/metric/group``, with the fold before it where folds are scored apart;
    intervals stay in the file.
    """
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    costs = json.loads((folder / "costs.json").read_text(encoding="utf-8"))
    scores = {
        "/".join(filter(None, (row["fold"], row["part"], row["metric"], row["group"]))): row["value"]
        for row in metrics["scores"]
    }
    spent = {f"cost/{name}": value for name, value in {**costs, **costs["usage"]}.items()}
    return {
        name: float(value) for name, value in {**scores, **spent}.items() if isinstance(value, int | float)
    }

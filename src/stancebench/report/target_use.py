"""Whether models read the target: what they lose without it, and what they say of opposite stances."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from stancebench.evaluate.comparison import Comparison, compare
from stancebench.evaluate.opposite import TEXT_ONLY_CEILING, OppositeAccuracy, opposite_accuracy
from stancebench.model.inputs import Input
from stancebench.report.cells import between
from stancebench.report.collect import Run
from stancebench.report.models import Model, models_of
from stancebench.report.thin import LEAST, MARK, is_thin

#: What a model is shown instead of everything, to tell what the target is worth.
WITHOUT_TARGET: tuple[Input, ...] = ("text_only", "shuffled_target")
TARGET_USE_CAPTION = (
    "What the target adds: test macro-F1 of the model, all targets pooled, minus that of the same model that"
    " is shown the text alone, or another target; 95 % interval over documents and seeds. Opposite stances:"
    " accuracy where one sentence is in favor of one target and against another, over all such couples of"
    f" its examples (n sentences); a model that reads the text alone has {TEXT_ONLY_CEILING} there at most."
)


class TargetUse(NamedTuple):
    """A table with a row for each model that is shown everything, and what to run for its empty cells."""

    frame: pd.DataFrame
    missing: str


def target_use(runs: Sequence[Run], fold: str = "") -> TargetUse:
    """Compare each model with itself without the target.

    The runs of a model without the target are those that differ from its own in nothing but
    ``model.input`` and the seed. Floors, which read no text, have no row.
    """
    models = models_of(runs, fold)
    rows, missing = [], dict[tuple[str, ...], list[str]]()
    for model in models:
        described = model.described
        if described["input"] != "full" or model.reads_no_text:
            continue
        without = {shown: _same_but(models, described, shown) for shown in WITHOUT_TARGET}
        rows.append(_row(model, without))
        lacking = tuple(shown for shown, found in without.items() if found is None)
        if lacking:
            missing.setdefault(lacking, []).append(model.runs[0].record["config"]["model"]["label"])
    commands = [_command(labels, lacking, runs[0]) for lacking, labels in missing.items()]
    note = f"To fill the empty cells: {'; '.join(commands)}" if commands else ""
    return TargetUse(pd.DataFrame(rows), note)


def _same_but(models: Sequence[Model], described: Mapping[str, Any], shown: Input) -> Model | None:
    """Return the model that is described the same, but for what it is shown."""
    wanted = json.dumps({**described, "input": shown}, sort_keys=True)
    return next((model for model in models if model.runs[0].settings == wanted), None)


def _row(model: Model, without: Mapping[Input, Model | None]) -> dict[str, str]:
    thin = MARK if is_thin(model.runs[0], "macro_f1", "pooled") else ""
    gaps = {
        f"minus {shown}": _gap(compare(model.columns(), other.columns()), thin) if other else ""
        for shown, other in without.items()
    }
    return {"model": model.label, **gaps, "opposite stances": _opposite(opposite_accuracy(model.columns()))}


def _gap(found: Comparison, mark: str) -> str:
    return f"{found.difference:+.3f}{mark}{between(found.low, found.high, sign='+')}"


def _opposite(found: OppositeAccuracy) -> str:
    if not found.couples:
        return ""
    mark = MARK if found.sentences < LEAST else ""
    return f"{found.value:.3f}{mark}{between(found.low, found.high)} ({found.sentences})"


def _command(labels: Sequence[str], inputs: Sequence[str], run: Run) -> str:
    """Return the command for the runs that are missing; options that the models had are the user's to add."""
    protocol, dataset = run.record["config"]["protocol"], run.record["config"]["dataset"]
    words = [f"python train.py -m model={','.join(dict.fromkeys(labels))} model.input={','.join(inputs)}"]
    if protocol["name"] != "in_target":
        words.append(f"protocol={protocol['name']}")
    if protocol.get("k"):
        words.append(f"protocol.k={protocol['k']}")
    if dataset["name"] == "table":
        words.append(f"dataset=table dataset.path={dataset['path']}")
    return " ".join(words)

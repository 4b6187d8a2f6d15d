"""A model with the runs of all its seeds: its scores over them, and what it is compared by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.pairs import ORIGINAL_PREDICTED, paired
from stancebench.evaluate.sample import Columns
from stancebench.evaluate.scores import POOLED, Score
from stancebench.predictions import PREDICTED, Predictions, read_predictions
from stancebench.protocol import PROTOCOLS, Scored
from stancebench.registry import MODELS
from stancebench.report.collect import Run, by_model
from stancebench.scoring import folds_as_repeats, score_repeats


@dataclass(frozen=True, eq=False)
class Model:
    """A model under one protocol; `fold` is empty unless the protocol's folds are results of their own."""

    label: str
    runs: Sequence[Run]
    fold: str = ""

    @cached_property
    def repeats(self) -> list[Predictions]:
        """What it predicts of the same examples: once for each seed, or for each seed and draw."""
        found: list[Predictions] = []
        for run in self.runs:
            predictions = read_predictions(run.folder / "predictions.parquet")
            if scored_as(run) == "averaged":
                found += folds_as_repeats(predictions)
            else:
                found.append(predictions.by_fold()[self.fold] if self.fold else predictions)
        return found

    @property
    def described(self) -> dict[str, Any]:
        """What it is: its name in the registry, its parameters, what of an example it is shown."""
        return dict(self.runs[0].record["identity"]["model"])

    @property
    def reads_no_text(self) -> bool:
        """Whether it is one of the floors, which look at labels and targets alone."""
        return str(MODELS.get(self.described["name"])).startswith("stancebench.model.floors:")

    def columns(self, metric: str = "macro_f1") -> list[Columns]:
        """Return what a metric is computed from: each repeat's test part, or its pairs of edits."""
        tests = [repeat.part("test").columns for repeat in self.repeats]
        if ORIGINAL_PREDICTED not in METRICS[metric].needs:
            return list(tests)
        edits = [repeat.part("contrast").columns for repeat in self.repeats]
        return [paired(test, edit) for test, edit in zip(tests, edits, strict=True)]

    def scores(
        self, names: Iterable[str] = METRICS, parts: Sequence[str] = PREDICTED
    ) -> dict[tuple[str, str, str], Score]:
        """Return its scores by metric, part and group: means over seeds, intervals over them too."""
        if len(self.runs) == 1:
            scores = [score for score in self.runs[0].scores if score.fold == self.fold]
        else:
            scores = score_repeats(self.repeats, names, parts)
        return {(score.metric, score.part, score.group): score for score in scores}

    def of_each_run(self, metric: str, group: str = POOLED, part: str = "test") -> list[Score | None]:
        """Return one figure of every run, ``None`` where a run lacks it."""
        return [run.score(metric, group, part, self.fold) for run in self.runs]


def scored_as(run: Run) -> Scored:
    """Return how the folds of a run's protocol are scored."""
    return PROTOCOLS[run.record["config"]["protocol"]["name"]].scored


def folds_apart(runs: Sequence[Run]) -> list[str]:
    """Return the folds that are results of their own; one empty name where the protocol has none."""
    names = dict.fromkeys(score.fold for score in runs[0].scores)
    return list(names) if scored_as(runs[0]) == "apart" else [""]


def models_of(runs: Sequence[Run], fold: str = "") -> list[Model]:
    """Return the models of runs of one protocol, the best first by test macro-F1."""
    models = [Model(label, members, fold) for label, members in by_model(runs).items()]
    return sorted(models, key=_macro_f1, reverse=True)


def _macro_f1(model: Model) -> float:
    scores = model.of_each_run("macro_f1")
    return float(np.mean([score.value if score else 0.0 for score in scores]))

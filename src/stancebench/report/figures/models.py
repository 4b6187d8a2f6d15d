"""What figures know of a model beyond its runs: its scores, read or computed once, and what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stancebench.evaluate.sample import PROBABILITIES, Columns
from stancebench.evaluate.scores import POOLED, Score
from stancebench.report.collect import Run
from stancebench.report.models import Model, models_of

METRIC = "macro_f1"


@dataclass(frozen=True)
class DrawnModel(Model):
    """A model whose test scores and predictions several figures share."""

    @cached_property
    def macro_f1(self) -> dict[str, Score]:
        """Its macro-F1 on the test part by group, with intervals over documents and repeats."""
        found = self.scores([METRIC])
        return {group: s for (metric, part, group), s in found.items() if (metric, part) == (METRIC, "test")}

    @cached_property
    def tests(self) -> list[Columns]:
        """Its predictions of the test part, once for each repeat."""
        return self.columns(METRIC)

    @property
    def is_floor(self) -> bool:
        """Whether it is not shown all of an example: a floor for the others."""
        return self.reads_no_text or self.described["input"] != "full"

    @cached_property
    def has_probabilities(self) -> bool:
        """Whether every repeat gives probabilities for some test example."""
        return all(np.isfinite(np.asarray(test[PROBABILITIES[0]], float)).any() for test in self.tests)


def drawn_models(runs: Sequence[Run], fold: str = "") -> list[DrawnModel]:
    """Return the models of runs that can be compared, best first by macro-F1; floors among them."""
    models = [DrawnModel(model.label, model.runs, model.fold) for model in models_of(runs, fold)]
    return sorted(models, key=lambda model: -model.macro_f1[POOLED].value)


def best_of(models: Sequence[DrawnModel], most: int) -> list[DrawnModel]:
    """Return the best models that are no floors, or floors where there is nothing else."""
    return ([model for model in models if not model.is_floor] or list(models))[:most]


def how_many(shown: Sequence[DrawnModel], models: Sequence[DrawnModel]) -> str:
    """Return in words which of the models a figure shows.

    Examples
    --------
    >>> how_many([], [])
    'All models.'
    """
    if len(shown) == len(models):
        return "All models."
    left = [model for model in models if model not in shown]
    floors = all(model.is_floor for model in left)
    return "All models but the floors." if floors else f"The best {len(shown)} of {len(models)} models."

"""What a run's predictions of the suite come to: each perturbation, the contrast edits, the tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from stancebench.challenge.tags import score_tags
from stancebench.evaluate.comparison import compare
from stancebench.evaluate.intervals import RESAMPLES
from stancebench.evaluate.sample import Columns
from stancebench.evaluate.scores import POOLED, Score, as_rows, score_consistency
from stancebench.predictions import Predictions


@dataclass(frozen=True)
class PerturbationScore:
    """A perturbation: macro-F1 on the originals and on what was made of them, and the pairs.

    `difference` is perturbed minus original, with its paired 95 % interval over the d documents.
    """

    perturbation: str
    n: int
    documents: int
    original: float
    perturbed: float
    difference: float
    low: float
    high: float
    flip_rate: Score
    consistency: Score


def score_suite(
    originals: Predictions,
    suite: Predictions,
    tags: Mapping[str, Collection[str]],
    resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Return all scores of a run, as ``suite.json`` holds them.

    Parameters
    ----------
    originals : Predictions
        Of one fold of a run: its ``test`` and ``contrast`` parts are read.
    suite : Predictions
        Of the perturbed test examples; ``part`` names the perturbation.
    tags : mapping of str to collection
        The tags of each test example, by its id.
    resamples : int
        Bootstrap resamples of documents.

    Returns
    -------
    dict
        ``perturbations``, ``contrast`` and ``tags``, each a list of rows; no rows of contrast edits
        where there are none.
    """
    test, contrast = originals.part("test").columns, originals.part("contrast").columns
    perturbations = [
        score_perturbation(name, test, suite.part(name).columns, resamples)
        for name in dict.fromkeys(suite["part"])
    ]
    edits = score_consistency(test, contrast, resamples) if len(contrast["gold"]) else []
    found = score_tags([test], [tags[example_id] for example_id in test["example_id"]], resamples)
    return {
        "perturbations": [_row(score) for score in perturbations],
        "contrast": as_rows(edits),
        "tags": [_without_nan(asdict(score)) for score in found],
    }


def score_perturbation(
    name: str, originals: Columns, perturbed: Columns, resamples: int = RESAMPLES
) -> PerturbationScore:
    """Score one perturbation against the same examples' predictions before it."""
    found = compare([perturbed], [_same(originals, perturbed)], resamples=resamples)
    pairs = score_consistency(originals, perturbed, resamples, part="perturbed")
    pooled = {score.metric: score for score in pairs if score.group == POOLED}
    return PerturbationScore(
        perturbation=name,
        n=found.n,
        documents=found.documents,
        original=found.second,
        perturbed=found.first,
        difference=found.difference,
        low=found.low,
        high=found.high,
        flip_rate=pooled["perturbed_flip_rate"],
        consistency=pooled["consistency"],
    )


def _row(score: PerturbationScore) -> dict[str, Any]:
    flip_rate, consistency = as_rows([score.flip_rate, score.consistency])
    return _without_nan({**asdict(score), "flip_rate": flip_rate, "consistency": consistency})


def _without_nan(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row as JSON can hold it: an interval over one document only is ``None``."""
    return {name: None if value != value else value for name, value in row.items()}


def _same(originals: Columns, perturbed: Columns) -> dict[str, Any]:
    """Return the originals of the perturbed examples, in their order."""
    place = {example_id: i for i, example_id in enumerate(originals["example_id"])}
    rows = [place[original_id] for original_id in perturbed["original_id"]]
    return {name: values[rows] for name, values in originals.items()}

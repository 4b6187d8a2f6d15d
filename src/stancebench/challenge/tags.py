"""How well a model does on each phenomenon that annotators tagged: negation, hedge, sarcasm and so on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from stancebench.evaluate import intervals
from stancebench.evaluate.intervals import RESAMPLES
from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.sample import Columns, Sample, require_same_examples
from stancebench.types import LABELS

#: With fewer gold examples of a label than this, its F1 says little.
FEW = 30
#: Name of the examples without any tag.
UNTAGGED = "(no tag)"


@dataclass(frozen=True)
class TagScore:
    """One figure over the examples of a tag, with its 95 % interval over documents.

    `metric` is ``macro_f1``, or ``accuracy`` where gold lacks a label, whose F1 would be 0 for every
    model. `gold` counts the gold examples of each of `LABELS`; `few` says that one has under `FEW`.
    """

    tag: str
    metric: str
    value: float
    low: float
    high: float
    n: int
    gold: tuple[int, ...]
    few: bool


def score_tags(
    runs: Sequence[Columns], tags: Sequence[Collection[str]], resamples: int = RESAMPLES
) -> list[TagScore]:
    """Return a figure for each tag, the most frequent first, and last for the untagged examples.

    Parameters
    ----------
    runs : sequence of s mappings
        Predictions of one part by each seed's run, over the same n examples in the same order:
        ``fold``, ``example_id``, ``document_id``, ``gold``, ``predicted``.
    tags : sequence of n collections
        The tags of each example; one of several tags counts for each.
    resamples : int
        Bootstrap resamples of documents.

    Raises
    ------
    ValueError
        Where several runs did not predict the same examples.
    """
    require_same_examples(runs)
    names = sorted({tag for own in tags for tag in own})
    masks = {name: np.array([name in own for own in tags], dtype=bool) for name in names}
    ordered = sorted(masks, key=lambda name: -int(masks[name].sum()))
    masks = {name: masks[name] for name in ordered}
    masks[UNTAGGED] = np.array([not own for own in tags], dtype=bool)
    documents = sorted(set(runs[0]["document_id"]))
    samples = [Sample.of(columns, documents) for columns in runs]
    return [
        _score(name, [sample.where(mask) for sample in samples], resamples)
        for name, mask in masks.items()
        if mask.any()
    ]


def _score(tag: str, samples: Sequence[Sample], resamples: int) -> TagScore:
    d = samples[0].documents
    gold = tuple(int(n) for n in np.bincount(samples[0].gold, minlength=len(LABELS)))
    metric = "macro_f1" if all(gold) else "accuracy"
    documents = intervals.draw(d, resamples)
    seeds = intervals.draw(len(samples), resamples, seed=(intervals.SEED, 1))
    found = METRICS[metric].estimate(samples, documents, seeds)
    low, high = intervals.interval(found, level=intervals.widened(intervals.LEVEL, d))
    return TagScore(tag, metric, found.value, low, high, sum(gold), gold, min(gold) < FEW)

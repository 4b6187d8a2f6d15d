"""Accuracy on sentences that take opposite stances on two targets: there the text alone cannot do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from stancebench.evaluate import intervals
from stancebench.evaluate.intervals import RESAMPLES, SEED, Sums
from stancebench.evaluate.probabilities import ratio
from stancebench.evaluate.sample import Columns, require_same_examples

#: What a model that does not read the target reaches at most: it is right on one side of each couple.
TEXT_ONLY_CEILING = 0.5


class Couple(NamedTuple):
    """A sentence's example that is in favor of one target and its example against another, as rows."""

    favor: int
    against: int


class OppositeAccuracy(NamedTuple):
    """The accuracy with its 95 % interval over documents and seeds; NaN where there is no couple.

    `sentences` have opposite stances, and make `couples`: one or more each.
    """

    value: float
    low: float
    high: float
    sentences: int
    couples: int


def opposite_accuracy(runs: Sequence[Columns], resamples: int = RESAMPLES) -> OppositeAccuracy:
    r"""Return the accuracy where one sentence is in favor of one target and against another.

    .. math:: \frac{1}{|C|} \sum_{(i, j) \in C} \frac{r_i + r_j}{2}

    over all couples :math:`C` of an example in favor and one against of one sentence, with
    :math:`r_i = 1` where right: 1 is always right, and a model that gives one answer for every target
    has at most `TEXT_ONLY_CEILING`, whatever the answer. Documents without a couple are not resampled.

    Parameters
    ----------
    runs : sequence of s mappings
        Predictions of each seed's run on the same examples: ``fold``, ``example_id``, ``document_id``,
        ``target``, ``gold`` and ``predicted``. An ``example_id`` is ``SENTENCE:TARGET``; where it is
        not, the example is a sentence of its own and in no couple. Couples are within one fold, since
        two folds are two fits.
    resamples : int
        Bootstrap resamples of documents and seeds.

    Raises
    ------
    ValueError
        Where the runs were not made on the same examples.

    Examples
    --------
    >>> run = {"fold": ["f"] * 2, "example_id": ["s:x", "s:y"], "document_id": ["d"] * 2}
    >>> run |= {"target": ["x", "y"], "gold": ["favor", "against"], "predicted": ["favor"] * 2}
    >>> opposite_accuracy([run], resamples=9).value
    0.5
    """
    require_same_examples(runs)
    found = list(couples(runs[0]))
    if not found:
        return OppositeAccuracy(np.nan, np.nan, np.nan, 0, 0)
    documents = sorted({runs[0]["document_id"][couple.favor] for couple in found})
    statistics = [Sums(_sums(run, documents), ratio) for run in runs]
    d = len(documents)
    seeds = intervals.draw(len(runs), resamples, seed=(SEED, 1))
    estimate = intervals.estimate(statistics, intervals.draw(d, resamples), seeds)
    low, high = intervals.interval(estimate, level=intervals.widened(intervals.LEVEL, d))
    sentences = len({_sentence(runs[0], couple.favor) for couple in found})
    return OppositeAccuracy(estimate.value, low, high, sentences, len(found))


def couples(columns: Columns) -> Iterator[Couple]:
    """Yield every couple of examples of one sentence and fold, one in favor and one against."""
    rows: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: {"favor": [], "against": []})
    for row, gold in enumerate(columns["gold"]):
        if gold != "none":
            rows[_sentence(columns, row)][gold].append(row)
    for of_sentence in rows.values():
        yield from map(Couple._make, product(of_sentence["favor"], of_sentence["against"]))


def _sentence(columns: Columns, row: int) -> tuple[str, str]:
    example, target = columns["example_id"][row], columns["target"][row]
    return columns["fold"][row], example.removesuffix(f":{target}")


def _sums(columns: Columns, documents: Sequence[str]) -> np.ndarray:
    """Return, for each document, the sum of the couples' accuracies and their number, shape (d, 2)."""
    place = {document: i for i, document in enumerate(documents)}
    right = [gold == said for gold, said in zip(columns["gold"], columns["predicted"], strict=True)]
    sums = np.zeros((len(documents), 2))
    for couple in couples(columns):
        accuracy = (right[couple.favor] + right[couple.against]) / 2
        sums[place[columns["document_id"][couple.favor]]] += (accuracy, 1)
    return sums

"""ranks: mean ranks of models over test documents, with Nemenyi's critical difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stancebench.evaluate.sample import Sample
from stancebench.evaluate.scores import POOLED, samples_by_group
from stancebench.report.figures.canvas import COLOURS, COLUMN, FAINT, PAGE, Figure, draw, short
from stancebench.report.figures.models import DrawnModel, best_of, how_many
from stancebench.types import LABELS

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

#: Fewer documents or models than these are not ranked: Friedman's χ² holds from about ten blocks.
LEAST_DOCUMENTS, LEAST_MODELS = 10, 3
MOST_MODELS = 20
#: Names as long as this leave the ranks too little room in a paper's column.
_LONG_NAME = 24
LEVEL = 0.05


class Ranks(NamedTuple):
    """Mean ranks over blocks, 1 is best; Friedman's p value that all are equal; the critical difference."""

    means: np.ndarray
    friedman_p: float
    critical_difference: float


def draw_ranks(models: Sequence[DrawnModel]) -> list[Figure]:
    """Return the mean ranks of models that are no floors; nothing with too few models or documents."""
    shown = best_of(models, MOST_MODELS)
    scores = np.column_stack([document_scores(model) for model in shown])
    if len(scores) < LEAST_DOCUMENTS or len(shown) < LEAST_MODELS:
        return []
    ranks = rank(scores)
    order = np.argsort(ranks.means, kind="stable")
    labels, means = [shown[i].label for i in order], ranks.means[order]

    def paint(drawing: Drawing) -> None:
        panel = drawing.subplots()
        half = ranks.critical_difference / 2
        panel.axvspan(means[0] - half, means[0] + half, color=FAINT, linewidth=0, alpha=0.6)
        panel.errorbar(means, range(len(means)), xerr=half, fmt="o", color=COLOURS[0], elinewidth=1.1)
        panel.set_yticks(range(len(means)), [short(label) for label in labels])
        panel.set_ylim(len(means) - 0.4, -0.6)
        panel.tick_params(axis="y", length=0)
        panel.spines["left"].set_visible(False)
        drawing.supxlabel("mean rank (1 is best)")

    caption = _caption(ranks, len(scores), how_many(shown, models))
    told = ", ".join(f"{label} {mean:.2f}" for label, mean in zip(labels, means, strict=True))
    description = f"Mean ranks, best first: {told}. {_test(ranks, len(scores))}"
    width = COLUMN if max(map(len, labels)) < _LONG_NAME else PAGE
    return [draw("ranks", caption, description, (width, 0.6 + 0.18 * len(means)), paint)]


def document_scores(model: DrawnModel) -> np.ndarray:
    """Return what each document adds to the test part's balanced accuracy, shape (d,), mean over repeats."""
    samples = samples_by_group(model.tests)[POOLED]
    return np.asarray(np.mean([balanced_hits(sample) for sample in samples], axis=0))


def balanced_hits(sample: Sample) -> np.ndarray:
    r"""Return the parts of balanced accuracy that lie in each document, shape (d,); they add up to it.

    .. math:: \frac{1}{k} \sum_l \frac{\text{hits}_{lj}}{n_l}

    with the right predictions of label l in document j, and the gold examples of l in all documents.
    """
    hits = np.diagonal(sample.confusions[..., : len(LABELS)], axis1=1, axis2=2)
    gold = sample.confusions.sum(axis=(0, 2))
    return np.asarray((hits / np.maximum(gold, 1)).mean(axis=1))


def rank(scores: np.ndarray) -> Ranks:
    """Rank models within each block, and test whether they differ.

    Parameters
    ----------
    scores : array, shape (blocks, models)
        Higher is better; equal scores share the mean of their ranks.

    References
    ----------
    J. Demšar, "Statistical Comparisons of Classifiers over Multiple Data Sets", JMLR 7 (2006).

    Examples
    --------
    >>> rank(np.array([[0.9, 0.5, 0.5], [0.8, 0.7, 0.6]])).means.tolist()
    [1.0, 2.25, 2.75]
    """
    from scipy.stats import friedmanchisquare, rankdata

    rounded = scores.round(12)  # rounding errors must not tell equal scores apart
    means = rankdata(-rounded, axis=1).mean(axis=0)
    same = bool((rounded == rounded[:, :1]).all())
    p = 1.0 if same else float(friedmanchisquare(*rounded.T).pvalue)
    return Ranks(means, p, critical_difference(scores.shape[1], len(scores)))


def critical_difference(models: int, blocks: int, level: float = LEVEL) -> float:
    r"""Return the difference of mean ranks that Nemenyi's test takes for more than chance.

    .. math:: q_\alpha \sqrt{\frac{k (k + 1)}{6 N}}

    for k models and N blocks, with :math:`q_\alpha` the studentised range over :math:`\sqrt 2`.

    References
    ----------
    J. Demšar, JMLR 7 (2006), section 3.2.2 and table 5.

    Examples
    --------
    >>> round(critical_difference(models=4, blocks=14), 2)  # Demšar's example: 1.25 from rounded q
    1.25
    """
    from scipy.stats import studentized_range

    q = studentized_range.isf(level, models, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(models * (models + 1) / (6 * blocks)))


def _caption(ranks: Ranks, documents: int, which: str) -> str:
    return (
        "Mean rank over the test documents by what each document adds to balanced accuracy, the mean over"
        " seeds where there are several. Documents are the blocks, since sentences of one document are not"
        " independent; balanced accuracy, unlike macro-F1, is a sum over documents, and does not reward"
        f" the most frequent label. {_test(ranks, documents)} Bars that do not overlap differ by more"
        " than the critical difference; the grey band is the best model's. Ranks depend on which models"
        f" are ranked, and tell nothing of other trainings. {which}"
    )


def _test(ranks: Ranks, documents: int) -> str:
    p = "< 0.001" if ranks.friedman_p < 0.001 else f"= {ranks.friedman_p:.3f}"
    return (
        f"{documents} documents; Friedman's test: p {p}; critical difference (Nemenyi, 5 %):"
        f" {ranks.critical_difference:.2f}."
    )

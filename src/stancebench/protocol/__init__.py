"""Protocols: which examples are trained on, chosen by and scored; kept as example ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from stancebench import dataset as datasets
from stancebench.dataset.record import Dataset
from stancebench.protocol.article import load_article
from stancebench.protocol.contrast import contrast_faults, draw_contrast
from stancebench.protocol.cross_dataset import join, load_other
from stancebench.protocol.cross_genre import cross_genre_faults, draw_cross_genre
from stancebench.protocol.cross_target import cross_target_faults, draw_cross_target
from stancebench.protocol.few_shot import draw_few_shot, few_shot_faults
from stancebench.protocol.folds import (
    PARTS,
    check_folds,
    describe_fold,
    given_folds,
    report_faults,
    with_contrast,
)
from stancebench.protocol.in_target import in_target_folds
from stancebench.protocol.kept import VERSIONS, folds_file, kept_folds
from stancebench.protocol.learning_curve import draw_learning_curve, learning_curve_faults
from stancebench.types import Fold

if TYPE_CHECKING:
    from stancebench.config import DatasetConfig, ProtocolConfig

__all__ = [
    "PARTS",
    "PROTOCOLS",
    "VERSIONS",
    "Protocol",
    "Scored",
    "check_folds",
    "describe_fold",
    "folds_file",
    "load_data",
    "load_folds",
]


#: How the folds of a protocol are scored: ``together``, as parts of one test set; ``averaged``, as repeats
#: on the same test set; ``apart``, each a result of its own.
Scored = Literal["together", "averaged", "apart"]


class Protocol(NamedTuple):
    """How the folds of a protocol come about, and what must hold for them."""

    folds: Callable[[Dataset, ProtocolConfig], list[Fold]]
    #: What does not hold, beyond what `check_folds` finds in every protocol.
    faults: Callable[[Sequence[Fold], Dataset, ProtocolConfig], Iterator[str]] | None = None
    scored: Scored = "together"


PROTOCOLS: dict[str, Protocol] = {
    "in_target": Protocol(in_target_folds),
    "cross_target": Protocol(partial(kept_folds, draw=draw_cross_target), cross_target_faults),
    "cross_genre": Protocol(partial(kept_folds, draw=draw_cross_genre), cross_genre_faults),
    "cross_dataset": Protocol(given_folds),
    "few_shot": Protocol(partial(kept_folds, draw=draw_few_shot), few_shot_faults, scored="averaged"),
    "learning_curve": Protocol(
        partial(kept_folds, draw=draw_learning_curve), learning_curve_faults, scored="apart"
    ),
    "contrast": Protocol(partial(kept_folds, draw=draw_contrast), contrast_faults),
    "article": Protocol(given_folds),
}


def load_data(dataset: DatasetConfig, protocol: ProtocolConfig) -> Dataset:
    """Return the examples that a protocol splits: of the dataset, or of it and another to test on.

    Raises
    ------
    UserError
        Where a dataset cannot be read.
    """
    own = datasets.load(dataset)
    if protocol.name == "article":
        return join(own, load_article(), protocol)
    if protocol.test_dataset:
        return join(own, load_other(protocol.test_dataset), protocol)
    return own


def load_folds(dataset: Dataset, config: ProtocolConfig) -> list[Fold]:
    """Return the folds of a protocol: the data's own, or from the file where they are kept.

    Where there is no file yet, they are drawn and it is written. Each fold also gets the contrast
    edits of its test examples.

    Parameters
    ----------
    dataset : Dataset
        What `load_data` returned.

    Raises
    ------
    UserError
        Where the folds cannot be drawn, are of other data, or do not hold.
    """
    protocol = PROTOCOLS[config.name]
    folds = protocol.folds(dataset, config)
    place = dataset.name if folds[0].name == "given" else folds_file(dataset, config)
    check_folds(folds, dataset.examples, place)
    if protocol.faults:
        report_faults(protocol.faults(folds, dataset, config), place)
    return [with_contrast(fold, dataset) for fold in folds]

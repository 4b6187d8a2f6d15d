"""What crosses the arrows between the stages: labels, documents, sentences, examples, folds.

Shape letters used throughout: ``n`` examples, ``k`` labels, ``t`` targets, ``d`` documents,
``b`` bootstrap resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    import pandas

#: The stances, in the one order in which they are ever stored, printed or passed to a model.
Stance = Literal["against", "none", "favor"]
LABELS: tuple[str, ...] = get_args(Stance)

#: Columns of the examples table (``examples.parquet``), one row per sentence and target.
EXAMPLE_COLUMNS: tuple[str, ...] = (
    "example_id",
    "sentence_id",
    "document_id",
    "genre",
    "target",
    "text",
    "context",
    "label",
    "holder",
    "tags",
)

#: Columns beside them where the raw judgements are known: the share of them for each label.
SHARE_COLUMNS: tuple[str, ...] = tuple(f"share_{label}" for label in LABELS)


@dataclass(frozen=True)
class Target:
    """One proposition that sentences take a stance on, as annotators and models read it."""

    id: str
    name: str
    definition: str
    favor: str
    against: str
    #: Round of annotation in which it is judged; whoever judges a sentence judges a whole round.
    round: int = 1


@dataclass(frozen=True)
class Document:
    """A text and what is known of it; `sha256` is over the UTF-8 bytes of `text`."""

    id: str
    title: str
    genre: str
    date: str
    language: str
    provenance: str
    licence: str
    text: str
    sha256: str


@dataclass(frozen=True, order=True)
class Sentence:
    """A sentence as characters ``start`` to ``end`` of its document's text."""

    document_id: str
    start: int
    end: int
    text: str = field(compare=False, default="")

    @property
    def id(self) -> str:
        """The stable id: document and offsets, such as ``bs-001:0-84``."""
        return f"{self.document_id}:{self.start}-{self.end}"


class Examples:
    """A table of labelled examples, held as one numpy array per column.

    Reading a column (``examples["text"]``) works as on a pandas frame. pandas itself takes two
    seconds to import, so only the models that want a frame ask for one (`to_pandas`).

    Parameters
    ----------
    columns : mapping of str to sequence
        Columns of equal length; `EXAMPLE_COLUMNS` and nothing that is not named there is checked
        where a dataset is written.

    Examples
    --------
    >>> table = Examples({"target": ["a", "b"], "label": ["favor", "none"]})
    >>> len(table), list(table.where(lambda row: row["target"] == "b")["label"])
    (2, ['none'])
    """

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self.columns: dict[str, np.ndarray] = {}
        for name, values in columns.items():
            array = np.empty(len(values), dtype=object)
            array[:] = list(values)
            self.columns[name] = array

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, column: str) -> np.ndarray:
        return self.columns[column]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Iterate over the rows as dictionaries."""
        names = list(self.columns)
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(names, values, strict=True))

    def take(self, index: Sequence[int] | np.ndarray) -> Examples:
        """Return the rows at `index` (positions, or a boolean mask), in that order."""
        return Examples({name: array[index] for name, array in self.columns.items()})

    def where(self, condition: Callable[[dict[str, Any]], bool]) -> Examples:
        """Return the rows for which `condition` holds."""
        return self.take(np.array([condition(row) for row in self.rows()], dtype=bool))

    def select(self, example_ids: Sequence[str]) -> Examples:
        """Return the rows with these `example_ids`, in that order.

        Raises
        ------
        KeyError
            Where an id is not in the table.
        """
        position = {example_id: i for i, example_id in enumerate(self["example_id"])}
        return self.take(np.array([position[i] for i in example_ids], dtype=int))

    def to_pandas(self) -> pandas.DataFrame:
        """Return the table as a pandas frame (imports pandas)."""
        import pandas as pd

        return pd.DataFrame(dict(self.columns))


@dataclass(frozen=True)
class Fold:
    """Which examples are trained on, chosen by and scored, as example ids."""

    name: str
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    contrast: tuple[str, ...] = ()

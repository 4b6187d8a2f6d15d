"""The test sentences of a setting, where its dataset is at hand; and compact tables of them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import ValidationError

from stancebench.config import DatasetConfig, ProtocolConfig
from stancebench.dataset.record import Dataset
from stancebench.errors import UserError
from stancebench.evaluate.counts import positions
from stancebench.evaluate.sample import PROBABILITIES, Columns
from stancebench.predictions import Predictions
from stancebench.protocol import load_data
from stancebench.report.page.settings import Setting

#: Stands for a missing probability where others are whole percents.
NO_PERCENT = 255


@dataclass(frozen=True)
class Texts:
    """The dataset of a setting, or why it is not at hand."""

    dataset: Dataset | None
    missing: str = ""

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The examples by their ids."""
        return {row["example_id"]: row for row in self.dataset.examples.rows()} if self.dataset else {}

    @property
    def edits(self) -> dict[str, dict[str, Any]]:
        """The contrast edits by their ids."""
        return {row["example_id"]: row for row in self.dataset.contrast.rows()} if self.dataset else {}


def find_texts(setting: Setting) -> Texts:
    """Return the dataset that a setting's record names, only where its fingerprint is the recorded one."""
    record = setting.first.record
    if record["config"]["protocol"]["name"] == "article":
        return Texts(None, "the article's text is not ours to give on: a page may be shared")
    try:
        dataset = load_data(
            DatasetConfig.model_validate(record["config"]["dataset"]),
            ProtocolConfig.model_validate(record["config"]["protocol"]),
        )
    except UserError:  # its message may name folders of this machine, and a page may be shared
        return Texts(None, f"the dataset {record['dataset']['name']} cannot be read here")
    except ValidationError as fault:
        return Texts(None, f"the record's configuration is of another version ({fault.error_count()} faults)")
    recorded = record["dataset"]["fingerprint"]
    if dataset.fingerprint != recorded:
        return Texts(
            None,
            f"the dataset at hand has the fingerprint {dataset.fingerprint[:12]},"
            f" these runs were made on {recorded[:12]}",
        )
    return Texts(dataset)


@dataclass
class Strings:
    """Texts that stand in many places, each once; a place is named by its number.

    Examples
    --------
    >>> strings = Strings()
    >>> [strings.place(text) for text in ("a", "b", "a")], strings.values
    ([0, 1, 0], ['a', 'b'])
    """

    values: list[str] = field(default_factory=list)
    _places: dict[str, int] = field(default_factory=dict)

    def place(self, text: str) -> int:
        """Return the number of `text`, a new one where it was not seen before."""
        if text not in self._places:
            self._places[text] = len(self.values)
            self.values.append(text)
        return self._places[text]


def test_table(setting: Setting, texts: Texts, strings: Strings) -> dict[str, Any]:
    """Return the test examples of a setting by column, with numbers for strings and digits for labels.

    ``text``, ``context``, ``holder``, ``genre`` and ``tags`` are there where the texts are at hand;
    ``edits`` maps the place of an example to the text and the gold digit of its contrast edit.
    """
    columns, rows = setting.test, texts.rows
    ids = list(columns["example_id"])
    table: dict[str, Any] = {
        "ids": ids,
        "document": [strings.place(name) for name in columns["document_id"]],
        "target": [strings.place(name) for name in columns["target"]],
        "gold": _digits(columns["gold"]),
    }
    if rows:
        for name in ("text", "context", "holder", "genre"):
            table[name] = [strings.place(rows[i][name]) for i in ids]
        table["tags"] = [strings.place("\n".join(rows[i]["tags"])) for i in ids]
        table["edits"] = _edits(setting.contrast, texts, ids, strings)
    return table


def _edits(contrast: Columns, texts: Texts, ids: Sequence[str], strings: Strings) -> list[list[int]]:
    """Return, in the order of the contrast part, place of the original, text and gold of each edit."""
    place, rows = {example_id: i for i, example_id in enumerate(ids)}, texts.edits
    gold = positions(contrast["gold"])
    return [
        [place[original], strings.place(rows[edit]["text"]), int(label)]
        for edit, original, label in zip(contrast["example_id"], contrast["original_id"], gold, strict=True)
    ]


def answer_table(
    name: str, predictions: Predictions, ids: Sequence[str], edits: Sequence[str]
) -> dict[str, Any]:
    """Return what a fitted model answered, in the order of the test examples `ids` and of `edits`.

    Labels are digits, the one after the last for an unscored answer; probabilities are whole percents,
    a byte each, example by example, in Base64; None where the model has none.
    """
    test, contrast = predictions.part("test").columns, predictions.part("contrast").columns
    order = _order(test, ids)
    p = np.column_stack([np.asarray(test[column], dtype=float) for column in PROBABILITIES])[order]
    percents = np.where(np.isnan(p), NO_PERCENT, np.round(np.nan_to_num(p) * 100)).astype(np.uint8)
    return {
        "name": name,
        "predicted": _digits(test["predicted"][order]),
        "percents": base64.b64encode(percents.tobytes()).decode() if np.isfinite(p).any() else None,
        "edited": _digits(contrast["predicted"][_order(contrast, edits)]),
    }


def _order(columns: Columns, ids: Sequence[str]) -> np.ndarray:
    """Return where in `columns` each of `ids` stands."""
    where = {example_id: i for i, example_id in enumerate(columns["example_id"])}
    return np.array([where[example_id] for example_id in ids], dtype=int)


def _digits(labels: Sequence[Any]) -> str:
    return "".join(map(str, positions(labels)))

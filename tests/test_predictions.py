"""The predictions file: what comes back, what may be missing, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from stancebench.errors import UserError
from stancebench.predictions import as_rows, join_predictions, read_predictions, write_predictions
from stancebench.types import SHARE_COLUMNS
from tests.conftest import toy_examples

PROBABILITIES = np.array([[0.5, 0.25, 0.25], [np.nan] * 3, [0, 0, 1]])


def rows(fold: str = "f", shares: bool = True) -> list[dict[str, Any]]:
    """Predictions of three toy examples: a label, no usable answer, a label."""
    examples = toy_examples(3)
    if shares:
        for name, values in zip(SHARE_COLUMNS, ([1, 0, 0.5], [0, 1, 0], [0, 0, 0.5]), strict=True):
            examples.columns[name] = np.array(values, dtype=object)
    return as_rows(fold, "test", examples, ["against", None, "favor"], PROBABILITIES)


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    write_predictions(rows(), tmp_path / "p.parquet")
    found = read_predictions(tmp_path / "p.parquet")
    assert list(found["predicted"]) == ["against", None, "favor"]
    assert list(found["original_id"]) == [None, None, None]
    np.testing.assert_array_equal(found["p_against"], [0.5, np.nan, 0])
    np.testing.assert_array_equal(found["share_favor"], [0, 0, 0.5])


def test_shares_that_are_not_known_are_nan(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    write_predictions(rows(shares=False), path)
    assert np.isnan([read_predictions(path)[name] for name in SHARE_COLUMNS]).all()
    pq.write_table(pq.ParquetFile(path).read().drop_columns(list(SHARE_COLUMNS)), path)  # an older file
    assert np.isnan([read_predictions(path)[name] for name in SHARE_COLUMNS]).all()


def test_a_fold_that_an_older_version_wrote_is_joined(tmp_path: Path) -> None:
    old, new = tmp_path / "old.parquet", tmp_path / "new.parquet"
    write_predictions(rows("old"), old)
    pq.write_table(pq.ParquetFile(old).read().drop_columns(list(SHARE_COLUMNS)), old)
    write_predictions(rows("new"), new)
    join_predictions([old, new], tmp_path / "all.parquet")
    found = read_predictions(tmp_path / "all.parquet")
    np.testing.assert_array_equal(found["share_against"], [np.nan, np.nan, np.nan, 1, 0, 0.5])


def test_faults_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    with pytest.raises(ValueError, match="predicted twice"):
        write_predictions(rows() + rows(), path)
    with pytest.raises(ValueError, match="labels outside"):
        write_predictions([row | {"gold": "maybe"} for row in rows()], path)
    with pytest.raises(UserError, match="no predictions"):
        read_predictions(path)
    write_predictions(rows(), path)
    pq.write_table(pq.ParquetFile(path).read().drop_columns(["gold"]), path)
    with pytest.raises(UserError, match="no column gold"):
        read_predictions(path)

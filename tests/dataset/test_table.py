"""A researcher's own table and its faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from stancebench.config import DatasetConfig
from stancebench.dataset.table import read_table
from stancebench.errors import UserError


def write(tmp_path: Path, text: str | bytes, name: str = "mine.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def load(path: Path, **options: Any) -> Any:
    return read_table(DatasetConfig(name="table", path=str(path), **options))


def test_labels_without_case_and_renamed(tmp_path: Path) -> None:
    path = write(tmp_path, "text,target,label\nyes,t,FAVOR\nno,t,Deny\nso,t,none\n")
    dataset = load(path, labels={"deny": "against"})
    assert list(dataset.examples["label"]) == ["favor", "against", "none"]
    assert dataset.name == "mine"
    assert dataset.targets[0].name == "t"


def test_a_quoted_line_break_counts_lines_as_an_editor_does(tmp_path: Path) -> None:
    path = write(tmp_path, 'text,target,label\n"two\nlines",t,favor\nno,t,what\n')
    with pytest.raises(UserError, match=r"mine.csv:4: unknown label 'what'"):
        load(path)


def test_all_faults_at_once_with_their_rows(tmp_path: Path) -> None:
    rows = "yes,t,favor,1,train\n,t,against,2,train\nno,,none,3,trian\nno,t,maybe,1,test\n"
    path = write(tmp_path, "text,target,label,example_id,split\n" + rows)
    with pytest.raises(UserError) as fault:
        load(path)
    message = str(fault.value)
    for said in (
        ":3: empty text",
        ":4: empty target",
        ":4: unknown split 'trian'",
        ":5: unknown label 'maybe' (known: against, none, favor)",
        ":5: example_id '1' stands in row 2 too",
    ):
        assert said in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text,label\nyes,favor\n", "no column target (found: text, label)"),
        ("text,target,label\n", "no rows"),
        (b"text,target,label\nyes,t,favor\ncaf\xe9,t,favor\n", "mine.csv:3: not UTF-8"),
    ],
)
def test_unusable_files(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(UserError) as fault:
        load(write(tmp_path, content))
    assert said in str(fault.value)


def test_a_missing_file_and_a_false_parquet(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        load(tmp_path / "absent.csv")
    with pytest.raises(UserError, match="not a Parquet file"):
        load(write(tmp_path, "text", "mine.parquet"))


def test_parquet_with_a_split_of_its_own(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["a", "b", "c"], "target": "t", "label": ["favor", "none", "against"]})
    path = tmp_path / "mine.parquet"
    frame.assign(split=["train", "dev", "test"]).to_parquet(path)
    dataset = load(path)
    assert dataset.split == {"row-1": "train", "row-2": "validation", "row-3": "test"}

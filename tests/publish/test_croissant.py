"""The Croissant file: valid by its own library, which also reads the records through it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import mlcroissant as mlc
import pyarrow.parquet as pq
import pytest

from stancebench.types import LABELS

# What mlcroissant uses, rdflib and pandas are giving up.
pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame:DeprecationWarning"),
]


@pytest.fixture
def described(published: Path) -> mlc.Dataset:
    return mlc.Dataset(published / "croissant.json")


def test_it_is_valid_without_a_warning(described: mlc.Dataset) -> None:
    assert not described.metadata.ctx.issues.errors
    assert not described.metadata.ctx.issues.warnings


def test_every_file_is_described_with_its_sum(published: Path) -> None:
    content = json.loads((published / "croissant.json").read_text(encoding="utf-8"))
    tables = {path.relative_to(published).as_posix(): path for path in published.rglob("*.parquet")}
    assert {file["contentUrl"] for file in content["distribution"]} == set(tables)
    for file in content["distribution"]:
        assert file["sha256"] == hashlib.sha256(tables[file["contentUrl"]].read_bytes()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list) or hasattr(value, "tolist"):
        return [_plain(item) for item in value]
    return value


@pytest.mark.parametrize(
    "name", ["default/validation", "sentences/validation", "judgements/contrast", "article/test"]
)
def test_the_records_are_the_rows(published: Path, described: mlc.Dataset, name: str) -> None:
    rows = pq.ParquetFile(published / "data" / f"{name}.parquet").read().to_pylist()
    records = list(described.records(name))
    assert len(records) == len(rows)
    for record, row in zip(records[:50], rows[:50], strict=True):
        assert {key.rpartition("/")[2]: _plain(value) for key, value in record.items()} == row


def test_labels_have_names(described: mlc.Dataset) -> None:
    records = list(described.records("labels"))
    assert {record["labels/id"]: record["labels/name"] for record in records} == dict(enumerate(LABELS))


def test_the_responsible_ai_properties_are_read(described: mlc.Dataset) -> None:
    metadata = described.metadata
    for said in (
        metadata.data_collection,
        metadata.data_annotation_protocol,
        metadata.data_biases,
        metadata.data_limitations,
        metadata.data_social_impact,
        metadata.data_use_cases,
        metadata.personal_sensitive_information,
        metadata.data_release_maintenance_plan,
        metadata.machine_annotation_tools,
        metadata.annotations_per_item,
    ):
        assert said
    assert any("0.965" in line for line in metadata.data_annotation_analysis)

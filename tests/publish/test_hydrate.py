"""An article's stances without its text: published, packaged, and joined to the text by who has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from stancebench.cli import main
from stancebench.corpus.documents import sha256_of
from stancebench.corpus.gold import GoldLabel
from stancebench.corpus.judgements import ManifestEntry
from stancebench.dataset.backstop import build
from stancebench.dataset.record import read_examples
from stancebench.errors import UserError
from stancebench.publish.columns import COLUMNS, LAYOUT
from stancebench.publish.configurations import Configuration, article_rows, write_configuration
from stancebench.publish.hydrate import PACKAGED, hydrate_article, read_stances
from stancebench.publish.release import read_release
from stancebench.types import EXAMPLE_COLUMNS
from tests.conftest import REPOSITORY

PACKAGE = REPOSITORY / "src" / "stancebench"
TEXT = "A plan.\nNo troops, he said. Nobody laughed.\n"
SPANS = ((8, 27), (28, 43))


@pytest.fixture
def download(tmp_path: Path) -> Path:
    """A downloaded dataset with the stances on an invented article of two sentences."""
    entry = ManifestEntry(document_id="article-1", sha256=sha256_of(TEXT), sentences=SPANS)
    gold = [
        GoldLabel(f"article-1:{a}-{b}", "t1", stance, True, "", ("negation",), (stance, "none"), "")
        for (a, b), stance in zip(SPANS, ("against", "none"), strict=True)
    ]
    rows = article_rows([entry], gold[::-1])
    columns = {name: COLUMNS[name] for name in LAYOUT["article"]}
    write_configuration(tmp_path / "download", Configuration("article", "", columns, {"test": rows}))
    (tmp_path / "article.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def test_stances_and_text_are_joined(download: Path) -> None:
    rows = list(hydrate_article(download / "article.txt", download / "download").rows())
    assert [row["text"] for row in rows] == ["No troops, he said.", "Nobody laughed."]
    assert [row["context"] for row in rows] == ["", "No troops, he said."]
    assert [row["label"] for row in rows] == ["against", "none"]
    assert rows[0]["example_id"] == "article-1:8-27:t1"
    assert rows[0]["tags"] == ["negation"]
    assert tuple(rows[0]) == tuple(column for column in EXAMPLE_COLUMNS if column != "holder")


@pytest.mark.parametrize("name", ["labelled.parquet", "labelled.csv"])
def test_the_command_writes_a_table(download: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    import pandas as pd

    output = download / name
    arguments = ["--article", str(download / "article.txt"), "--from", str(download / "download")]
    assert main(["data", "hydrate", *arguments, "--output", str(output)]) == 0
    assert "2 labelled examples" in capsys.readouterr().out
    frame = pd.read_parquet(output) if output.suffix == ".parquet" else pd.read_csv(output)
    assert list(frame["label"]) == ["against", "none"]


def test_another_text_or_folder_is_refused(download: Path) -> None:
    (download / "changed.txt").write_text(TEXT.replace("troops", "Troops"), encoding="utf-8")
    with pytest.raises(UserError, match=sha256_of(TEXT)):
        hydrate_article(download / "changed.txt", download / "download")
    with pytest.raises(UserError, match="no such file"):
        hydrate_article(download / "article.txt", download)


def test_the_packaged_stances_are_the_annotations(monkeypatch: pytest.MonkeyPatch, published: Path) -> None:
    monkeypatch.setenv("STANCEBENCH_ROOT", str(REPOSITORY))
    release = read_release()
    rows = article_rows(release.articles, release.gold)
    assert len(rows) == 120
    published_rows = read_stances(published / "data" / "article" / "test.parquet")
    assert read_stances(PACKAGED) == published_rows, (
        "publish the dataset to a folder and copy data/article/test.parquet to"
        " src/stancebench/publish/article.parquet"
    )
    keys = ("sentence_id", "target", "label", "start", "end", "sha256")
    assert [[row[k] for k in keys] for row in rows] == [[row[k] for k in keys] for row in published_rows]


def test_no_column_of_the_article_can_hold_text() -> None:
    schema = pq.read_schema(PACKAGED)
    texts = {field.name for field in schema if "string" in str(field.type)}
    assert "tags" in texts
    assert texts <= {"document_id", "sha256", "sentence_id", "target", "tags"}


def test_the_real_article_hydrates_to_what_is_built(
    article: Path, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("conf", "data", "seeds"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    monkeypatch.setenv("STANCEBENCH_ROOT", str(tmp_path))
    build(article)
    built = read_examples(tmp_path / "data" / "built" / "backstop" / "article.parquet")
    columns = [column for column in EXAMPLE_COLUMNS if column != "holder"]

    def by_id(rows: Any) -> dict[str, dict[str, Any]]:
        return {row["example_id"]: {column: row[column] for column in columns} for row in rows}

    for folder in (None, published):
        assert by_id(hydrate_article(article, folder).rows()) == by_id(built.rows())


def test_nothing_published_has_eight_words_of_the_real_article_in_a_row(
    article: Path, published: Path
) -> None:
    def eights(text: str) -> set[tuple[str, ...]]:
        words = text.split()
        return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}

    known = eights(article.read_text(encoding="utf-8"))
    assert len(known) > 500
    for path in sorted(path for path in published.rglob("*") if path.is_file()):
        if path.suffix == ".parquet":
            rows = pq.ParquetFile(path).read().to_pylist()
            texts = {value for row in rows for value in row.values() if isinstance(value, str)}
        else:
            texts = {path.read_text(encoding="utf-8", errors="replace")}
        assert not [text for text in texts if eights(text) & known], path


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder outside the clone with the files that a wheel holds."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["stancebench.publish"]
    files = set(PACKAGE.rglob("*.py"))
    files |= {path for pattern in patterns for path in (PACKAGE / "publish").glob(pattern)}
    there = {path for path in (PACKAGE / "publish").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert files >= there
    for path in files:
        copy = tmp_path / "site" / path.relative_to(PACKAGE.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return tmp_path / "site"


def test_it_works_where_there_is_no_project(installed: Path, download: Path) -> None:
    command = [sys.executable, "-m", "stancebench.cli", "data", "hydrate", "--article", "article.txt"]

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments],
            cwd=download,
            env={**os.environ, "PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
            check=False,
        )

    done = call("--from", "download", "--output", "labelled.csv")
    assert done.returncode == 0, done.stderr
    assert "No troops, he said." in (download / "labelled.csv").read_text(encoding="utf-8")
    packaged = call()
    assert packaged.returncode == 1
    assert "f544f6d2fd8ca671a314f540b905bb69af99838d6a5f241283d0990fc810067e" in packaged.stderr

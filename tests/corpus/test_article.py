"""The article from outside: recognised, hydrated, refused where one character differs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stancebench.cli import main
from tests.conftest import REPOSITORY


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the committed project's data."""
    for name in ("conf", "data", "seeds"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=shutil.ignore_patterns("built"))
    monkeypatch.setenv("STANCEBENCH_ROOT", str(tmp_path))
    return tmp_path


def test_a_new_article_gets_a_sheet(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = clone / "news.txt"
    path.write_text("Nothing happened. All were pleased.\nComments\n", encoding="utf-8")
    assert main(["data", "ingest", str(path), "--output", str(clone / "tasks")]) == 0
    assert "new (sha256 " in capsys.readouterr().out
    (sheet,) = (clone / "tasks").iterdir()
    assert "[2] All were pleased." in sheet.read_text(encoding="utf-8")


def test_the_article_is_recognised_and_hydrated(
    article: Path, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from stancebench.dataset.record import read_examples

    assert main(["data", "ingest", str(article)]) == 0
    assert "annotated" in capsys.readouterr().out
    assert main(["data", "build", "--article", str(article)]) == 0
    examples = read_examples(clone / "data" / "built" / "backstop" / "article.parquet")
    assert len(examples) == 40 * 3
    assert set(examples["label"]) == {"against", "none", "favor"}


def test_one_character_is_enough_to_refuse(
    article: Path, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = clone / "changed.txt"
    changed.write_text(article.read_text(encoding="utf-8").replace("Oval", "oval", 1), encoding="utf-8")
    assert main(["data", "build", "--article", str(changed)]) == 1
    message = capsys.readouterr().err
    assert "f544f6d2fd8ca671a314f540b905bb69af99838d6a5f241283d0990fc810067e" in message
    assert message.count("sha256") == 1
    assert not (clone / "data" / "built" / "backstop" / "article.parquet").exists()


def test_no_text_of_the_article_is_committed(article: Path) -> None:
    words = article.read_text(encoding="utf-8").split()
    shingles = {" ".join(words[i : i + 6]) for i in range(len(words) - 5)}
    for path in (REPOSITORY / "data").rglob("*.jsonl"):
        text = path.read_text(encoding="utf-8")
        assert not [shingle for shingle in shingles if shingle in text], path

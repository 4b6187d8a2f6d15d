"""Seed files and their faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from stancebench.corpus.documents import read_document, read_seeds, sha256_of
from stancebench.errors import UserError
from tests.conftest import REPOSITORY, seed_text


def test_a_seed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(seed_text("a-1", "One. Two.\nThree."), encoding="utf-8")
    document = read_document(path)
    assert (document.id, document.genre, document.text) == ("a-1", "op-ed", "One. Two.\nThree.")
    assert document.sha256 == sha256_of("One. Two.\nThree.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no front matter", ":1: no front matter"),
        (seed_text("A B", "Text."), "id 'A B'"),
        (seed_text("a", "Text.").replace("2025-03-01", "1 March"), "date '1 March' is not YYYY-MM-DD"),
        (seed_text("a", "Text.").replace("genre:", "gender:"), ":4: unknown field 'gender'"),
        (seed_text("a", "Text.").replace("genre: op-ed\n", ""), "field 'genre' is missing"),
        (seed_text("a", "Text.").replace("language: en", "language en"), ":6: not of the form"),
        (seed_text("a", " "), "the document has no text"),
    ],
)
def test_faults_name_their_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as fault:
        read_document(path)
    assert said in str(fault.value)


def test_bad_bytes_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"---\nid: caf\xe9\n")
    with pytest.raises(UserError, match=r"not UTF-8 \(byte 11: 0xe9\)"):
        read_document(path)


def test_two_files_with_one_id_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(seed_text("same", "Text."), encoding="utf-8")
    with pytest.raises(UserError, match="taken by another document"):
        read_seeds(tmp_path)


def test_the_committed_seeds_hold() -> None:
    documents = read_seeds(REPOSITORY / "seeds")
    assert len(documents) >= 30
    assert len({document.genre for document in documents}) >= 12
    assert {document.licence for document in documents} == {"CC-BY-4.0"}

"""What stops a publication, each with its place, and all at once."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from stancebench.errors import UserError
from stancebench.publish.check import check_publishable
from stancebench.publish.search import faults_in

SOURCE = {
    "document_id": "d1",
    "provenance": "written for a test",
    "licence": "CC-BY-4.0",
    "redistributable": "true",
}
ARTICLE = {**SOURCE, "document_id": "article-1", "licence": "the publisher's", "redistributable": "false"}
ROW = {"document_id": "d1", "text": "We send no troops, and/or ask them."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The least that is publishable: a card, the sources, a table, an article's stances, a figure."""
    (tmp_path / "README.md").write_text("---\nlicense: cc-by-4.0\n---\n# A card\n", encoding="utf-8")
    write_sources(tmp_path, SOURCE, ARTICLE)
    write_table(tmp_path, "default", ROW)
    write_table(tmp_path, "article", {"document_id": "article-1", "start": 0, "label": 2})
    (tmp_path / "figures").mkdir()
    Image.new("RGB", (2, 2)).save(tmp_path / "figures" / "genres.png")
    check_publishable(tmp_path)
    return tmp_path


def write_sources(folder: Path, *rows: dict[str, str]) -> None:
    with (folder / "SOURCES.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(SOURCE))
        writer.writeheader()
        writer.writerows(rows)


def write_table(folder: Path, name: str, *rows: dict[str, object], note: str = "") -> None:
    path = folder / "data" / name / "test.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows)).replace_schema_metadata({"note": note}), path)


def card(text: str, front: str = "license: cc-by-4.0") -> Callable[[Path], object]:
    return lambda folder: (folder / "README.md").write_text(f"---\n{front}\n---\n{text}\n", encoding="utf-8")


def table(name: str, *rows: dict[str, object], note: str = "") -> Callable[[Path], object]:
    return lambda folder: write_table(folder, name, *rows, note=note)


def marked_figure(folder: Path) -> None:
    info = PngInfo()
    info.add_text("Author", "ann@example.org")
    Image.new("RGB", (2, 2)).save(folder / "figures" / "genres.png", pnginfo=info)


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "address": (card("Ask ann@example.org."), "README.md:4: e-mail address or user@host: 'ann@example.org'"),
    "path": (card("From /home/ann/seeds/a.txt"), "README.md:4: absolute path: '/home/ann/seeds/a.txt'"),
    "windows path": (card(r"In C:\Users\ann"), r"README.md:4: absolute path: 'C:\\Users\\ann'"),
    "user": (card("Made by ann@laptop"), "README.md:4: e-mail address or user@host: 'ann@laptop'"),
    "token": (card("hf_" + "aB3" * 8), f"README.md:4: access token: '{'hf_' + 'aB3' * 8}'"),
    "open answer": (
        card("[More Information Needed]"),
        "README.md:4: unfinished text: 'More Information Needed'",
    ),
    "misspelt key": (card("", "licence: mit"), "README.md: unknown key 'licence' in the front matter"),
    "cell": (
        table("default", ROW, {**ROW, "text": "Write to ann@example.org!"}),
        "data/default/test.parquet, row 2, text: e-mail address or user@host: 'ann@example.org'",
    ),
    "metadata": (
        table("default", ROW, note="/tmp/ann/x.csv"),
        "data/default/test.parquet: metadata: absolute path: '/tmp/ann/x.csv'",
    ),
    "annotator's name": (
        table("judgements", {"document_id": "d1", "annotator": "ann"}),
        "data/judgements/test.parquet, row 1, annotator: user name: 'ann' is no pseudonym such as reader-01",
    ),
    "text of another": (
        table("default", ROW, {**ROW, "document_id": "article-1"}),
        "data/default/test.parquet: text of article-1, which SOURCES.csv does not list as redistributable",
    ),
    "text of an article": (
        table("article", {"document_id": "article-1", "text": "News."}),
        "data/article/test.parquet: column text is not on the list",
    ),
    "licence": (
        lambda folder: write_sources(folder, {**SOURCE, "licence": "all rights reserved"}, ARTICLE),
        "SOURCES.csv:2: d1: licence 'all rights reserved' is none of CC-BY-4.0, CC0-1.0",
    ),
    "no provenance": (
        lambda folder: write_sources(folder, {**SOURCE, "provenance": ""}, ARTICLE),
        "SOURCES.csv:2: d1: no provenance",
    ),
    "another file": (
        lambda folder: (folder / "notes.txt").touch(),
        "notes.txt: not on the list of what may be published (publish/publishable.yaml)",
    ),
    "another file in a listed folder": (
        lambda folder: write_table(folder, "default/more", ROW),
        "data/default/more/test.parquet: not on the list of what may be published (publish/publishable.yaml)",
    ),
    "link": (
        lambda folder: (folder / "LICENSE").symlink_to("/etc/hostname"),
        "LICENSE: not on the list of what may be published (publish/publishable.yaml)",
    ),
    "figure's author": (
        marked_figure,
        "figures/genres.png: Author: e-mail address or user@host: 'ann@example.org'",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named_with_its_place(folder: Path, name: str) -> None:
    spoil, problem = FAULTS[name]
    spoil(folder)
    with pytest.raises(UserError) as raised:
        check_publishable(folder)
    assert raised.value.problems == [problem]


def test_all_faults_come_at_once(folder: Path) -> None:
    names = ("address", "cell", "no provenance", "another file", "figure's author")
    for name in names:
        FAULTS[name][0](folder)
    with pytest.raises(UserError) as raised:
        check_publishable(folder)
    assert sorted(raised.value.problems) == sorted(FAULTS[name][1] for name in names)


def test_a_folder_without_sources_is_no_dataset(folder: Path) -> None:
    (folder / "SOURCES.csv").unlink()
    with pytest.raises(UserError) as raised:
        check_publishable(folder)
    assert any("data/default/test.parquet: not on the list" in problem for problem in raised.value.problems)


@pytest.mark.parametrize(
    "text",
    [
        "See https://huggingface.co/datasets/user/backstop and data/default/test.parquet; either/or, 3/4.",
        "<a></a> ~/ @name: the 'token' of a bearer, sk-ilful, at 10:30 / 11:30.",
        "http://mlcommons.org/croissant/1.0",
    ],
)
def test_ordinary_text_passes(text: str) -> None:
    assert not list(faults_in(text))


WORD = st.from_regex(r"[a-z]{1,8}", fullmatch=True)


@given(st.lists(WORD, min_size=3), WORD, WORD, st.data())
def test_an_address_or_path_is_found_wherever_it_stands(
    words: list[str], name: str, host: str, data: st.DataObject
) -> None:
    assert not list(faults_in(" ".join(words)))
    planted = data.draw(
        st.sampled_from([f"{name}@{host}.org", f"/home/{name}/{host}", f"hf_{'x7' * 12}{name}"])
    )
    place = data.draw(st.integers(0, len(words)))
    text = " ".join([*words[:place], f"({planted})", *words[place:]])
    (fault,) = faults_in(text)
    assert planted in fault

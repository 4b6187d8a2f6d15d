"""Sentences: boundaries, offsets, drops with reasons."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stancebench.corpus.documents import read_article, read_seeds, sha256_of
from stancebench.corpus.sentences import segment
from stancebench.types import Document
from tests.conftest import REPOSITORY


def document(text: str) -> Document:
    return Document("d", "", "", "", "", "", "", text, sha256_of(text))


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in segment(document(text)).sentences]


def test_the_real_article_has_forty_sentences(article: Path) -> None:
    found = segment(read_article(article))
    assert len(found.sentences) == 40
    assert found.drop_counts() == {"boilerplate": 2}
    ends = [sentence.text for sentence in found.sentences]
    assert any(text.endswith("real cash") for text in ends)
    assert sum("Bosnia-style" in text or text.startswith("It has to be") for text in ends) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“It won’t do. It has to be more.”", ["“It won’t do.", "It has to be more.”"]),
        ("“One here.\n“Two there.”", ["“One here.", "“Two there.”"]),
        ("They need real cash The council is late.", ["They need real cash", "The council is late."]),
        ("He told The Herald about it.", ["He told The Herald about it."]),
        ("She wrote it in The Times last week.", ["She wrote it in The Times last week."]),
        ("The means are there; I counted them.", ["The means are there; I counted them."]),
        ("THE CHAIR: Order, please. Who pays?", ["Order, please.", "Who pays?"]),
        ("@old_hand: No more of that.", ["No more of that."]),
        ("Dear Editor\nSend them now.\nA. Reader, Kent", ["Send them now."]),
    ],
)
def test_boundaries(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_drops_carry_their_reason() -> None:
    text = "What we know\nTroops will go.\nShare this article\nComments\nQ: Will they go?"
    found = segment(document(text))
    assert found.drop_counts() == {"heading": 1, "boilerplate": 2, "speaker_label": 1}
    assert found.found == len(found.sentences) + len(found.drops) == 6


@given(st.text(alphabet=st.sampled_from("aB .!?…“”’:\n\t@—é🙂"), max_size=80))
def test_every_visible_character_is_in_one_stretch(text: str) -> None:
    found = segment(document(text))
    spans = sorted((part.start, part.end) for part in (*found.sentences, *found.drops))
    covered: set[int] = set()
    for start, end in spans:
        assert start < end
        assert not covered & set(range(start, end))
        covered |= set(range(start, end))
    assert {i for i, character in enumerate(text) if not character.isspace()} <= covered
    for sentence in found.sentences:
        assert sentence.text == text[sentence.start : sentence.end] == sentence.text.strip()


def test_the_seeds_are_cut_as_written() -> None:
    for seed in read_seeds(REPOSITORY / "seeds"):
        for sentence in segment(seed).sentences:
            assert sentence.text[-1] in ".!?…”’)", sentence
            assert 5 <= len(sentence.text.split()) <= 50, sentence

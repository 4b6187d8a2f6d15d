"""Duplicates, pet phrases, names, drift: values by hand and a plain implementation."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.audit.text import drift, named_persons, pet_phrases, read_names, similar_pairs
from stancebench.types import Document, Sentence
from tests.conftest import REPOSITORY


def sentence(i: int, text: str) -> Sentence:
    return Sentence(f"d{i}", 0, len(text), text)


def grams(text: str) -> set[str]:
    plain = " ".join(re.findall(r"[^\W_]+(?:[’'-][^\W_]+)*", text.casefold()))
    return {plain[i : i + 5] for i in range(max(1, len(plain) - 4))}


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(alphabet="abc ", min_size=1, max_size=12), min_size=2, max_size=8))
def test_similar_pairs_are_those_of_a_plain_loop(texts: list[str]) -> None:
    sentences = [sentence(i, text) for i, text in enumerate(texts)]
    expected = {
        (a.id, b.id)
        for a, b in combinations(sentences, 2)
        if len(grams(a.text) & grams(b.text)) / len(grams(a.text) | grams(b.text)) >= 0.5
    }
    assert {pair[:2] for pair in similar_pairs(sentences, 0.5)} == expected


def document(name: str, text: str) -> Document:
    return Document(name, "A title", "", "", "", "", "", text, "")


def test_a_phrase_counts_documents_and_only_content_words() -> None:
    texts = ["Old men sign the new paper tonight.", "The old men will sign new paper and tonight they rest."]
    documents = [document(f"d{i}", text) for i, text in enumerate(texts)]
    assert pet_phrases(documents, most=1) == {"old men sign new paper": 2, "men sign new paper tonight": 2}
    assert pet_phrases(documents, most=2) == {}


def test_names_are_found_as_whole_words() -> None:
    names = ["Trump", "von der Leyen"]
    documents = [document("d", "A trumpet, Trump’s plan, von der Leyen."), document("e", "Trumpet.")]
    assert named_persons(documents, names) == [("d", "Trump"), ("d", "von der Leyen")]


def test_the_list_of_names_is_short_and_has_no_comments() -> None:
    names = read_names(REPOSITORY / "data" / "real_persons.txt")
    assert 20 < len(names) < 100
    assert not any(name.startswith("#") for name in names)


def test_drift_is_the_mean_at_each_position() -> None:
    assert drift({"a": [1.0, 0.5], "b": [0.5]}) == [(1, 0.75, 2), (2, 0.5, 1)]


def test_names_file_is_needed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_names(tmp_path / "absent.txt")

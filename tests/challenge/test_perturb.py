"""Typing errors, casing and quotation marks: what they may change, and what they never do."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stancebench.challenge.perturb import lower_case, typos, upper_case, without_quotation_marks

WORDS = st.sampled_from("We never send soldiers to Ukraine without peacekeepers who guard the border".split())
SENTENCES = st.lists(WORDS, min_size=1, max_size=30).map(" ".join)
# Latin letters; the dotless i has no capital of its own, so that its case cannot be told from i's.
TEXTS = st.text(st.characters(max_codepoint=0x17F, exclude_characters="ı"))
QUOTED = st.text(st.sampled_from('We go “on” ’til" 9.'))


@given(SENTENCES, st.text(), st.integers(0, 9))
def test_typos_follow_from_text_key_and_seed_alone(text: str, key: str, seed: int) -> None:
    first = typos(text, key, seed, known=())
    typos("another sentence drawn in between", key, seed, known=())
    assert typos(text, key, seed, known=()) == first


@given(SENTENCES, st.text())
def test_a_typing_error_keeps_the_ends_and_the_letters_of_a_word(text: str, key: str) -> None:
    new = typos(text, key, seed=0, known=())
    typable = [word for word in text.split() if word.islower() and len(word) >= 5]
    if new is None:
        assert not typable
        return
    changed = [(a, b) for a, b in zip(text.split(), new.split(), strict=True) if a != b]
    assert len(changed) == -(-len(typable) // 8)
    for old, mistyped in changed:
        assert old in typable
        assert (old[0], old[-1]) == (mistyped[0], mistyped[-1])
        more, less = Counter(mistyped) - Counter(old), Counter(old) - Counter(mistyped)
        assert more.total() + less.total() <= 1  # swapped: none; typed twice or left out: one


def test_keys_and_seeds_draw_apart() -> None:
    text = "never without peacekeepers along another border because somebody should guard soldiers"
    assert len({typos(text, key, seed, ()) for key in "abc" for seed in (0, 1, 2)}) > 4


@given(st.text())
def test_a_known_word_never_comes_about(key: str) -> None:
    assert typos("guard", key, 0, known={"gurad", "guuard", "guaard"}) in ("gaurd", "guarrd")


def test_a_word_whose_every_error_is_known_is_left() -> None:
    known = {"gurad", "gaurd", "guuard", "guaard", "guarrd"}
    assert typos("guard", "key", 0, known) is None


@given(TEXTS)
def test_casing_changes_nothing_but_case(text: str) -> None:
    for new in (lower_case(text), upper_case(text)):
        assert new is None or (new != text and new.casefold() == text.casefold())


@given(QUOTED)
def test_quotation_marks_are_all_that_is_taken_away(text: str) -> None:
    new = without_quotation_marks(text)
    assert new is None or (new != text and new == re.sub('[“”"]', "", text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“We will not go there,” he said.", "We will not go there, he said."),
        ("A quotation that goes on.”", "A quotation that goes on."),
        ("Their “decisive reply” is there.", None),
        ("He said “no” and “we will never go there”.", None),
        ("The minister’s plan.", None),
    ],
)
def test_speech_loses_its_marks_and_words_at_arms_length_do_not(text: str, expected: str | None) -> None:
    assert without_quotation_marks(text) == expected

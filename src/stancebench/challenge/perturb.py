"""Edits that follow from the text alone: typing errors, casing, quotation marks.

Each returns the new text, or ``None`` where there is nothing to change.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from itertools import count

import numpy as np

#: One typing error for each started so many words that can take one.
WORDS_PER_TYPO = 8
#: Lower-case words of five letters or more: names, and short words that carry a "no", stay as they are.
_TYPABLE = re.compile(r"(?<![\w’'-])[a-z]{5,}(?![\w’'-])")
#: Short words that lack a letter are too often other words (peace, pace).
_SHORTEST_DROP = 8
_QUOTED = re.compile("“([^“”]*)”")
_QUOTATION_MARKS = str.maketrans("", "", '“”„«»"')
#: A shorter quoted span may be held at arm's length (“guarantee”): without its marks it would be meant.
_SHORTEST_SPEECH = 4


def lower_case(text: str) -> str | None:
    """Return the text in lower case.

    Examples
    --------
    >>> lower_case("Kyiv agreed."), lower_case("agreed")
    ('kyiv agreed.', None)
    """
    return _if_new(text.lower(), text)


def upper_case(text: str) -> str | None:
    """Return the text in capitals.

    Examples
    --------
    >>> upper_case("Kyiv agreed.")
    'KYIV AGREED.'
    """
    return _if_new(text.upper(), text)


def without_quotation_marks(text: str) -> str | None:
    """Return the text without quotation marks; ``None`` too where a quoted span has under four words.

    Examples
    --------
    >>> without_quotation_marks("“We will go,” she said, “if we must.”")
    >>> without_quotation_marks("“We will go tomorrow,” she said.")
    'We will go tomorrow, she said.'
    >>> without_quotation_marks("Their “guarantee” is here.")
    """
    if any(len(span.split()) < _SHORTEST_SPEECH for span in _QUOTED.findall(text)):
        return None
    return _if_new(text.translate(_QUOTATION_MARKS), text)


def typos(text: str, key: str, seed: int, known: Collection[str]) -> str | None:
    """Return the text with a typing error in about one word of eight, at least in one.

    Two letters are swapped, or one is left out or typed twice, never the first or the last. Where and
    which follows from `key` and `seed` alone, not from what was drawn before.

    Parameters
    ----------
    text : str
        A sentence.
    key : str
        What the sentence is known by, such as its id.
    seed : int
        Seed of the suite.
    known : collection of str
        Words that must not come about: "untied" from "united" would be no typing error but another text.

    Examples
    --------
    >>> typos("We will never send soldiers.", "s1", seed=0, known=())
    'We will never send soldieers.'
    """
    generator = _generator(key, seed)
    n = len(_TYPABLE.findall(text))
    if not n:
        return None
    chosen = set(generator.choice(n, size=-(-n // WORDS_PER_TYPO), replace=False))
    numbers = count()

    def retype(word: re.Match[str]) -> str:
        return _mistyped(word.group(), generator, known) if next(numbers) in chosen else word.group()

    return _if_new(_TYPABLE.sub(retype, text), text)


def _mistyped(word: str, generator: np.random.Generator, known: Collection[str]) -> str:
    """Return one of the typing errors of `word` that are no known words; itself where there is none."""
    inner = range(1, len(word) - 1)
    errors = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in inner[:-1]}
    errors |= {word[:i] + word[i] + word[i:] for i in inner}
    if len(word) >= _SHORTEST_DROP:
        errors |= {word[:i] + word[i + 1 :] for i in inner}
    possible = sorted(errors - {word, *known})
    return possible[generator.integers(len(possible))] if possible else word


def _generator(key: str, seed: int) -> np.random.Generator:
    digest = hashlib.sha256(key.encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8])])


def _if_new(new: str, text: str) -> str | None:
    return new if new != text else None

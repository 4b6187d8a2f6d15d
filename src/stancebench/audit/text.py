"""What the texts themselves promise: no duplicates, no pet phrases, no real persons."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse

from stancebench.types import Document, Sentence

#: Words that carry no content for `pet_phrases`.
FUNCTION_WORDS = frozenset(
    "a about after all also an and any are as at be been before but by can could did do does for from had"
    " has have he her him his how i if in into is it its me my no nor not of on or our out over she should"
    " so some such than that the their them then there these they this those to too under up us was we"
    " were what when where which while who whom whose will with would you your".split()
)
_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")


class Pair(NamedTuple):
    """Two sentences and how alike they are (Jaccard of character 5-grams, 0 to 1)."""

    first: str
    second: str
    jaccard: float


def similar_pairs(sentences: Sequence[Sentence], least: float) -> list[Pair]:
    """Return all pairs of sentences whose sets of character 5-grams overlap by at least `least`.

    Exact, by one sparse matrix product; case, punctuation and spacing count for nothing.

    Examples
    --------
    >>> a, b = Sentence("d", 0, 9, "We send troops."), Sentence("e", 0, 9, "We send troops!")
    >>> similar_pairs([a, b], 0.5)
    [Pair(first='d:0-9', second='e:0-9', jaccard=1.0)]
    """
    vocabulary: dict[str, int] = {}
    columns: list[int] = []
    starts = [0]
    for sentence in sentences:
        text = " ".join(_WORD.findall(sentence.text.casefold()))
        grams = {text[i : i + 5] for i in range(max(1, len(text) - 4))}
        columns += [vocabulary.setdefault(gram, len(vocabulary)) for gram in grams]
        starts.append(len(columns))
    shape = (len(sentences), len(vocabulary))
    sets = sparse.csr_array((np.ones(len(columns), dtype=np.int32), columns, starts), shape=shape)
    sizes = np.diff(starts)
    shared = sparse.triu(sets @ sets.T, k=1).tocoo()
    jaccard = shared.data / (sizes[shared.row] + sizes[shared.col] - shared.data)
    alike = jaccard >= least
    return [
        Pair(sentences[i].id, sentences[j].id, round(float(value), 3))
        for i, j, value in zip(shared.row[alike], shared.col[alike], jaccard[alike], strict=True)
    ]


def pet_phrases(documents: Iterable[Document], most: int, words: int = 5) -> dict[str, int]:
    """Return the phrases of `words` successive content words that stand in more than `most` documents."""
    found: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        content = [word for word in _WORD.findall(document.text.casefold()) if word not in FUNCTION_WORDS]
        for i in range(len(content) - words + 1):
            found[" ".join(content[i : i + words])].add(document.id)
    return {phrase: len(ids) for phrase, ids in found.items() if len(ids) > most}


def read_names(path: Path) -> list[str]:
    """Return the names of a list, one a line; ``#`` opens a comment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def named_persons(documents: Iterable[Document], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return (document id, name) for each name that stands in a title or text as a whole word."""
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, names)) + r")(?=\b|’)")
    return [
        (document.id, match)
        for document in documents
        for match in pattern.findall(f"{document.title}\n{document.text}")
    ]


def drift(agreement_in_order: Mapping[str, Sequence[float]]) -> list[tuple[int, float, int]]:
    """Return position in an annotator's order, mean share of equal judgements there, and how many.

    Parameters
    ----------
    agreement_in_order : mapping
        For each annotator, the share of judgements equal to the other annotator's, per document, in
        the order in which the annotator judged them.
    """
    by_position: dict[int, list[float]] = defaultdict(list)
    for shares in agreement_in_order.values():
        for position, share in enumerate(shares, start=1):
            by_position[position].append(share)
    return [(p, float(np.mean(v)), len(v)) for p, v in sorted(by_position.items())]

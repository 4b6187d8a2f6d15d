"""Cut a document into sentences with exact character offsets.

`syntok` finds the boundaries inside a line; around it stand three rules for what real documents
hold besides sentences: boilerplate lines, headings and speaker labels are dropped, each with its
reason, and a sentence whose full stop was forgotten is cut where the next one visibly begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stancebench.types import Document, Sentence

#: Longest line (words) that counts as a heading when it lacks final punctuation.
HEADING_WORDS = 12

_BOILERPLATE = re.compile(
    r"(leave a )?comments?( \(\d+\))?|\d+ comments|advertisement|read more.*|related (articles|stories)"
    r"|sign up.*|subscribe.*|follow us.*|most (read|popular)|more from.*|copyright.*|all rights reserved\.?"
    r"|((share|tweet|email|e-mail|print|save|copy link|facebook|twitter|x|linkedin|whatsapp|reddit"
    r"|telegram|this article|on|via|and|by|or)\b[\s,|·•]*)+",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"(?:[A-Z][A-Z0-9 .'’-]{0,40}|@\w+): ")
_FINAL = re.compile(r"[.!?…:;][\"'”’)\]]*$")
#: What a sentence ends in; `syntok` also cuts at some semicolons, which end none.
_STOP = re.compile(r"[.!?…][\"'”’)\]]*$")
# "… and real cash The Government is …": a lower-case content word, then a capitalised determiner or
# pronoun with a lower-case word within the next two. Function words before it ("in The Times") and
# verbs of telling ("told The i Paper") are no sentence ends.
_FORGOTTEN_STOP = re.compile(
    r"(?P<last>\b[a-z]{3,}) (?=(?:The|This|That|These|It|We|They|He|She|But|There)\s(?:[A-Z]?[a-z]+\s)[a-z])"
)
_NO_END = frozenset(
    (
        "a about after against all and any are as asked at because before but by called for from had has"
        " have in into is like near of on or over per quoted read reads said says tells than that the to told"
        " under via was were what when where which while who with wrote"
    ).split()
)


@dataclass(frozen=True)
class Drop:
    """A stretch of text that is no sentence, and why."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Segmentation:
    """Sentences and drops of one document; together they hold every visible character."""

    sentences: tuple[Sentence, ...]
    drops: tuple[Drop, ...]

    @property
    def found(self) -> int:
        """How many stretches were found: kept sentences and drops."""
        return len(self.sentences) + len(self.drops)

    def drop_counts(self) -> dict[str, int]:
        """Return how many stretches were dropped, by reason."""
        counts: dict[str, int] = {}
        for drop in self.drops:
            counts[drop.reason] = counts.get(drop.reason, 0) + 1
        return counts


def segment(document: Document) -> Segmentation:
    r"""Cut `document` into sentences.

    Paragraphs are lines; a quotation that runs over several lines is cut at each of them. Offsets
    are characters of ``document.text``.

    Returns
    -------
    Segmentation
        ``sentences`` in order, and ``drops`` with the reasons ``boilerplate``, ``heading`` (a short
        line without final punctuation) and ``speaker_label`` (``THE CHAIR: `` or ``@handle: ``).

    Examples
    --------
    >>> from stancebench.corpus.documents import sha256_of
    >>> text = "THE CHAIR: Order. Who pays?\nComments"
    >>> found = segment(Document("d", "", "", "", "", "", "", text, sha256_of(text)))
    >>> [sentence.text for sentence in found.sentences], found.drop_counts()
    (['Order.', 'Who pays?'], {'speaker_label': 1, 'boilerplate': 1})
    """
    sentences: list[Sentence] = []
    drops: list[Drop] = []
    offset = 0
    for line in document.text.split("\n"):
        start, end = _trim(line, 0, len(line))
        label = _SPEAKER.match(line, start)
        if label:
            drops.append(Drop(offset + start, offset + label.end() - 1, "speaker_label"))
            start, end = _trim(line, label.end(), len(line))
        reason = _reason_to_drop(line[start:end])
        if reason:
            drops.append(Drop(offset + start, offset + end, reason))
        elif start < end:
            for a, b in _sentence_spans(line, start, end):
                sentences.append(Sentence(document.id, offset + a, offset + b, line[a:b]))
        offset += len(line) + 1
    return Segmentation(tuple(sentences), tuple(drops))


def _trim(line: str, start: int, end: int) -> tuple[int, int]:
    part = line[start:end]
    stripped = part.strip()
    start += len(part) - len(part.lstrip())
    return start, start + len(stripped)


def _reason_to_drop(line: str) -> str | None:
    if not line:
        return None
    if _BOILERPLATE.fullmatch(line):
        return "boilerplate"
    if not _FINAL.search(line) and len(line.split()) <= HEADING_WORDS:
        return "heading"
    return None


def _sentence_spans(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    import syntok.segmenter

    part = line[start:end]
    starts = [
        start + sentence[0].offset
        for paragraph in syntok.segmenter.analyze(part)
        for sentence in paragraph
        if sentence
    ]
    starts = [start, *(a for a in starts[1:] if _STOP.search(line[:a].rstrip()))]
    for a, b in zip(starts, [*starts[1:], end], strict=True):
        yield from _split_forgotten_stop(line, *_trim(line, a, b))


def _split_forgotten_stop(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _FORGOTTEN_STOP.finditer(line, start, end):
        if match["last"] not in _NO_END:
            yield start, match.end("last")
            start = match.end()
    yield start, end

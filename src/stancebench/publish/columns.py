"""The published configurations and what each of their columns holds: for the tables, card and Croissant."""

from __future__ import annotations

from typing import Literal, NamedTuple

from stancebench.dataset.record import CONTRAST_COLUMNS
from stancebench.types import EXAMPLE_COLUMNS, LABELS, SHARE_COLUMNS

Kind = Literal["text", "texts", "number", "share", "flag", "label", "labels"]


class Column(NamedTuple):
    """A column: what kind of value, and what it says."""

    kind: Kind
    about: str


#: Every column by its name, which means the same in each configuration.
COLUMNS: dict[str, Column] = {
    "example_id": Column("text", "sentence and target, or edit and target: the row's own id"),
    "sentence_id": Column("text", "document and character offsets, such as `bs-001:12-197`"),
    "document_id": Column("text", "the document; of an edit, that of its original"),
    "genre": Column("text", "genre of the document"),
    "start": Column("number", "first character of the sentence in its document's text"),
    "end": Column("number", "first character after the sentence"),
    "target": Column("text", "id of the target"),
    "text": Column("text", "the sentence"),
    "context": Column("text", "up to two sentences of the document before it, joined by a space"),
    "label": Column("label", "settled stance of the holder towards the target"),
    "stance": Column("label", "the stance that was chosen"),
    "holder": Column("text", "whose stance it is, as the text names them; `author` for the text's own voice"),
    "tags": Column(
        "texts", "phenomena, such as `negation`; settled: noted by at least half of the annotators"
    ),
    "explicit": Column("flag", "whether the target is named or plainly referred to"),
    "annotator": Column("text", "pseudonym of the annotator"),
    "evidence_start": Column(
        "number", "first character, counted in the sentence, of what carries the stance; null for `none`"
    ),
    "evidence_end": Column("number", "first character after it; null for `none`"),
    "reason": Column("text", "why the settler chose this stance"),
    "settler": Column("text", "pseudonym of the settler"),
    "original_id": Column("text", "`example_id` of the example that was edited"),
    "original_label": Column("label", "settled stance before the edit"),
    "sha256": Column("text", "SHA-256 of the UTF-8 bytes of the article's text"),
    "votes": Column("labels", "the annotators' stances, in alphabetical order of their pseudonyms"),
    **{
        column: Column("share", f"share of the raw judgements that say `{label}`")
        for column, label in zip(SHARE_COLUMNS, LABELS, strict=True)
    },
}

#: Columns of each configuration; `sentences` also has one of kind ``label`` for each target.
LAYOUT: dict[str, tuple[str, ...]] = {
    "default": (*EXAMPLE_COLUMNS, *SHARE_COLUMNS),
    "sentences": ("sentence_id", "document_id", "genre", "start", "end", "text", "context", "holder", "tags"),
    "judgements": (
        "sentence_id", "document_id", "annotator", "target", "stance", "explicit", "evidence_start",
        "evidence_end", "holder", "tags",
    ),
    "settlements": ("sentence_id", "document_id", "target", "stance", "reason", "settler"),
    "contrast": (*CONTRAST_COLUMNS, *SHARE_COLUMNS),
    "article": (
        "document_id", "sha256", "sentence_id", "start", "end", "target", "label", "explicit", "tags",
        "votes",
    ),
}  # fmt: skip

#: What one row of each configuration is.
ROWS: dict[str, str] = {
    "default": "one sentence and one target, with the settled stance",
    "sentences": "one sentence, with its settled stance on every target",
    "judgements": "one annotator's raw judgement of one sentence and target, in that annotator's order",
    "settlements": "the third reader's decision on a disagreement, with its reason",
    "contrast": "a test sentence edited in few words so that its stance on one target changes",
    "article": "offsets into a real article, with the settled stance; no text",
}


def features(columns: dict[str, Column]) -> dict[str, object]:
    """Return the `datasets` features of columns, labels with their names."""
    from datasets import ClassLabel, Value
    from datasets import List as ListOf

    label = ClassLabel(names=list(LABELS))
    of_kind: dict[Kind, object] = {
        "text": Value("string"),
        "texts": ListOf(Value("string")),
        "number": Value("int32"),
        "share": Value("float64"),
        "flag": Value("bool"),
        "label": label,
        "labels": ListOf(label),
    }
    return {name: of_kind[column.kind] for name, column in columns.items()}

"""article: trained on Backstop, tested on the real article, whose text is not ours to give."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from stancebench.dataset.backstop import NAME, load_backstop
from stancebench.dataset.record import Dataset, read_examples
from stancebench.errors import UserError
from stancebench.paths import built_folder


def load_article() -> Dataset:
    """Return the article's examples as a dataset that is all test part.

    Raises
    ------
    UserError
        Where the examples were not built from the article's text, or before the data changed.
    """
    backstop = load_backstop()
    folder = built_folder(NAME)
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))["article"]
    if record is None:
        raise UserError(
            "protocol=article: the article's text is not here, only our judgements of it are",
            hint="stancebench data build --article FILE, where FILE is your own copy of the article",
        )
    examples = read_examples(folder / "article.parquet")
    return replace(
        backstop,
        name="article",
        examples=examples,
        contrast=backstop.contrast.take(np.array([], dtype=int)),
        fingerprint=record["fingerprint"],
        split=dict.fromkeys(examples["example_id"], "test"),
    )

"""Write the test or training part of the ARC stance corpus as a table that `dataset=table` reads.

`python experiments/main/arc_table.py FOLDER PART OUTPUT.csv`, where FOLDER holds the three CSV files of
https://github.com/UKPLab/coling2018_fake-news-challenge (Hanselowski et al. 2018, COLING; Apache-2.0) and
PART is `train` or `test`. A headline is the target, a user's comment the text. The corpus's two parts share
most comments and all headlines, since its unrelated pairs are drawn from both: never train on one and test
on the other here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

#: Comments that discuss a headline without a side, and those on another subject, both take no stance.
LABELS = {"agree": "favor", "disagree": "against", "discuss": "none", "unrelated": "none"}


def arc_table(folder: Path, part: str) -> pd.DataFrame:
    """Return columns text, target, label, document_id (the comment's), and split of the test part."""
    bodies = pd.read_csv(folder / "arc_bodies.csv").set_index("Body ID")["articleBody"]
    stances = pd.read_csv(folder / f"arc_stances_{part}.csv")
    table = pd.DataFrame(
        {
            "text": stances["Body ID"].map(bodies),
            "target": stances["Headline"],
            "label": stances["Stance"].map(LABELS),
            "document_id": stances["Body ID"].astype(str),
        }
    )
    # All of the test part is tested on; the training part is split anew, by comment.
    return table.assign(split="test") if part == "test" else table


if __name__ == "__main__":
    arc_table(Path(sys.argv[1]), sys.argv[2]).to_csv(sys.argv[3], index=False)

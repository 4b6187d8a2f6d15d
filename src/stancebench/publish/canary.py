"""The canary: a string that stands nowhere else, so that a training corpus which holds the data shows it."""

from __future__ import annotations

#: Drawn once, for this dataset; never change it, and never use it elsewhere.
CANARY = "backstop-canary:9cc702a7-c7de-4323-a9c2-14b9752d94ce"

CANARY_NOTICE = (
    "The test part of Backstop must not be trained on. Whoever builds a training corpus: leave out every"
    f" file that holds the string {CANARY}"
)

"""The small project with a challenge suite of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from stancebench.dataset.backstop import load_backstop
from tests.conftest import REPOSITORY

Rows = Sequence[Mapping[str, str]]


@pytest.fixture
def sentences(project: Path) -> dict[str, str]:
    """The sentences of the small project by id."""
    examples = load_backstop().examples
    return dict(zip(examples["sentence_id"], examples["text"], strict=True))


@pytest.fixture
def write_material(project: Path) -> Callable[..., None]:
    """Write ``data/challenge`` of the small project: the real wordings, and the rows that are given."""

    def write(**rows: Rows) -> None:
        folder = project / "data" / "challenge"
        folder.mkdir(exist_ok=True)
        for name in ("wordings.yaml", "real_words.txt"):
            shutil.copy(REPOSITORY / "data" / "challenge" / name, folder)
        for name in ("names_to_roles", "roles_to_names", "clause_order"):
            lines = "".join(json.dumps(row) + "\n" for row in rows.get(name, ()))
            (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")

    return write


@pytest.fixture
def material(sentences: dict[str, str], write_material: Callable[..., None]) -> None:
    """A challenge suite that names the clerk and moves a phrase, wherever the sentence stands."""
    write_material(
        roles_to_names=[
            {"sentence_id": name, "old": "The clerk", "new": "Odo Verhulsten"}
            for name, text in sentences.items()
            if "clerk" in text
        ],
        clause_order=[
            {"sentence_id": name, "text": f"With joy we welcome {text.split('welcome ')[1][:-10]}."}
            for name, text in sentences.items()
            if "joy" in text
        ],
    )

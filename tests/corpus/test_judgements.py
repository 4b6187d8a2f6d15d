"""Raw judgements: every fault is found on reading, with its file and line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stancebench.corpus.documents import read_document
from stancebench.corpus.judgements import append_judgements, manifest_entry, read_annotations
from stancebench.corpus.targets import read_targets
from stancebench.errors import UserError
from tests.conftest import REPOSITORY


def read(project: Path) -> Any:
    targets = read_targets(project / "data" / "targets.yaml")
    return read_annotations(project / "data" / "annotations", targets)


def change(project: Path, line: int, edit: Callable[[dict[str, Any]], None]) -> None:
    path = project / "data" / "annotations" / "judgements" / "ann.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    row = json.loads(lines[line - 1])
    edit(row)
    lines[line - 1] = json.dumps(row)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_sound_judgements_are_read(project: Path) -> None:
    assert len(read(project).judgements) == 12 * 4 * 3 * 2


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda row: row.update(stance="pro"), "ann.jsonl:2: stance: Input should be 'against', 'none'"),
        (lambda row: row.update(sentence_id="doc-00:0-9"), "ann.jsonl:2: unknown sentence 'doc-00:0-9'"),
        (lambda row: row.update(evidence=[0, 9999]), "ann.jsonl:2: evidence [0, 9999] lies outside"),
        (lambda row: row.update(evidence=None), "ann.jsonl:2: evidence must be given"),
        (lambda row: row.update(target="x"), "ann.jsonl:2: unknown target 'x' (known: european_troops"),
        (lambda row: row.update(target="european_troops"), "judged doc-00:0-39 for european_troops already"),
        (lambda row: row.update(tags=["irony"]), "ann.jsonl:2: tags.0: Input should be"),
        (lambda row: row.update(annotator="cat"), "annotator 'cat' in the file of 'ann'"),
        (lambda row: row.update(note="hm"), "ann.jsonl:2: note: Extra inputs are not permitted"),
        (lambda row: row.update(holder="someone"), "different holders or tags on its rows"),
        (lambda row: row.pop("target"), "ann.jsonl:2: target: Field required"),
    ],
)
def test_faults_name_file_and_line(project: Path, edit: Callable[[dict[str, Any]], None], said: str) -> None:
    change(project, 2, edit)
    with pytest.raises(UserError) as fault:
        read(project)
    assert said in str(fault.value)


def test_two_of_three_targets_are_not_enough(project: Path) -> None:
    path = project / "data" / "annotations" / "judgements" / "ann.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[1:]) + "\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"ann.jsonl:1: doc-00:0-39 is not judged for european_troops"):
        read(project)


def test_a_document_that_changed_takes_no_more_judgements(project: Path) -> None:
    path = project / "seeds" / "doc-00.txt"
    before = read(project).judgements
    path.write_text(path.read_text(encoding="utf-8").replace("joy", "Joy"), encoding="utf-8")
    rows = [row.model_copy(update={"annotator": "cat"}) for row in before if row.document_id == "doc-00"][:12]
    targets = read_targets(project / "data" / "targets.yaml")
    with pytest.raises(UserError, match="another text or segmentation"):
        append_judgements(
            project / "data" / "annotations", manifest_entry(read_document(path)), rows, targets
        )
    assert read(project).judgements == before


def test_the_committed_annotations_hold() -> None:
    annotations = read(REPOSITORY)
    assert {len(entry.sentences) for name, entry in annotations.manifest.items() if "article" in name} == {40}

"""What is written for the suite: the committed files hold, and every fault is named with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from stancebench.challenge.material import read_material
from stancebench.corpus.documents import read_seeds
from stancebench.corpus.sentences import segment
from stancebench.corpus.targets import read_targets
from stancebench.errors import UserError
from tests.conftest import REPOSITORY


def test_the_committed_suite_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEBENCH_ROOT", str(REPOSITORY))
    targets = read_targets(REPOSITORY / "data" / "targets.yaml")
    sentences = {s.id: s.text for d in read_seeds(REPOSITORY / "seeds") for s in segment(d).sentences}
    material = read_material(targets, sentences)
    for target in targets:
        own = material.wordings[target.id]
        assert len({target.name, *(wording.name for wording in own)}) == 6
        assert len({target.definition, *(wording.definition for wording in own)}) == 6
    assert {name: len(texts) for name, texts in material.texts.items()} == {
        "names_to_roles": 103,
        "roles_to_names": 64,
        "clause_order": 102,
    }
    assert "singed" in material.real_words  # "signed" with two letters swapped


def test_no_invented_name_is_of_a_real_person() -> None:
    lines = (REPOSITORY / "data" / "real_persons.txt").read_text(encoding="utf-8").splitlines()
    written = (REPOSITORY / "data" / "challenge" / "roles_to_names.jsonl").read_text(encoding="utf-8")
    assert not [name for name in lines if name and not name.startswith("#") and name in written]


def test_every_fault_is_named_with_its_place(
    project: Path, sentences: dict[str, str], write_material: Callable[..., None]
) -> None:
    joy, anger = list(sentences)[:2]
    write_material(
        names_to_roles=[
            {"sentence_id": "doc-99:0-1", "old": "a", "new": "b"},
            {"sentence_id": joy, "old": "e", "new": "b"},
            {"sentence_id": anger, "old": "anger", "new": "anger"},
        ],
        roles_to_names=[{"sentence_id": joy, "old": "joy", "new": "Joy"}] * 2,
        clause_order=[
            {"sentence_id": joy, "text": "Not the same words."},
            {"sentence_id": anger, "text": sentences[anger]},
        ],
    )
    path = project / "data" / "challenge" / "wordings.yaml"
    wordings = yaml.safe_load(path.read_text(encoding="utf-8"))
    wordings["us_backstop"].pop()
    wordings["going_it_alone"][1]["name"] = "Europe going it alone"
    wordings["tea"] = []
    path.write_text(yaml.safe_dump(wordings), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_material(read_targets(project / "data" / "targets.yaml"), sentences)
    assert caught.value.problems == [
        "wordings.yaml: us_backstop has 4 wordings, not 5",
        "wordings.yaml: going_it_alone: 'Europe going it alone' stands twice",
        "wordings.yaml: unknown target tea",
        "names_to_roles.jsonl:1: unknown sentence doc-99:0-1",
        f"names_to_roles.jsonl:2: 'e' stands {sentences[joy].count('e')} times in the sentence, not once",
        "names_to_roles.jsonl:3: nothing is replaced",
        f"roles_to_names.jsonl:2: {joy} stands twice",
        "clause_order.jsonl:1: not the words of the sentence",
        "clause_order.jsonl:2: the order is the sentence's own",
    ]


def test_missing_and_unreadable_files_are_named(
    project: Path, sentences: dict[str, str], write_material: Callable[..., None]
) -> None:
    targets = read_targets(project / "data" / "targets.yaml")
    with pytest.raises(UserError, match="missing") as caught:
        read_material(targets, sentences)
    assert len(caught.value.problems) == 5
    write_material()
    (project / "data" / "challenge" / "wordings.yaml").write_text("us_backstop: [{title: x}]")
    with pytest.raises(UserError, match="not a list of wordings"):
        read_material(targets, sentences)

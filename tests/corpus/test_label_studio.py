"""Label Studio: a configuration it accepts, and its export back with every check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from stancebench.cli import main
from stancebench.corpus.documents import read_document
from stancebench.types import LABELS
from tests.conftest import seed_text

#: Label Studio's control tags and the object tag they may point to, with the attributes it requires.
CONTROLS = {"Choices": {"name", "toName"}, "Labels": {"name", "toName"}, "TextArea": {"name", "toName"}}


@pytest.fixture
def tasks(project: Path) -> list[dict[str, Any]]:
    path = project / "seeds" / "new.txt"
    path.write_text(seed_text("new", "Send them now. The clerk wrote it down."), encoding="utf-8")
    assert main(["data", "export", "new", "--format", "label-studio"]) == 0
    found: list[dict[str, Any]] = json.loads(
        (project / "tasks" / "label-studio-tasks.json").read_text("utf-8")
    )
    return found


def result(name: str, kind: str, **value: Any) -> dict[str, Any]:
    return {"id": "x", "from_name": name, "to_name": "sentence", "type": kind, "value": value}


def annotation(who: int, stance: str, **span: Any) -> dict[str, Any]:
    """What Label Studio exports of one completed task; only european_troops takes a stance."""
    results = [result(f"stance-{t}", "choices", choices=["none"]) for t in ("us_backstop", "going_it_alone")]
    results.append(result("stance-european_troops", "choices", choices=[stance]))
    if span:
        results.append(result("evidence", "labels", labels=["european_troops"], text="x", **span))
        results.append(result("explicit-european_troops", "choices", choices=["explicit"]))
        results.append(result("tags", "choices", choices=["hedge"]))
        results.append(result("holder", "textarea", text=["the mayor"]))
    return {"id": who, "completed_by": who, "was_cancelled": False, "result": results, "lead_time": 3.1}


def test_the_configuration_is_well_formed(project: Path, tasks: list[dict[str, Any]]) -> None:
    view = ElementTree.fromstring((project / "tasks" / "label-studio-config.xml").read_text("utf-8"))
    assert view.tag == "View"
    objects = {text.get("name"): text.get("value") for text in view.iter("Text")}
    assert set(objects.values()) <= {f"${name}" for name in tasks[0]["data"]}
    names = [element.get("name") for element in view.iter() if element.get("name")]
    assert len(names) == len(set(names))
    for tag, required in CONTROLS.items():
        for control in view.iter(tag):
            assert required <= set(control.attrib)
            assert control.get("toName") in objects
    stances = [c for c in view.iter("Choices") if str(c.get("name")).startswith("stance-")]
    assert [[v.get("value") for v in c] for c in stances] == [list(LABELS)] * 3


def test_the_export_comes_back_as_judgements(project: Path, tasks: list[dict[str, Any]]) -> None:
    tasks[0]["annotations"] = [annotation(7, "favor", start=0, end=9), annotation(8, "none")]
    tasks[1]["annotations"] = [annotation(7, "none"), {**annotation(8, "none"), "was_cancelled": True}]
    path = project / "export.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    assert main(["data", "import", str(path), "--format", "label-studio"]) == 0
    file = project / "data" / "annotations" / "judgements" / "label-studio-7.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 6
    assert rows[0] == {
        "sentence_id": "new:0-14",
        "annotator": "label-studio-7",
        "target": "european_troops",
        "stance": "favor",
        "explicit": True,
        "evidence": [0, 9],
        "holder": "the mayor",
        "tags": ["hedge"],
    }
    assert read_document(project / "seeds" / "new.txt").text[0:9] == "Send them"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"annotations": [annotation(7, "pro", start=0, end=4)]},
            "task 1: european_troops: stance: Input should be",
        ),
        ({"annotations": [annotation(7, "favor")]}, "task 1: european_troops: mark evidence"),
        (
            {"annotations": [annotation(7, "favor", start=5, end=99)]},
            "the evidence lies outside the sentence",
        ),
        ({"data": {"sentence_id": "new:1-2", "sha256": ""}}, "'new:1-2' is no sentence of these documents"),
        ({"annotations": "none"}, "not a JSON export of Label Studio"),
    ],
)
def test_faults_of_an_export(
    project: Path,
    tasks: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    change: dict[str, Any],
    said: str,
) -> None:
    for task in tasks:
        task["annotations"] = []
    tasks[0] |= change
    path = project / "export.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    assert main(["data", "import", str(path), "--format", "label-studio"]) == 1
    assert said in capsys.readouterr().err

"""Sheets out, answers in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stancebench.cli import main
from stancebench.corpus.documents import read_document
from stancebench.corpus.sheets import read_answers, write_sheet
from stancebench.corpus.targets import read_targets
from stancebench.errors import UserError
from tests.conftest import seed_text

NONE = ["none", False, ""]


def answers(project: Path, *changes: dict[str, object]) -> Path:
    document = read_document(project / "seeds" / "new.txt")
    head = {"document": document.id, "sha256": document.sha256, "annotator": "cat"}
    row = {"holder": "", "tags": [], "european_troops": NONE, "us_backstop": NONE, "going_it_alone": NONE}
    lines = [head, *({**row, "n": n, **change} for n, change in enumerate(changes, start=1))]
    path = project / "new.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


@pytest.fixture
def new(project: Path) -> Path:
    path = project / "seeds" / "new.txt"
    path.write_text(
        seed_text("new", "MAYOR: Send them. I will not go.\nThe clerk wrote it down."), encoding="utf-8"
    )
    return project


def test_a_sheet_shows_the_whole_text_with_numbers(new: Path) -> None:
    sheet = write_sheet(read_document(new / "seeds" / "new.txt"))
    assert "MAYOR: [1] Send them. [2] I will not go.\n[3] The clerk wrote it down." in sheet


def test_answers_become_judgements_with_offsets(new: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = {"european_troops": ["against", True, "will not go"], "tags": ["negation"], "holder": "the mayor"}
    path = answers(new, {}, given, {})
    assert main(["data", "import", "--dry-run", str(path)]) == 0
    assert not (new / "data" / "annotations" / "judgements" / "cat.jsonl").exists()
    assert main(["data", "import", str(path)]) == 0
    rows = (
        (new / "data" / "annotations" / "judgements" / "cat.jsonl").read_text(encoding="utf-8").splitlines()
    )
    row = json.loads(rows[3])
    text = read_document(new / "seeds" / "new.txt").text
    assert text[slice(*row["evidence"])] == "will not go"
    assert main(["data", "import", str(path)]) == 1
    assert "judged new:7-17 for european_troops already" in capsys.readouterr().err
    assert len(rows) == 9


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"european_troops": ["pro", True, "go"]}, "new.jsonl:3: european_troops: stance: Input should be"),
        (
            {"european_troops": ["favor", True, "not here"]},
            "evidence is not a part of the sentence: 'not here'",
        ),
        ({"european_troops": ["favor", True, ""]}, "evidence must be given for favor and against"),
        ({"us_backstop": None}, "new.jsonl:3: us_backstop: no [stance, explicit, evidence]"),
        ({"us_bakstop": NONE}, "unknown keys us_bakstop"),
        ({"n": 7}, "new.jsonl:3: not an answer to a sentence of the sheet"),
        ({"n": 1}, "new.jsonl:3: sentence 1 is answered twice"),
    ],
)
def test_faults_in_answers(new: Path, change: dict[str, object], said: str) -> None:
    targets = read_targets(new / "data" / "targets.yaml")
    with pytest.raises(UserError) as fault:
        read_answers(answers(new, {}, change, {}), read_document(new / "seeds" / "new.txt"), targets)
    assert said in str(fault.value)

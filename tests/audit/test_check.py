"""The audit of the committed data, and that it can fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stancebench.audit.check import _agreement
from stancebench.cli import main
from stancebench.dataset.backstop import load_backstop
from tests.conftest import REPOSITORY


def test_the_committed_data_keep_every_promise(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STANCEBENCH_ROOT", str(REPOSITORY))
    status = main(["data", "audit"])
    printed = capsys.readouterr().out
    assert status == 0, [line for line in printed.splitlines() if line.startswith("NO")]
    for said in (
        "seed documents",
        "largest genre",
        "text without its target",
        "least detectable difference",
        "contrast edits",
        "alpha, us_backstop",
        "document 1 in order",
        "names of real persons",
    ):
        assert said in printed


def test_a_small_dataset_falls_short(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "data" / "real_persons.txt").write_text("Welcome\nWe\n", encoding="utf-8")
    answers = project / "data" / "reread.jsonl"
    assert main(["data", "reread", "--output", str(answers)]) == 0
    text = answers.read_text(encoding="utf-8")
    assert main(["data", "reread", "--answers", str(answers)]) == 1
    assert "reread.jsonl:1: not a drawn pair with a stance" in capsys.readouterr().err
    answers.write_text(text.replace('"stance": ""', '"stance": "none"'), encoding="utf-8")
    assert main(["data", "reread", "--answers", str(answers)]) == 0
    gold = load_backstop().examples
    drawn = [json.loads(line) for line in text.splitlines()]
    label_of = {(row["sentence_id"], row["target"]): row["label"] for row in gold.rows()}
    none = sum(label_of[form["sentence_id"], form["target"]] == "none" for form in drawn)
    assert f"{none} of 50 pairs are judged as in gold" in capsys.readouterr().out
    assert main(["data", "audit"]) == 1
    failed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("NO")]
    for said in ("seed documents", "genres", "us_backstop: against", "names of real persons", "test pairs"):
        assert any(said in line for line in failed), said


def test_without_a_re_reading_the_promise_is_not_kept(project: Path) -> None:
    (project / "data" / "real_persons.txt").write_text("Nobody\n", encoding="utf-8")
    (check,) = [c for c in _agreement(load_backstop()) if "read afresh" in c.what]
    assert (check.found, check.holds) == ("0", False)

"""Building Backstop: labels by name, stable fingerprint, rebuilt when its sources change."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from stancebench.cli import main
from stancebench.dataset.backstop import build, load_backstop
from stancebench.dataset.record import fingerprint, read_examples
from stancebench.errors import UserError
from stancebench.types import EXAMPLE_COLUMNS, LABELS, SHARE_COLUMNS


def test_examples_carry_their_gold_label_and_context(project: Path) -> None:
    dataset = load_backstop()
    assert len(dataset.examples) == 12 * 4 * 3
    rows = [row for row in dataset.examples.rows() if row["document_id"] == "doc-00"]
    assert tuple(rows[0]) == (*EXAMPLE_COLUMNS, *SHARE_COLUMNS)
    assert [row["label"] for row in rows[3:6]] == ["against", "none", "against"]
    third = rows[6]
    assert (
        third["context"] == "We welcome the plan of week 0 with joy. We reject the plan of week 0 with anger."
    )
    assert third["example_id"] == f"{third['sentence_id']}:european_troops"


def test_shares_are_of_the_raw_judgements_and_move_no_fingerprint(project: Path) -> None:
    before = load_backstop()
    row = before.examples.take([0])
    assert [row[name][0] for name in SHARE_COLUMNS] == [0, 0, 1]
    judgements = project / "data" / "annotations" / "judgements" / "ben.jsonl"
    lines = judgements.read_text(encoding="utf-8").splitlines()
    changed = json.loads(lines[0]) | {"stance": "none", "explicit": False, "evidence": None}
    judgements.write_text("\n".join([json.dumps(changed), *lines[1:]]) + "\n", encoding="utf-8")
    settled = {name: changed[name] for name in ("sentence_id", "target")}
    settled |= {"stance": "favor", "reason": "welcome is a word of praise", "settler": "cem"}
    settlements = project / "data" / "annotations" / "settlements.jsonl"
    settlements.write_text(json.dumps(settled) + "\n", encoding="utf-8")
    after = load_backstop()
    row = after.examples.select([f"{changed['sentence_id']}:{changed['target']}"])
    assert row["label"][0] == "favor"
    assert [row[name][0] for name in SHARE_COLUMNS] == [0, 0.5, 0.5], "the settlement is no third vote"
    assert after.fingerprint == before.fingerprint


def test_the_parquet_names_its_labels(project: Path) -> None:
    record = build()
    path = project / "data" / "built" / "backstop" / "examples.parquet"
    loaded = load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(project / "cache"))
    assert loaded.features["label"].names == list(LABELS)
    assert record.labels["us_backstop"] == {"against": 0, "none": 24, "favor": 24}
    pq.write_table(pq.read_table(path).replace_schema_metadata({}), path)
    with pytest.raises(UserError, match="names no labels"):
        read_examples(path)


def test_a_changed_source_is_noticed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = load_backstop()
    capsys.readouterr()
    assert load_backstop().fingerprint == first.fingerprint
    assert "building" not in capsys.readouterr().err
    seed = project / "seeds" / "doc-00.txt"
    seed.write_text(seed.read_text(encoding="utf-8").replace("joy", "Joy"), encoding="utf-8")
    with pytest.raises(UserError, match=r"doc-00: sha256 .*, annotated was "):
        load_backstop()


def test_the_fingerprint_sees_content_and_not_order(project: Path) -> None:
    examples = load_backstop().examples
    order = list(range(len(examples)))[::-1]
    assert fingerprint(examples.take(order)) == fingerprint(examples)
    examples["label"][0] = "none"
    assert fingerprint(examples) != load_backstop().fingerprint


def test_build_says_what_it_kept(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "build"]) == 0
    printed = capsys.readouterr().out
    assert "12 documents, 48 stretches found: 48 sentences kept, dropped none" in printed
    assert main(["data", "agreement"]) == 0
    assert "1.000" in capsys.readouterr().out

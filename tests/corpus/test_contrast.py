"""The contrast set: checked, annotated like the rest, scored as consistency."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stancebench.cli import main
from stancebench.corpus.contrast import read_contrasts
from stancebench.corpus.documents import read_seeds
from stancebench.corpus.exchange import sources
from stancebench.corpus.judgements import append_judgements, manifest_entry
from stancebench.corpus.targets import read_targets
from stancebench.dataset.backstop import build, load_backstop
from stancebench.errors import UserError
from stancebench.evaluate.scores import MEAN, POOLED, score_consistency
from stancebench.predictions import read_predictions
from stancebench.run import execute
from tests.conftest import judgement
from tests.test_run import composed


def write_edits(project: Path, *rows: dict[str, Any]) -> Path:
    path = project / "data" / "contrast" / "edits.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def edits_of(project: Path, verb: str) -> list[dict[str, Any]]:
    """One edit of the first sentence of every document."""
    return [
        {
            "sentence_id": f"{document.id}:0-{len(line)}",
            "target": "us_backstop",
            "text": line.replace("welcome", verb),
        }
        for document in read_seeds(project / "seeds")
        for line in [document.text.split("\n")[0]]
    ]


def annotate(project: Path, stance: str) -> None:
    targets = read_targets(project / "data" / "targets.yaml")
    for document in sources().documents.values():
        if document.id.startswith("contrast-"):
            entry = manifest_entry(document)
            for annotator in ("cat", "dan"):
                rows = [
                    judgement(f"{document.id}:{a}-{b}", annotator, target.id, stance, evidence=(a, b))
                    for a, b in entry.sentences
                    for target in targets
                ]
                append_judgements(project / "data" / "annotations", entry, rows, targets)


def test_faults_of_edits(project: Path) -> None:
    (good, other, *_) = edits_of(project, "abhor")
    path = write_edits(
        project,
        {**good, "text": good["text"] + " And more."},
        {**other, "text": other["text"].replace("abhor", "welcome")},
        {**other, "sentence_id": "doc-00:1-2"},
    )
    with pytest.raises(UserError) as fault:
        read_contrasts(path, read_seeds(project / "seeds"))
    for said in ("edits.jsonl:2: doc-01:0-39: the text is not new", "edits.jsonl:3: unknown sentence",
                 "an edit of doc-00 is not cut as one sentence"):  # fmt: skip
        assert said in str(fault.value)


def test_the_sheet_shows_the_text_before_the_edit(project: Path) -> None:
    line = "We reject the plan of week 0 with anger."
    edit = {"sentence_id": "doc-00:40-80", "target": "us_backstop", "text": line.replace("reject", "like")}
    write_edits(project, edit)
    assert main(["data", "export", "contrast-doc-00"]) == 0
    sheet = (project / "tasks" / "contrast-doc-00.sheet.txt").read_text(encoding="utf-8")
    assert "We welcome the plan of week 0 with joy.\n\n[1] We like the plan" in sheet
    assert "anger" in sheet
    assert "reject" not in sheet


def test_an_edit_without_effect_is_counted_and_left_out(project: Path) -> None:
    write_edits(project, *edits_of(project, "greet"))
    annotate(project, "favor")
    assert build().contrast == {"edits": 12, "kept": 0}


def test_a_run_predicts_the_edits_of_its_test_part_and_scores_consistency(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_edits(project, *edits_of(project, "abhor"))
    annotate(project, "against")
    assert build().contrast == {"edits": 12, "kept": 12}
    row = next(load_backstop().contrast.rows())
    assert (row["label"], row["original_label"], row["document_id"]) == ("against", "favor", "doc-00")
    folder = execute(composed(model={"label": "prior", "name": "prior"}))
    predictions = read_predictions(folder / "predictions.parquet")
    tested = set(predictions.part("test")["document_id"])
    assert set(predictions.part("contrast")["document_id"]) == tested
    scores = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["scores"]
    (pooled,) = [s for s in scores if (s["metric"], s["group"]) == ("consistency", "pooled")]
    assert pooled["n"] == len(tested)
    assert main(["report", "runs", "--output", "out"]) == 0
    table = Path("out/contrast.csv").read_text(encoding="utf-8")
    assert f"{pooled['value']:.3f}" in table
    capsys.readouterr()
    assert main(["compare", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "contrast" in shown
    assert f"{pooled['value']:.3f}" in shown


def test_consistency_by_hand() -> None:
    test = {
        "fold": ["a"] * 4,
        "example_id": ["1", "2", "3", "4"],
        "gold": ["favor", "favor", "against", "none"],
        "predicted": ["favor", "none", "against", "none"],
    }
    contrast = {
        "fold": ["a"] * 3,
        "original_id": ["1", "2", "3"],
        "document_id": ["d", "d", "e"],
        "target": ["s", "s", "t"],
        "gold": ["against", "against", "favor"],
        "predicted": ["against", "against", None],
    }
    scores = score_consistency(test, contrast, resamples=200)
    found = {s.group: s for s in scores if s.metric == "consistency"}
    (flips,) = [s for s in scores if (s.metric, s.group) == ("flip_rate", POOLED)]
    assert flips.value == pytest.approx(2 / 3)  # the last pair has no second answer
    assert found[POOLED].value == pytest.approx(1 / 3)  # only the first pair is right on both sides
    assert (found["s"].value, found["t"].value, found[MEAN].value) == (0.5, 0.0, 0.25)
    assert (found[POOLED].n, found["s"].n) == (3, 2)

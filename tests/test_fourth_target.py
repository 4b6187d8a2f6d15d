"""A fourth target: one entry in the list and a round of annotation, no code (docs/new-target.md)."""

from __future__ import annotations

import json
from pathlib import Path

from stancebench.cli import main
from stancebench.dataset.backstop import load_backstop
from stancebench.run import execute
from tests.test_run import composed

ENTRY = """
- id: minerals_deal
  name: the minerals deal
  definition: A deal that gives the United States a share in Ukraine's minerals.
  favor: wants it
  against: rejects it
  round: 2
"""


def test_a_fourth_target_from_list_to_scores(project: Path) -> None:
    with (project / "data" / "targets.yaml").open("a", encoding="utf-8") as file:
        file.write(ENTRY)
    assert len(load_backstop().examples) == 12 * 4 * 3  # the new target has no judgements yet

    assert main(["data", "export", "--round", "2"]) == 0
    for annotator in ("eva", "fay"):
        files = []
        for sheet in sorted((project / "tasks").glob("doc-*.sheet.txt")):
            lines = [
                json.loads(sheet.read_text(encoding="utf-8").split("\n", 1)[0]) | {"annotator": annotator}
            ]
            for n in range(1, 5):
                stance = ["favor", True, "We"] if n == 1 else ["none", False, ""]
                lines.append({"n": n, "holder": "", "tags": [], "minerals_deal": stance})
            path = project / f"{annotator}-{sheet.stem}.jsonl"
            path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
            files.append(str(path))
        assert main(["data", "import", "--round", "2", *files]) == 0

    examples = load_backstop().examples
    assert len(examples) == 12 * 4 * 4
    labels = examples["label"][examples["target"] == "minerals_deal"]
    assert list(labels[:4]) == ["favor", "none", "none", "none"]
    folder = execute(composed())
    scores = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["scores"]
    assert "minerals_deal" in {score["group"] for score in scores}

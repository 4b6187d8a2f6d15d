"""A model from outside the package, as docs/own-model.md registers it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY


def test_the_pipeline_of_the_page_is_trained_scored_and_loaded(project: Path) -> None:
    page = (REPOSITORY / "docs" / "own-model.md").read_text(encoding="utf-8")
    for code in re.findall(r"```python\n# (\w+\.py)\n(.*?)```", page, re.DOTALL):
        (project / code[0]).write_text(code[1], encoding="utf-8")
    arguments = ["model=custom", "model.name=bag_of_words", "model.label=mine", "+model.C=2.0"]

    def call(*changes: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "train_mine.py", *arguments, *changes]
        return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)

    done = call()
    assert done.returncode == 0, done.stderr
    (folder,) = (project / "runs" / "backstop" / "in_target" / "mine").iterdir()
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["identity"]["model"]["params"] == {"C": 2.0}
    assert "complete already" in call().stderr
    wrong = call("+model.gamma=1")
    assert wrong.returncode == 1
    assert "model.gamma: bag_of_words takes no such parameter" in wrong.stderr

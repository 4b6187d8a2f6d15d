"""Stages import only stages to their left, and nothing heavy before it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PACKAGE = REPOSITORY / "src" / "stancebench"
#: The flow, left to right; a stage may import itself and what stands before it.
ORDER = (
    "errors",
    "types",
    "files",
    "paths",
    "registry",
    "corpus",
    "dataset",
    "protocol",
    "model",
    "predictions",
    "evaluate",
    "config",
    "identity",
    "audit",
    "record",
    "saved",
    "fit",
    "predict",
    "scoring",
    "tracking",
    "run",
    "challenge",
    "report",
    "catalogue",
    "sweep",
    "search",
    "publish",
    "cli",
)
#: What only names a type may point to the right.
TYPE_ONLY = {("dataset", "config"), ("protocol", "config")}
HEAVY = (
    "torch",
    "transformers",
    "datasets",
    "sklearn",
    "scipy",
    "pandas",
    "matplotlib",
    "trackio",
    "mlflow",
    "wandb",
)


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("stancebench"):
            tail = node.module.split(".")[1:]
            found |= {tail[0]} if tail else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_stage_imports_only_to_its_left(path: Path) -> None:
    stage = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if stage == "__init__":
        return
    for imported in imports(path):
        allowed = ORDER.index(imported) <= ORDER.index(stage) or (stage, imported) in TYPE_ONLY
        assert allowed, f"{path.name} ({stage}) imports {imported}, which stands to its right"


def test_evaluate_knows_no_model_and_no_dataset() -> None:
    for path in (PACKAGE / "evaluate").glob("*.py"):
        assert imports(path) <= {"types", "evaluate"}, path


@pytest.mark.parametrize(
    "arguments", [["train.py", "--help"], ["train.py", "model=majority"], ["-m", "stancebench.cli", "--help"]]
)
def test_nothing_heavy_is_imported(project: Path, arguments: list[str]) -> None:
    subprocess.run([sys.executable, "-m", "stancebench.cli", "data", "build"], cwd=project, check=True)
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "import time" in line}
    assert "stancebench" in modules
    assert not modules & set(HEAVY)

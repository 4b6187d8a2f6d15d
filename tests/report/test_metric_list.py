"""The list of metrics: complete, and the same as in the committed page."""

from __future__ import annotations

import pytest

from stancebench.cli import main
from stancebench.evaluate.metrics import METRICS
from tests.conftest import REPOSITORY


def test_the_committed_page_has_the_generated_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics"]) == 0
    table = capsys.readouterr().out
    for name, metric in METRICS.items():
        (row,) = [line for line in table.splitlines() if f"| `{name}` " in line]
        assert metric.definition in row
        assert ("↑" in row) == (metric.better == "higher")
    page = (REPOSITORY / "docs" / "statistics.md").read_text(encoding="utf-8")
    assert page.endswith(f"\n\n{table}"), "the end of docs/statistics.md is what `stancebench metrics` prints"

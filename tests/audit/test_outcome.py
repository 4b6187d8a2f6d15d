"""The audit's outcome on disk: of these data, with every promise kept, or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stancebench.audit.check import at_least, reported
from stancebench.audit.outcome import read_outcome, write_outcome
from stancebench.dataset.backstop import sources_digest
from stancebench.errors import UserError
from tests.conftest import REPOSITORY

KEPT = [at_least("size", "documents", float(np.float64(3)), 2), reported("size", "words", "26")]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    write_outcome(path, "abc", KEPT)
    assert read_outcome(path, "abc") == [check._asdict() for check in KEPT]


def test_other_data_or_a_broken_promise_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    with pytest.raises(UserError, match="not audited"):
        read_outcome(path, "abc")
    write_outcome(path, "abc", [*KEPT, at_least("size", "sentences", np.float64(1), 2)])
    with pytest.raises(UserError, match="other data"):
        read_outcome(path, "abd")
    with pytest.raises(UserError) as raised:
        read_outcome(path, "abc")
    assert raised.value.problems == ["sentences: 1, promised ≥ 2"]


def test_the_committed_outcome_is_of_the_committed_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEBENCH_ROOT", str(REPOSITORY))
    checks = read_outcome(REPOSITORY / "data" / "audit.json", sources_digest())
    assert sum(bool(check["promise"]) for check in checks) == 38

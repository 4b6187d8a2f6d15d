"""A missing optional package is named with the line that installs it, before any work is done."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from stancebench.config import build_config
from stancebench.errors import UserError
from stancebench.model.extras import require_extra
from tests.conftest import REPOSITORY, compose_config, toy_examples

EXTRAS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]


@pytest.mark.parametrize(
    ("overrides", "module", "extra"),
    [
        (["model=minilm_lora"], "peft", "lora"),
        (["model=setfit"], "sentence_transformers", "setfit"),
        (["model=llm_api"], "openai", "llm"),
    ],
)
def test_the_install_line_is_named(
    overrides: list[str], module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    monkeypatch.setenv("STANCEBENCH_CACHE", str(tmp_path))
    model: Any = build_config(compose_config(*overrides)).model.build(0)
    examples = toy_examples(6)
    with pytest.raises(UserError) as fault:
        model.fit(examples, list(examples["label"])).predict(examples)
    assert f"pip install '.[{extra}]'" in str(fault.value)
    assert extra in EXTRAS


def test_what_is_installed_is_returned() -> None:
    assert require_extra("json", "lora").dumps([]) == "[]"

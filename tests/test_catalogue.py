"""The list of models: complete, and the same as the committed page."""

from __future__ import annotations

from pathlib import Path

import pytest

from stancebench.catalogue import as_markdown, read_catalogue
from stancebench.config import build_config
from stancebench.errors import UserError
from stancebench.registry import MODELS
from tests.conftest import REPOSITORY, compose_config

NAMES = sorted(path.stem for path in (REPOSITORY / "conf" / "model").glob("*.yaml"))


def test_the_committed_page_is_the_generated_one() -> None:
    page = (REPOSITORY / "docs" / "models.md").read_text(encoding="utf-8")
    assert page == as_markdown(read_catalogue()), "stancebench models --output docs/models.md"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "custom"])
def test_every_model_file_builds_a_model(name: str) -> None:
    config = build_config(compose_config(f"model={name}"))
    assert config.model.label.partition("-")[0] == name
    config.model.build(seed=1)


def test_every_registered_model_has_a_file() -> None:
    used = {build_config(compose_config(f"model={name}")).model.name for name in NAMES if name != "custom"}
    assert used == set(MODELS)


def test_a_model_that_says_nothing_of_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mute.yaml").write_text("label: mute\nname: majority\n", encoding="utf-8")
    with pytest.raises(UserError, match="not described") as fault:
        read_catalogue(tmp_path)
    assert "mute.yaml" in str(fault.value)

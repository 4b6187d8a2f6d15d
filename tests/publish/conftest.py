"""A Hub on loopback, and its client in this process: unmodified, but it does not wait between retries."""

from __future__ import annotations

import os
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import close_session, constants
from huggingface_hub.utils import _http

from tests.conftest import REPOSITORY
from tests.publish.hub_server import Hub, running
from tests.publish.hub_store import TOKEN


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub that this process's client talks to, with the token of ``user``."""
    for name in [name for name in os.environ if name.startswith(("HF_", "HUGGING"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", os.devnull)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_PROGRESS_BARS", True)
    monkeypatch.setattr(_http, "time", types.SimpleNamespace(sleep=lambda seconds: None))
    close_session()
    with running() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        yield server
        close_session()


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the committed dataset, as ``stancebench publish dataset`` writes it."""
    from stancebench.publish.folder import write_dataset_folder

    folder = tmp_path_factory.mktemp("published") / "backstop"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STANCEBENCH_ROOT", str(REPOSITORY))
        write_dataset_folder(folder, "user/backstop")
    return folder

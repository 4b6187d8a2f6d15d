"""``python train.py model=roberta`` on its real download path: a Hub on loopback holds a tiny RoBERTa."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import constants

from stancebench.errors import UserError
from stancebench.model import weights
from tests.publish.hub_server import Fault, Hub, environment

ID = "FacebookAI/roberta-base"
#: Prints where the weights of roberta are found, without training on them.
FIND = f"from stancebench.model.weights import find_weights as f; print(f({ID!r}, {{}}, None, None))"


@pytest.fixture
def roberta(hub: Hub, tiny_roberta: Path, tmp_path: Path) -> tuple[str, str]:
    """Two commits of the repository: the tiny model, and a later one with other weights."""
    first = hub.store.put("model", ID, tiny_roberta)
    later = shutil.copytree(tiny_roberta, tmp_path / "later")
    (later / "model.safetensors").write_bytes(b"other weights")
    return first, hub.store.put("model", ID, later)


def test_roberta_is_downloaded_once_and_its_revision_is_pinned(
    hub: Hub,
    roberta: tuple[str, str],
    tiny_roberta: Path,
    train: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
) -> None:
    pinned, home = roberta[0], tmp_path / "home"
    command = ["model=roberta", f"model.revision={pinned}", "model.epochs=1", "model.max_length=32"]
    done = train("-m", *command, "seed=0,1", **environment(hub, home))
    assert done.returncode == 0, done.stderr
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in Path("runs").rglob("run.json")]
    assert [run["identity"]["model"]["params"]["weights"] for run in runs] == [f"{ID}@{pinned}"] * 2
    fetched = [line for line in hub.requests if line.startswith("GET") and line.endswith(".safetensors")]
    assert fetched == [f"GET /{ID}/resolve/{pinned}/model.safetensors"]
    hub.requests.clear()
    found = find(hub, home, pinned)
    assert hub.requests == []
    assert Path(found).name == pinned
    assert digest(Path(found) / "model.safetensors") == digest(tiny_roberta / "model.safetensors")
    assert digest(Path(find(hub, home, None)) / "model.safetensors") == digest_of(b"other weights")


def find(hub: Hub, home: Path, revision: str | None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", FIND.format(repr(revision))],
        env=environment(hub, home),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def digest(path: Path) -> str:
    return digest_of(path.read_bytes())


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "empty"))


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize("fault", [None, Fault("/api/models", "status 500"), Fault("/api/models", "silence")])
def test_what_cannot_be_downloaded_is_named_within_ten_seconds(
    hub: Hub, roberta: tuple[str, str], monkeypatch: pytest.MonkeyPatch, fault: Fault | None
) -> None:
    monkeypatch.setattr(weights, "HUB_TIMEOUT", 0.2)
    hub.faults += [fault] if fault else []
    revision = None if fault else "f" * 40
    began = time.monotonic()
    with pytest.raises(UserError) as error:
        weights.find_weights(ID, revision, None, None)
    assert time.monotonic() - began < 10
    name = f"{ID} at revision {revision}" if revision else ID
    assert f"the weights of {name} are not in the cache and cannot be downloaded" in str(error.value)
    assert "model.path=FOLDER" in str(error.value)

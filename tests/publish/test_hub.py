"""A push against a Hub on loopback: once, again, with faults at every step, with the wrong token."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from stancebench.cli import main
from stancebench.errors import UserError
from stancebench.publish import hub as hub_module
from stancebench.publish.folder import DatasetFolder
from stancebench.publish.hub import Repository, compare
from stancebench.publish.push import carry_out, plan_push
from tests.publish.hub_server import Fault, How, Hub, environment
from tests.publish.hub_store import Repo

# The client's own way of sending a large file, which the library that it stands on is giving up.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
ID, KEY = "user/backstop", ("dataset", "user/backstop")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dataset of one large file and a card."""
    path = tmp_path / "backstop"
    (path / "data").mkdir(parents=True)
    (path / "README.md").write_text("---\nlicense: cc-by-4.0\n---\n# Backstop\n", encoding="utf-8")
    pq.write_table(pa.table({"text": ["Yes.", "No."], "label": [2, 0]}), path / "data" / "test.parquet")
    return path


def push(folder: Path, version: str = "1.0.0") -> list[str]:
    return carry_out(plan_push(Repository(ID, "dataset"), folder, version), "Backstop")


def files(repo: Repo) -> dict[str, bytes]:
    return {path: content for path, content in repo.files.items() if path != ".gitattributes"}


def local(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_a_push_is_one_commit_and_one_tag_and_the_second_does_nothing(hub: Hub, folder: Path) -> None:
    planned = plan_push(Repository(ID, "dataset"), folder, "1.0.0")
    assert [(change.path, change.what) for change in planned.changes] == [
        ("README.md", "new"),
        ("data/test.parquet", "new"),
    ]
    assert not [line for line in hub.requests if not line.startswith("GET ")]
    assert carry_out(planned, "Backstop") == ["committed", "tagged 1.0.0"]
    repo = hub.store.repos[KEY]
    assert files(repo) == local(folder)
    assert len(repo.commits) == 2  # the Hub's own first one, and ours
    assert repo.names["1.0.0"] == repo.names["main"]
    assert any(line.startswith("PUT /large/") for line in hub.requests)
    hub.requests.clear()
    assert push(folder) == []
    assert not [line for line in hub.requests if not line.startswith("GET ")]


def test_a_new_version_changes_what_differs_and_keeps_the_old_one(hub: Hub, folder: Path) -> None:
    push(folder)
    first = local(folder)
    (folder / "README.md").write_text("# Backstop 1.1\n", encoding="utf-8")
    (folder / "data" / "test.parquet").rename(folder / "data" / "all.parquet")
    planned = plan_push(Repository(ID, "dataset"), folder, "1.1.0")
    assert {change.path: change.what for change in planned.changes} == {
        "README.md": "changed",
        "data/all.parquet": "new",
        "data/test.parquet": "removed",
    }
    carry_out(planned, "Backstop 1.1.0")
    repo = hub.store.repos[KEY]
    assert files(repo) == local(folder)
    old = repo.commits[repo.names["1.0.0"]]
    assert {path: old[path] for path in first} == first


def test_a_published_version_is_never_given_other_content(hub: Hub, folder: Path) -> None:
    push(folder)
    (folder / "README.md").write_text("# Another\n", encoding="utf-8")
    with pytest.raises(UserError) as fault:
        push(folder)
    assert "version 1.0.0 is published with other content" in str(fault.value)
    assert "changed: README.md" in str(fault.value)
    assert "raise the version" in str(fault.value)
    assert len(hub.store.repos[KEY].commits) == 2


def test_a_file_of_equal_size_and_other_content_differs(hub: Hub, folder: Path) -> None:
    push(folder)
    for name in ("README.md", "data/test.parquet"):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    changes = compare(folder, Repository(ID, "dataset").read())
    assert [change.what for change in changes] == ["changed", "changed"]


STEPS: list[tuple[str, How]] = [
    ("/preupload/", "status 500"),
    ("PUT /large/", "cut"),
    ("/commit/", "status 500"),
    ("/commit/", "cut"),
    ("/commit/", "silence"),
]


@pytest.mark.parametrize(
    ("there", "step", "how", "state"),
    [
        (False, "/repos/create", "status 500", "the repository does not exist"),
        *[(False, *step, "the new repository is empty") for step in STEPS],
        *[(True, *step, "the repository is unchanged") for step in STEPS],
    ],
)
def test_a_push_that_breaks_leaves_the_hub_as_it_was_and_says_so(
    hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch, there: bool, step: str, how: How, state: str
) -> None:
    monkeypatch.setattr(hub_module, "ANSWER_TIMEOUT", 0.2)
    if there:
        push(folder)
        (folder / "README.md").write_text("# Backstop 1.1\n", encoding="utf-8")
        pq.write_table(pa.table({"text": ["Why?"], "label": [1]}), folder / "data" / "test.parquet")
    before = dict(hub.store.repos[KEY].names) if there else None
    hub.faults.append(Fault(step, how))
    with pytest.raises(UserError) as fault:
        push(folder, "1.1.0")
    assert f"nothing was published, {state}" in str(fault.value)
    assert "the same command again" in str(fault.value)
    if there:
        assert hub.store.repos[KEY].names == before
    hub.faults.clear()
    assert push(folder, "1.1.0") == ["committed", "tagged 1.1.0"]
    assert files(hub.store.repos[KEY]) == local(folder)


@pytest.mark.parametrize("how", ["status 500", "cut", "silence"])
def test_a_commit_whose_answer_is_lost_is_found_complete(
    hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch, how: How
) -> None:
    monkeypatch.setattr(hub_module, "ANSWER_TIMEOUT", 0.2)
    hub.faults.append(Fault("/commit/", how, obeys=True))
    done = push(folder)
    assert "the answer was lost" in done[0]
    assert done[1] == "tagged 1.0.0"
    assert files(hub.store.repos[KEY]) == local(folder)
    assert len(hub.store.repos[KEY].commits) == 2


def test_a_hub_that_is_gone_afterwards_is_reported_as_unknown(hub: Hub, folder: Path) -> None:
    planned = plan_push(Repository(ID, "dataset"), folder, "1.0.0")
    hub.faults += [Fault("/commit/", "cut", obeys=True)]
    original = hub.store.answer

    def gone_after_the_commit(request):  # type: ignore[no-untyped-def]
        reply = original(request)
        if "/commit/" in request.line:
            hub.faults.append(Fault("", "cut"))
        return reply

    hub.store.answer = gone_after_the_commit  # type: ignore[method-assign]
    with pytest.raises(UserError, match="whether it arrived is unknown"):
        carry_out(planned, "Backstop")
    hub.faults.clear()
    assert push(folder) == ["tagged 1.0.0"]


@pytest.mark.parametrize("obeys", [False, True])
def test_a_tag_that_fails_is_made_good_by_the_same_command(hub: Hub, folder: Path, obeys: bool) -> None:
    hub.faults.append(Fault("/tag/", "cut", obeys=obeys))
    if obeys:
        assert push(folder) == ["committed", "tagged 1.0.0"]
    else:
        with pytest.raises(UserError, match="every file is published, but not the tag"):
            push(folder)
        hub.faults.clear()
        assert push(folder) == ["tagged 1.0.0"]
    assert hub.store.repos[KEY].names["1.0.0"] == hub.store.repos[KEY].names["main"]


def test_a_commit_of_someone_else_meanwhile_is_not_overwritten(hub: Hub, folder: Path) -> None:
    push(folder)
    (folder / "README.md").write_text("# Ours\n", encoding="utf-8")
    planned = plan_push(Repository(ID, "dataset"), folder, "1.1.0")
    repo = hub.store.repos[KEY]
    repo.commit({**repo.files, "README.md": b"# Theirs\n"})
    with pytest.raises(UserError, match="another commit"):
        carry_out(planned, "Backstop")
    assert repo.files["README.md"] == b"# Theirs\n"


def test_tokens_that_do_not_serve_are_named_and_never_shown(
    hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_stolen")
    with pytest.raises(UserError, match="does not know this token") as fault:
        push(folder)
    assert "hf_stolen" not in str(fault.value)
    monkeypatch.setenv("HF_TOKEN", "hf_loopback")
    with pytest.raises(UserError, match="may not write there"):
        carry_out(plan_push(Repository("someone/backstop", "dataset"), folder, "1.0.0"), "Backstop")
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(UserError, match="hf auth login"):
        push(folder)
    assert not hub.store.repos


#: What somebody who has only ``datasets`` sees: columns, label names, and a hash of the rows.
LOAD = """
import hashlib, json
from datasets import get_dataset_config_names, load_dataset
seen = {}
for name in get_dataset_config_names("user/backstop"):
    for split, rows in load_dataset("user/backstop", name, revision="1.0.0").items():
        digest = hashlib.sha256(json.dumps(rows.to_list()).encode()).hexdigest()
        labels = {c: f.names for c, f in rows.features.items() if hasattr(f, "names")}
        seen[f"{name}/{split}"] = [len(rows), list(rows.features), labels, digest]
print(json.dumps(seen))
"""


def test_the_published_dataset_is_loaded_back_row_by_row(
    hub: Hub,
    published: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In a process that knows nothing but ``datasets`` and the address of the Hub."""
    written = DatasetFolder(published, "1.0.0", {})
    monkeypatch.setattr("stancebench.publish.folder.write_dataset_folder", lambda *_: written)
    command = ["publish", "dataset", "--repo-id", ID, "--output", str(published), "--push", "--yes"]
    assert main(command) == 0
    assert f"{hub.url}/datasets/{ID}: committed, tagged 1.0.0" in capsys.readouterr().out
    assert main(command) == 0
    assert "nothing to do" in capsys.readouterr().out
    environ = environment(hub, tmp_path / "home")
    call = [sys.executable, "-c", LOAD]
    done = subprocess.run(call, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen == promised(published)


def promised(folder: Path) -> dict[str, list[Any]]:
    """What the card and the files say, in the form of `LOAD`."""
    card = yaml.safe_load((folder / "README.md").read_text(encoding="utf-8").split("\n---\n")[0])
    found = {}
    for config in card["dataset_info"]:
        types = {feature["name"]: feature.get("dtype") for feature in config["features"]}
        classes = {column: dtype for column, dtype in types.items() if isinstance(dtype, dict)}
        labels = {column: list(dtype["class_label"]["names"].values()) for column, dtype in classes.items()}
        for split in config["splits"]:
            key = f"{config['config_name']}/{split['name']}"
            rows = pq.ParquetFile(folder / "data" / f"{key}.parquet").read().to_pylist()
            digest = hashlib.sha256(json.dumps(rows).encode()).hexdigest()
            found[key] = [split["num_examples"], list(types), labels, digest]
    return found


@pytest.mark.parametrize("id", ["backstop", "user/back stop", "a/b/c", "user/", "--/x"])
def test_what_is_no_repository_id_is_said_before_anything_is_sent(hub: Hub, id: str) -> None:
    with pytest.raises(UserError, match="names no repository"):
        Repository(id, "dataset")
    assert not hub.requests

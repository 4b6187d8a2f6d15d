"""A trained transformer on the Hub: what goes out, what does not, and that it scores as in training."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stancebench import load
from stancebench.cli import main
from stancebench.errors import UserError
from stancebench.publish.model import write_model_folder
from stancebench.run import execute
from stancebench.types import LABELS
from tests.publish.hub_server import Hub, environment
from tests.publish.hub_store import TOKEN
from tests.test_run import composed

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
QUESTION = {"pooling": "mean", "target_wording": "question", "pair_order": "text_first"}


def trained(path: Path, **settings: Any) -> Path:
    model = {"label": "tiny", "name": "transformer", "path": str(path), "epochs": 1, "max_length": 32}
    return execute(composed(model={**model, **settings}))


def test_a_published_model_scores_the_pair_as_in_training(
    hub: Hub, project: Path, tiny_roberta: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a process that has transformers and the address of the Hub, by the lines that the card gives."""
    runs = {"user/plain": trained(tiny_roberta), "user/pooled": trained(tiny_roberta, **QUESTION)}
    lines = ["import json", "found = []"]
    for id, run in runs.items():
        assert main(["publish", "model", str(run), "--repo-id", id, "--push", "--yes"]) == 0
        assert f"{hub.url}/{id}: committed" in capsys.readouterr().out
        card = hub.store.repos["model", id].files["README.md"].decode()
        lines += [re.findall(r"```python\n(.*?)```", card, re.DOTALL)[0], "found.append(scores)"]
    script = "\n".join([*lines, "print(json.dumps(found))"])
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(hub, tmp_path / "home"),
        capture_output=True,
        text=True,
        check=True,
    )
    for run, scores in zip(runs.values(), json.loads(done.stdout.splitlines()[-1]), strict=True):
        ours = load(run).answers(["We will send no soldiers."], "european_troops").probabilities[0]
        theirs = {score["label"]: score["score"] for score in scores}
        np.testing.assert_allclose([theirs[label] for label in LABELS], ours, atol=1e-5)


def test_nothing_of_the_machine_goes_out_and_the_card_says_what_it_must(
    project: Path, tiny_roberta: Path, tmp_path: Path
) -> None:
    run, folder = trained(tiny_roberta, pooling="mean"), tmp_path / "out"
    write_model_folder(run, "user/tiny", folder)
    names = {path.name for path in folder.iterdir()}
    assert {"model.safetensors", "tokenizer.json", "config.json", "pooled.py", "README.md"} <= names
    places = [str(project), str(tiny_roberta), str(Path.home()), sys.prefix]
    for path in folder.iterdir():
        content = path.read_bytes()
        assert not [place for place in places if place.encode() in content], path.name
    assert load(folder).predict(["Yes."], "us_backstop") == load(run).predict(["Yes."], "us_backstop")
    card = (folder / "README.md").read_text(encoding="utf-8")
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    for said in ("trained on machine-made data", record["dataset"]["fingerprint"], "epochs: 1", "Limits"):
        assert said in card
    assert re.search(r"\| all, pooled +\| \d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\] \(\d+\)", card)
    assert "base_model" not in card  # a local folder is no repository on the Hub
    written = {path: path.read_bytes() for path in folder.iterdir()}
    write_model_folder(run, "user/tiny", folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == written


def test_what_the_hub_could_not_load_or_would_misread_is_refused(
    project: Path, tiny_roberta: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    svm = execute(composed(model={"label": "svm", "name": "linear", "kind": "svm"}))
    with pytest.raises(UserError, match="only fine-tuned transformers"):
        write_model_folder(svm, "user/svm", folder)
    with pytest.raises(UserError, match="not the folder of one run"):
        write_model_folder(svm.parent, "user/svm", folder)
    run = trained(tiny_roberta)
    saved = run / "model" / "all" / "stancebench.json"
    content = json.loads(saved.read_text(encoding="utf-8"))
    for change, said in (({"input": "text_only"}, "a control"), ({"params": {"ensemble": 2}}, "ensemble")):
        saved.write_text(json.dumps({**content, "model": {**content["model"], **change}}), encoding="utf-8")
        with pytest.raises(UserError, match=said):
            write_model_folder(run, "user/tiny", folder)
    saved.write_text(json.dumps(content), encoding="utf-8")
    assert not folder.exists()
    folder.mkdir()
    (folder / "README.md").write_text("of another project", encoding="utf-8")
    with pytest.raises(UserError, match="other files"):
        write_model_folder(run, "user/tiny", folder)
    assert (folder / "README.md").read_text(encoding="utf-8") == "of another project"
    (run / "model" / "other").mkdir()
    with pytest.raises(UserError, match="2 folds"):
        write_model_folder(run, "user/tiny", tmp_path / "elsewhere")


def test_nothing_is_sent_unless_asked_and_agreed_to(
    hub: Hub,
    project: Path,
    tiny_roberta: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["publish", "model", str(trained(tiny_roberta)), "--repo-id", "user/tiny"]
    assert main(command) == 0
    assert "--push uploads it" in capsys.readouterr().out
    assert not hub.requests
    monkeypatch.setattr("builtins.input", lambda question: "n")
    assert main([*command, "--push"]) == 0
    assert "model.safetensors" in (said := capsys.readouterr().out)
    assert "new" in said
    assert not hub.store.repos
    assert main([*command, "--push", "--yes"]) == 0
    capsys.readouterr()
    assert main([*command, "--push"]) == 0
    assert "nothing to do" in capsys.readouterr().out
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert main([*command, "--push"]) == 1
    said = capsys.readouterr()
    assert "hf auth login" in said.err
    for path in Path("published").rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes()
    assert "hf_wrong" not in said.err + said.out

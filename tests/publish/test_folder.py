"""The published folder of the committed data: what the card says is what the files hold."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from datasets import DatasetDict, load_dataset
from huggingface_hub import DatasetCard

from stancebench.corpus.documents import read_seeds
from stancebench.dataset.backstop import VERSION, load_backstop
from stancebench.dataset.record import fingerprint, read_examples
from stancebench.errors import UserError
from stancebench.publish.canary import CANARY
from stancebench.publish.folder import write_dataset_folder
from stancebench.types import LABELS
from tests.conftest import REPOSITORY

CONFIGURATIONS = ("default", "sentences", "judgements", "settlements", "contrast", "article")


def files_of(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def rows_of(folder: Path, configuration: str) -> dict[str, list[dict[str, Any]]]:
    paths = sorted((folder / "data" / configuration).glob("*.parquet"))
    return {path.stem: pq.ParquetFile(path).read().to_pylist() for path in paths}


def flat(folder: Path, configuration: str) -> list[dict[str, Any]]:
    return [row for rows in rows_of(folder, configuration).values() for row in rows]


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what the folder is made from."""
    for name in ("conf", "data", "docs", "seeds"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    scores = Path("experiments/models/in_target/scores.csv")
    (tmp_path / scores.parent).mkdir(parents=True)
    shutil.copy(REPOSITORY / scores, tmp_path / scores)
    shutil.copy(REPOSITORY / "CITATION.cff", tmp_path)
    monkeypatch.setenv("STANCEBENCH_ROOT", str(tmp_path))
    return tmp_path


def test_the_same_data_give_the_same_bytes_wherever_they_lie(published: Path, clone: Path) -> None:
    folder = clone / "out"
    folder.mkdir()
    written = write_dataset_folder(folder, "user/backstop")
    assert files_of(folder) == files_of(published)
    assert written.version == VERSION
    assert written.files == {name: len(content) for name, content in files_of(folder).items()}


def test_a_fault_leaves_everything_as_it_was(clone: Path) -> None:
    folder = clone / "out"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match="holds something else"):
        write_dataset_folder(folder, "user/backstop")
    (folder / "thesis.txt").rename(folder / "SOURCES.csv")  # as if an earlier call had written it
    with (clone / "docs" / "annotation.md").open("a", encoding="utf-8") as guideline:
        guideline.write("Questions: ann@example.org\n")
    with pytest.raises(UserError) as raised:
        write_dataset_folder(folder, "user/backstop")
    assert re.fullmatch(r"GUIDELINE\.md:\d+: e-mail.*ann@example\.org.*", *raised.value.problems)
    assert files_of(folder) == {"SOURCES.csv": b"mine"}
    assert not list(clone.glob(".*"))


def test_a_stale_audit_or_table_stops_it(clone: Path) -> None:
    scores = clone / "experiments" / "models" / "in_target" / "scores.csv"
    kept = scores.read_text(encoding="utf-8")
    scores.write_text(kept.replace("0fc781a9", "aaaaaaaa"), encoding="utf-8")
    with pytest.raises(UserError, match=r"scores of other data \(fingerprint aaaaaaaa"):
        write_dataset_folder(clone / "out", "user/backstop")
    audit = clone / "data" / "audit.json"
    audit.write_text(audit.read_text(encoding="utf-8").replace('"holds": true', '"holds": false', 1), "utf-8")
    with pytest.raises(UserError) as raised:
        write_dataset_folder(clone / "out", "user/backstop")
    assert raised.value.problems == ["seed documents: 196, promised ≥ 150"]
    audit.unlink()
    with pytest.raises(UserError, match="not audited"):
        write_dataset_folder(clone / "out", "user/backstop")


def test_load_dataset_finds_what_the_card_says(published: Path, tmp_path: Path) -> None:
    said = {info["config_name"]: info for info in DatasetCard.load(published / "README.md").data.dataset_info}
    assert set(said) == set(CONFIGURATIONS)
    for name in CONFIGURATIONS:
        loaded = load_dataset(str(published), name, cache_dir=str(tmp_path))
        assert isinstance(loaded, DatasetDict)
        info = next(iter(loaded.values())).info
        assert {"config_name": name, **info._to_yaml_dict()} == said[name]
        assert {s["name"]: s["num_examples"] for s in said[name]["splits"]} == loaded.num_rows
    assert load_dataset(str(published), cache_dir=str(tmp_path)).num_rows["test"] == 2895
    by_file = {split: str(published / "data" / "default" / f"{split}.parquet") for split in ("train", "test")}
    alone = load_dataset("parquet", data_files=by_file, cache_dir=str(tmp_path))
    assert alone["test"].features["label"].names == list(LABELS)


def test_the_published_examples_are_the_benchmark_s(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEBENCH_ROOT", str(REPOSITORY))
    dataset = load_backstop()
    parts = {p.stem: read_examples(p) for p in (published / "data" / "default").glob("*.parquet")}
    assert sum(map(len, parts.values())) == len(dataset.examples)
    ids = [name for part in parts.values() for name in part["example_id"]]
    assert fingerprint(dataset.examples.select(ids)) == dataset.fingerprint
    row_of = {row["example_id"]: row for row in dataset.examples.rows()}
    assert all(row == row_of[row["example_id"]] for part in parts.values() for row in part.rows())
    contrast = read_examples(published / "data" / "contrast" / "test.parquet")
    assert fingerprint(contrast) == dataset.contrast_fingerprint


def test_the_labels_follow_from_the_raw_judgements(published: Path) -> None:
    votes: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in flat(published, "judgements"):
        votes[row["sentence_id"], row["target"]].append(row["stance"])
    settled = {(row["sentence_id"], row["target"]): row["stance"] for row in flat(published, "settlements")}
    assert {key for key, cast in votes.items() if len(set(cast)) > 1} == set(settled)
    for row in [*flat(published, "default"), *flat(published, "contrast")]:
        key = (row["sentence_id"], row["target"])
        assert row["label"] == settled.get(key, votes[key][0])
        assert row["share_favor"] == votes[key].count(2) / len(votes[key])


def test_sentences_and_evidence_are_cut_where_they_say(published: Path) -> None:
    documents = {document.id: document.text for document in read_seeds(REPOSITORY / "seeds")}
    sentences = {row["sentence_id"]: row for row in flat(published, "sentences")}
    for row in sentences.values():
        assert documents[row["document_id"]][row["start"] : row["end"]] == row["text"]
    judged = {row["sentence_id"]: row["text"] for row in flat(published, "contrast")}
    judged |= {name: row["text"] for name, row in sentences.items()}
    for row in flat(published, "judgements"):
        assert (row["evidence_start"] is None) == (LABELS[row["stance"]] == "none")
        if row["evidence_start"] is not None and row["sentence_id"] in judged:
            assert 0 <= row["evidence_start"] < row["evidence_end"] <= len(judged[row["sentence_id"]])
    by_target = {(r["sentence_id"], r["target"]): r["label"] for r in flat(published, "default")}
    for (sentence_id, target), label in by_target.items():
        assert sentences[sentence_id][target] == label


def test_no_document_is_in_two_parts_of_any_configuration(published: Path) -> None:
    part_of: dict[str, str] = {}
    for name in ("default", "sentences", "judgements", "settlements"):
        for split, rows in rows_of(published, name).items():
            for row in rows:
                part = "test" if split == "contrast" else split
                assert part_of.setdefault(row["document_id"], part) == part
    assert {row["document_id"] for row in flat(published, "contrast")} <= {
        name for name, part in part_of.items() if part == "test"
    }
    withdrawn = {path.stem for path in (REPOSITORY / "seeds" / "withdrawn").glob("*.txt")}
    assert withdrawn
    assert not withdrawn & set(part_of)


def test_the_card_says_first_that_all_is_machine_made_and_leaves_nothing_open(published: Path) -> None:
    card = DatasetCard.load(published / "README.md")
    assert "machine-made" in card.text.split("\n\n")[1]
    assert card.data.license == "cc-by-4.0"
    for name in re.findall(r"]\((figures/.*?)\)", card.text):
        assert (published / name).read_bytes().startswith(b"\x89PNG")
    for name in ("README.md", "DATASHEET.md", "croissant.json"):
        text = (published / name).read_text(encoding="utf-8")
        assert "more information needed" not in text.lower()
        assert not re.search(r"\{\{|\{%|\bnan\b", text), name
    commits = re.findall(r"\b[0-9a-f]{10}\b", card.text.partition("## Baselines")[2])
    assert len(commits) >= 10


def test_the_baselines_are_those_of_the_committed_tables(published: Path) -> None:
    card = (published / "README.md").read_text(encoding="utf-8").partition("## Baselines")[2]
    lines = [line for line in card.splitlines() if line.startswith("| ")]
    head, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    tables = REPOSITORY / "experiments" / "models" / "in_target"
    said = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    with (tables / "overview.csv").open(encoding="utf-8", newline="") as file:
        overview = {row["model"]: row for row in csv.DictReader(file)}
    assert said.keys() == overview.keys()
    for model, row in said.items():
        for figure in ("macro-F1", "F_avg", "MCC"):
            for part in (r"^[\d.]+", r"± [\d.]+"):  # the figure, and its deviation over seeds
                assert re.findall(part, row[figure]) == re.findall(part, overview[model][figure])
    with (tables / "contrast.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert said[row["model"]]["contrast consistency"].split()[0] == row["consistency"].split()[0]


def test_version_citation_and_changelog_agree(published: Path) -> None:
    citation = yaml.safe_load((published / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["version"], citation["type"]) == (VERSION, "dataset")
    changes = (REPOSITORY / "data" / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.findall(r"^## (\S+) — (\S+)$", changes, re.MULTILINE)[0]
    assert newest == (VERSION, str(citation["date-released"]))


def test_every_file_has_its_checksum_and_every_table_the_canary(published: Path) -> None:
    lines = (published / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = dict(reversed(line.split("  ")) for line in lines)
    files = files_of(published)
    del files["SHA256SUMS"]
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    for name in files:
        if name.endswith(".parquet"):
            schema = pq.read_schema(published / name)
            assert schema.metadata[b"canary"].decode() == CANARY
            assert not any("canary" in column for column in schema.names)
    assert CANARY in (published / "README.md").read_text(encoding="utf-8")

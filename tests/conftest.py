"""A small project in a folder of its own, so that no test touches the committed one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stancebench.corpus.documents import read_document
from stancebench.corpus.judgements import Judgement, append_judgements, manifest_entry
from stancebench.corpus.targets import read_targets
from stancebench.types import LABELS, Examples

REPOSITORY = Path(__file__).parents[1]
ARTICLES = sorted((REPOSITORY.parent / "shared" / "seeds").glob("*.txt"))

# What users set for themselves must not reach the tests.
for name in ("STANCEBENCH_ROOT", "HF_ENDPOINT", "HYDRA_FULL_ERROR"):
    os.environ.pop(name, None)


@pytest.fixture
def article() -> Path:
    """The real article; its text is not ours to commit."""
    if not ARTICLES:
        pytest.skip("the real article is not here (../shared/seeds): its text is not redistributable")
    return ARTICLES[0]


def seed_text(name: str, body: str, genre: str = "op-ed") -> str:
    """The file of a seed document."""
    return (
        f"---\nid: {name}\ntitle: A title\ngenre: {genre}\ndate: 2025-03-01\nlanguage: en\n"
        f"provenance: written for a test\nlicence: CC-BY-4.0\n---\n{body}\n"
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of twelve documents of four sentences, judged alike by two annotators.

    The label is a function of one word of the sentence and the target, so that a model can learn it.
    """
    root = tmp_path / "project"
    shutil.copytree(REPOSITORY / "conf", root / "conf")
    (root / "seeds").mkdir()
    (root / "data" / "annotations").mkdir(parents=True)
    shutil.copy(REPOSITORY / "data" / "targets.yaml", root / "data")
    shutil.copy(REPOSITORY / "train.py", root)
    monkeypatch.setenv("STANCEBENCH_ROOT", str(root))
    monkeypatch.setenv("STANCEBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(root)
    targets = read_targets(root / "data" / "targets.yaml")
    for i in range(12):
        body = (
            f"We welcome the plan of week {i} with joy.\nWe reject the plan of week {i} with anger.\n"
            f"The clerk noted page {i} of the minutes.\nWe welcome guests on day {i} as always."
        )
        path = root / "seeds" / f"doc-{i:02d}.txt"
        path.write_text(seed_text(f"doc-{i:02d}", body, genre=f"genre {i % 2}"), encoding="utf-8")
        document = read_document(path)
        entry = manifest_entry(document)
        for annotator in ("ann", "ben"):
            rows = [
                judgement(f"{document.id}:{a}-{b}", annotator, target.id, stance, evidence=(a, b))
                for a, b in entry.sentences
                for target in targets
                for stance in [_stance(document.text[a:b], target.id)]
            ]
            append_judgements(root / "data" / "annotations", entry, rows, targets)
    return root


def _stance(text: str, target: str) -> str:
    if "welcome" in text:
        return "favor"
    return "against" if "reject" in text and target != "us_backstop" else "none"


def judgement(
    sentence_id: str,
    annotator: str = "ann",
    target: str = "us_backstop",
    stance: str = "none",
    evidence: tuple[int, int] | None = None,
    tags: tuple[str, ...] = (),
) -> Judgement:
    """A judgement; evidence is dropped for ``none``."""
    return Judgement(
        sentence_id=sentence_id,
        annotator=annotator,
        target=target,
        stance=stance,
        explicit=stance != "none",
        evidence=evidence if stance != "none" else None,
        holder="",
        tags=tags,
    )


def compose_config(*overrides: str) -> dict[str, Any]:
    """What ``python train.py OVERRIDES`` composes from the committed configuration."""
    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf

    with initialize_config_dir(str(REPOSITORY / "conf"), version_base="1.3"):
        composed = OmegaConf.to_container(compose("train", list(overrides)), resolve=True)
    assert isinstance(composed, dict)
    return {str(key): value for key, value in composed.items()}


def toy_examples(n: int = 60) -> Examples:
    """Examples whose label follows from a word, over two targets and n / 6 documents."""
    words = {"against": "reject", "none": "note", "favor": "welcome"}
    labels = [LABELS[i % 3] for i in range(n)]
    return Examples(
        {
            "example_id": [f"e{i}" for i in range(n)],
            "sentence_id": [f"s{i}" for i in range(n)],
            "document_id": [f"d{i // 6}" for i in range(n)],
            "genre": [f"g{i // 6 % 2}" for i in range(n)],
            "target": [f"t{i // 3 % 2}" for i in range(n)],
            "target_name": [f"target {i // 3 % 2}" for i in range(n)],
            "text": [f"we {words[label]} it on day {i}" for i, label in enumerate(labels)],
            "context": [""] * n,
            "label": labels,
            "holder": [""] * n,
            "tags": [[] for _ in range(n)],
        }
    )


@pytest.fixture
def train(project: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call ``train.py`` in the small project as a user would."""

    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "train.py", *arguments],
            cwd=project,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return call


@pytest.fixture(scope="session")
def tiny_roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A RoBERTa of random weights with a byte-level BPE trained on the seed documents."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaConfig, RobertaModel, RobertaTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-roberta")
    bpe = ByteLevelBPETokenizer()
    seeds = sorted(map(str, (REPOSITORY / "seeds").glob("*.txt")))[:10]
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    bpe.train(seeds, vocab_size=600, special_tokens=special, show_progress=False)
    bpe.save_model(str(folder))
    vocab = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    merges = [
        tuple(line.split())
        for line in (folder / "merges.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    tokenizer = RobertaTokenizerFast(vocab=vocab, merges=merges)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = RobertaConfig(
        vocab_size=len(vocab),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=130,
        type_vocab_size=1,
    )
    RobertaModel(config).save_pretrained(folder)
    return folder

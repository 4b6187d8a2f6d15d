"""Small pretrained models for tests: random weights, and a scripted server of language models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.model.llm_server import LLMServer, running


@pytest.fixture
def llm_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LLMServer]:
    """A server that answers well until told otherwise, and an empty cache of answers."""
    monkeypatch.setenv("STANCEBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def tiny_causal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of random weights with a byte-level BPE trained on the seed documents."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-causal")
    bpe = ByteLevelBPETokenizer()
    seeds = sorted(map(str, (REPOSITORY / "seeds").glob("*.txt")))[:10]
    bpe.train(seeds, vocab_size=600, special_tokens=["<s>", "</s>"], show_progress=False)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe._tokenizer, bos_token="<s>", eos_token="</s>")
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=600,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        intermediate_size=64,
        max_position_embeddings=1024,
        initializer_range=0.1,  # larger than usual, so that the words' probabilities differ visibly
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_nli(tiny_roberta: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A RoBERTa of random weights that tells contradiction, neutrality and entailment apart."""
    names = ("CONTRADICTION", "NEUTRAL", "ENTAILMENT")
    return _tiny(
        "RobertaForSequenceClassification", tiny_roberta, tmp_path_factory, id2label=dict(enumerate(names))
    )


@pytest.fixture(scope="session")
def tiny_mlm(tiny_roberta: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A RoBERTa of random weights that fills masks."""
    return _tiny("RobertaForMaskedLM", tiny_roberta, tmp_path_factory)


def _tiny(kind: str, like: Path, factory: pytest.TempPathFactory, **options: Any) -> Path:
    """Save a model of `kind` with the sizes and the tokenizer of `like`."""
    import torch
    import transformers

    folder = factory.mktemp(kind)
    transformers.AutoTokenizer.from_pretrained(like).save_pretrained(folder)
    # Larger weights than usual, so that probabilities differ visibly.
    config = transformers.RobertaConfig.from_pretrained(like, initializer_range=0.3, **options)
    torch.manual_seed(1)
    getattr(transformers, kind)(config).save_pretrained(folder)
    return folder

"""Sentence embeddings of a pretrained encoder that stays as it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from stancebench.model.embedding_cache import EmbeddingCache
from stancebench.model.weights import identify_weights
from stancebench.paths import cache_folder

Pooling = Literal["mean", "cls"]
#: Texts after which new embeddings are written to the disk.
_KEPT_EVERY = 64


class _Loaded(NamedTuple):
    tokenizer: Any
    network: Any


class SentenceEncoder:
    """An encoder that turns each text into one vector; loaded when a text is not in the cache.

    Each text is read alone. In a batch, the last bits of its vector would depend on what else is in
    the batch, and a run's probabilities on what other runs have left in the cache.

    Parameters
    ----------
    weights : Path
        Folder with configuration, tokenizer and weights.
    pooling : {"mean", "cls"}
        The mean of the last layer's token vectors [1]_, or the vector of the first token.
    max_length : int
        Tokens of a text; longer ones are cut.
    cache : bool
        Whether to keep vectors on disk and read them from there.

    References
    ----------
    .. [1] N. Reimers and I. Gurevych, "Sentence-BERT", EMNLP 2019.
    """

    def __init__(self, weights: Path, pooling: Pooling, max_length: int, cache: bool) -> None:
        self.weights, self.pooling, self.max_length = weights, pooling, max_length
        #: The weights by their content.
        self.identity = identify_weights(str(weights), None, None)
        own = json.dumps([self.identity, pooling, max_length])
        self.cache = EmbeddingCache(cache_folder("embeddings"), own) if cache else None

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return the vectors of n texts, shape (n, d), float32; equal texts are read once."""
        from rich.console import Console
        from rich.progress import track

        distinct = list(dict.fromkeys(texts))
        found = self.cache.get(distinct) if self.cache else {}
        missing = [text for text in distinct if text not in found]
        chunks = [missing[i : i + _KEPT_EVERY] for i in range(0, len(missing), _KEPT_EVERY)]
        console = Console(stderr=True)
        for chunk in track(chunks, "embedding", console=console, disable=not console.is_terminal):
            fresh = {text: self._read(text) for text in chunk}
            if self.cache:
                self.cache.put(fresh)
            found |= fresh
        return np.array([found[text] for text in texts])

    def parameter_count(self) -> int:
        """Return how many weights the encoder has."""
        return int(sum(weight.numel() for weight in self._loaded.network.parameters()))

    def _read(self, text: str) -> np.ndarray:
        import torch

        tokenizer, network = self._loaded
        tokens = tokenizer(text, truncation=True, max_length=self.max_length, return_tensors="pt")
        with torch.inference_mode():
            vectors = network(**tokens.to(network.device)).last_hidden_state[0]
        pooled = vectors.mean(dim=0) if self.pooling == "mean" else vectors[0]
        return np.asarray(pooled.cpu().numpy())

    @cached_property
    def _loaded(self) -> _Loaded:
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.set_verbosity_error()
        network = AutoModel.from_pretrained(str(self.weights), dtype=torch.float32).eval()
        device = "cuda" if torch.cuda.is_available() else "cpu"
        return _Loaded(AutoTokenizer.from_pretrained(str(self.weights)), network.to(device))

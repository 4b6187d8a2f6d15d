"""What zero-shot models have in common: pretrained weights that are loaded and never changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stancebench.model.interface import Parameters, Table
from stancebench.model.weights import find_weights, identify_weights
from stancebench.types import LABELS


class Frozen(Parameters):
    """A model whose weights are loaded and never changed; subclasses say of what kind, and ask it.

    A subclass has the parameters ``path``, ``revision``, ``sha256`` and ``batch_size``, loads in `_load`
    and predicts from `_outputs`.
    """

    classes_ = np.asarray(LABELS, dtype=object)
    path: str
    revision: str | None
    sha256: str | None
    batch_size: int

    def fit(self, X: Table, y: Sequence[str]) -> Any:
        """Load the weights. Nothing is learned: neither `X` nor `y` is looked at."""
        self._load()
        return self

    def identity(self) -> dict[str, Any]:
        """Return the parameters that tell one run from another: the weights by their content."""
        params = self.get_params()
        for name in ("path", "revision", "sha256", "batch_size"):
            del params[name]
        return {**params, "weights": identify_weights(self.path, self.revision, self.sha256)}

    def parameter_count(self) -> int:
        """Return how many weights the model has."""
        return int(sum(weight.numel() for weight in self.model_.parameters()))

    def save(self, folder: Path) -> None:
        """Write nothing: nothing was learned, and the parameters name the weights."""

    def restore(self, folder: Path) -> None:
        """Load the weights, as `fit` does."""
        self._load()

    def _load(self) -> None:
        raise NotImplementedError

    def _load_as(self, kind: str) -> None:
        """Load tokenizer and weights as the transformers class `kind`, float32, without dropout."""
        weights = str(find_weights(self.path, self.revision, None, self.sha256))

        import torch
        import transformers

        transformers.utils.logging.set_verbosity_error()
        self.tokenizer_ = transformers.AutoTokenizer.from_pretrained(weights)
        model = getattr(transformers, kind).from_pretrained(weights, dtype=torch.float32)
        self.model_ = model.to("cuda" if torch.cuda.is_available() else "cpu").eval()

    def _outputs(self, encoded: Sequence[dict[str, Any]]) -> Iterator[tuple[list[int], Any, Any]]:
        """Yield rows, their token ids and their logits, batch by batch, rows of like length together."""
        import torch

        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]["input_ids"]))
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            batch = self.tokenizer_.pad([encoded[i] for i in rows], return_tensors="pt")
            batch = batch.to(self.model_.device)
            with torch.inference_mode():
                yield rows, batch["input_ids"], self.model_(**batch).logits

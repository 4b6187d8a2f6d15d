"""A classification head over the mean of the token vectors."""

from __future__ import annotations

from typing import Any


def mean_pooled(weights: str, labels: int) -> Any:
    """Return an encoder with a linear layer over the mean of its last layer's token vectors.

    Parameters
    ----------
    weights : str
        Folder of the encoder.
    labels : int
        Outputs of the linear layer.

    Returns
    -------
    torch.nn.Module
        Called with a tokenised batch, returns ``{"logits": tensor of shape (n, k)}``, and ``"loss"``
        where `labels` are given.

    References
    ----------
    N. Reimers and I. Gurevych, "Sentence-BERT", EMNLP 2019: pooling over tokens.
    """
    import torch
    from transformers import AutoModel

    class MeanPooled(torch.nn.Module):
        """Encoder, mean over the tokens that are not padding, dropout, linear layer."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder = AutoModel.from_pretrained(weights, dtype=torch.float32)
            self.dropout = torch.nn.Dropout(0.1)
            self.linear = torch.nn.Linear(self.encoder.config.hidden_size, labels)

        def forward(self, labels: Any = None, **batch: Any) -> dict[str, Any]:
            """Return logits, and the mean cross-entropy where `labels` are given."""
            tokens = self.encoder(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1).to(tokens.dtype)
            logits = self.linear(self.dropout((tokens * mask).sum(dim=1) / mask.sum(dim=1)))
            if labels is None:
                return {"logits": logits}
            return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}

    return MeanPooled()

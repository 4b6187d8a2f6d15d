"""A Hugging Face classifier over pooled token vectors; copied as it is beside the weights it is saved with.

The library's own heads read a label from a checkpoint's pooler, which sentence encoders such as MiniLM
never trained. This file imports nothing of the package: whoever has the saved folder and transformers
can load it, with ``trust_remote_code=True``.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput


class PooledConfig(PretrainedConfig):  # type: ignore[misc]
    """An encoder's configuration, how its token vectors are pooled, and the dropout before the head.

    Parameters
    ----------
    encoder : dict
        Configuration of the encoder, with its ``model_type``.
    pooling : {"mean", "cls"}
        The mean of the token vectors, or the vector of the first token.
    head_dropout : float
        Share of the pooled values that are dropped in training, 0 to 1.
    """

    model_type = "stancebench-pooled"

    def __init__(
        self,
        encoder: dict[str, Any] | None = None,
        pooling: str = "mean",
        head_dropout: float = 0.1,
        **kwargs: Any,
    ) -> None:
        self.encoder = encoder or {}
        self.pooling = pooling
        self.head_dropout = head_dropout
        super().__init__(**kwargs)


class PooledForSequenceClassification(PreTrainedModel):  # type: ignore[misc]
    """Encoder, pooling over the tokens, dropout, linear layer.

    References
    ----------
    N. Reimers and I. Gurevych, "Sentence-BERT", EMNLP 2019: pooling over tokens.
    """

    config_class = PooledConfig
    base_model_prefix = "encoder"

    def __init__(self, config: PooledConfig, encoder: Any = None) -> None:
        super().__init__(config)
        settings = dict(config.encoder)
        kind = settings.pop("model_type", None)
        self.encoder = encoder or AutoModel.from_config(AutoConfig.for_model(kind, **settings))
        self.dropout = torch.nn.Dropout(config.head_dropout)
        self.classifier = torch.nn.Linear(self.encoder.config.hidden_size, config.num_labels)
        if encoder is None:
            self.post_init()

    def forward(self, labels: Any = None, **batch: Any) -> SequenceClassifierOutput:
        """Return logits of shape (n, k), and the mean cross-entropy where `labels` are given."""
        inputs = {
            name: batch[name] for name in ("input_ids", "attention_mask", "token_type_ids") if name in batch
        }
        tokens = self.encoder(**inputs).last_hidden_state
        logits = self.classifier(self.dropout(self._pool(tokens, batch.get("attention_mask"))))
        loss = None if labels is None else torch.nn.functional.cross_entropy(logits, labels)
        return SequenceClassifierOutput(loss=loss, logits=logits)

    def _pool(self, tokens: Any, attention_mask: Any) -> Any:
        if self.config.pooling == "cls":
            return tokens[:, 0]
        if attention_mask is None:
            return tokens.mean(dim=1)
        mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
        return (tokens * mask).sum(dim=1) / mask.sum(dim=1)


PooledConfig.register_for_auto_class()
PooledForSequenceClassification.register_for_auto_class("AutoModelForSequenceClassification")

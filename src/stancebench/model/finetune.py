"""Fine-tuning one encoder: the network, its optimiser, its loss, its checkpoints."""

from __future__ import annotations

import json
import re
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NotRequired

import numpy as np
from pydantic import ConfigDict
from typing_extensions import TypedDict  # pydantic asks for this one below Python 3.12

from stancebench.model.extras import require_extra
from stancebench.model.interface import Progress
from stancebench.types import LABELS

Pooling = Literal["head", "mean", "cls"]


class Lora(TypedDict):
    """Low-rank adapters beside frozen weights (Hu et al. 2022, "LoRA", ICLR).

    ``rank`` of the adapters, ``alpha`` their scale, ``dropout`` before them; ``targets`` are the names
    of the layers that get one (all linear layers but the head, where it is left out).
    """

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]
    rank: int
    alpha: int
    dropout: float
    targets: NotRequired[tuple[str, ...]]


def classifier(weights: str, pooling: Pooling) -> Any:
    """Return a network that classifies into `LABELS`, float32, its head drawn anew.

    Parameters
    ----------
    weights : str
        Folder of the pretrained encoder.
    pooling : {"head", "mean", "cls"}
        The checkpoint's own classification head, or a linear layer over pooled token vectors.
    """
    import torch
    from transformers import AutoModel, AutoModelForSequenceClassification

    names: dict[str, Any] = {
        "num_labels": len(LABELS),
        "id2label": dict(enumerate(LABELS)),
        "label2id": {label: i for i, label in enumerate(LABELS)},
    }
    if pooling == "head":
        return AutoModelForSequenceClassification.from_pretrained(weights, dtype=torch.float32, **names)
    pooled = pooled_model()
    encoder = AutoModel.from_pretrained(weights, dtype=torch.float32)
    config = pooled.config_class(encoder=encoder.config.to_dict(), pooling=pooling, **names)
    return pooled(config, encoder)


def pooled_model() -> Any:
    """Return the class of the pooled heads, made known to transformers.

    Otherwise its loaders would ask whether to run the copy of the code that lies beside the weights.
    """
    from transformers import AutoConfig, AutoModelForSequenceClassification

    from stancebench.model.pooled import PooledConfig, PooledForSequenceClassification

    AutoConfig.register(PooledConfig.model_type, PooledConfig, exist_ok=True)
    AutoModelForSequenceClassification.register(PooledConfig, PooledForSequenceClassification, exist_ok=True)
    return PooledForSequenceClassification


def with_adapters(network: Any, lora: Lora) -> Any:
    """Return the network with low-rank adapters; only they and the head are trained.

    Raises
    ------
    UserError
        Where peft is not installed.
    """
    peft = require_extra("peft", "lora")
    settings = peft.LoraConfig(
        task_type="SEQ_CLS",
        r=lora["rank"],
        lora_alpha=lora["alpha"],
        lora_dropout=lora["dropout"],
        target_modules=list(lora.get("targets", ())) or "all-linear",
    )
    with warnings.catch_warnings():  # peft asks the network by a name that transformers is giving up
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing", FutureWarning)
        return peft.get_peft_model(network, settings)


def freeze(network: Any, layers: int) -> None:
    """Fix the embeddings and the lowest `layers` layers; 0 fixes nothing."""
    for name, weight in network.named_parameters():
        if layers and _depth(name, top=layers + 1) <= layers:
            weight.requires_grad = False


def layerwise_groups(network: Any, learning_rate: float, decay: float, weight_decay: float) -> list[Any]:
    """Return AdamW's parameter groups: each layer learns `decay` times as fast as the one above it.

    The head learns at `learning_rate`, the embeddings slowest. Biases and norms have no weight decay.

    References
    ----------
    J. Howard and S. Ruder, "Universal Language Model Fine-tuning", ACL 2018: discriminative rates.
    """
    names = [name for name, weight in network.named_parameters() if weight.requires_grad]
    top = max(_depth(name, top=0) for name in names) + 1
    groups: dict[tuple[int, bool], list[Any]] = {}
    for name, weight in network.named_parameters():
        if weight.requires_grad:
            groups.setdefault((_depth(name, top), weight.ndim > 1), []).append(weight)
    return [
        {
            "params": weights,
            "lr": learning_rate * decay ** (top - depth),
            "weight_decay": weight_decay if is_matrix else 0.0,
        }
        for (depth, is_matrix), weights in groups.items()
    ]


def _depth(name: str, top: int) -> int:
    """Return 0 for the embeddings, i + 1 for layer i, `top` for what lies above all layers.

    Examples
    --------
    >>> [_depth(n, 13) for n in ("bert.embeddings.word.weight", "bert.encoder.layer.4.x", "classifier.bias")]
    [0, 5, 13]
    """
    layer = re.search(r"\blayers?\.(\d+)\.", name)
    if layer:
        return int(layer[1]) + 1
    return 0 if "embeddings" in name else top


def weighted_loss(y: Sequence[str], balanced: bool, smoothing: float) -> Any:
    """Return a cross-entropy for the Trainer, over label weights and smoothed labels.

    With `balanced`, label l weighs ``n / (k * count(l))``, 0 where it is absent, as in scikit-learn.
    `smoothing` is the share of the probability that is spread evenly over all labels (Szegedy et al.
    2016, "Rethinking the Inception Architecture").
    """
    import torch

    counts = [list(y).count(label) for label in LABELS]
    weights = torch.ones(len(LABELS))
    if balanced:
        weights = torch.tensor([len(y) / (len(LABELS) * count) if count else 0.0 for count in counts])

    def loss(outputs: Any, labels: Any, num_items_in_batch: Any = None) -> Any:
        logits = outputs["logits"].float()
        return torch.nn.functional.cross_entropy(
            logits, labels, weight=weights.to(logits.device), label_smoothing=smoothing
        )

    return loss


def macro_f1(evaluation: Any) -> dict[str, float]:
    """Return the macro-F1 of the Trainer's evaluation: what the best epoch is chosen by."""
    from sklearn.metrics import f1_score

    predicted = np.asarray(evaluation.predictions).argmax(axis=-1)
    labels = list(range(len(LABELS)))
    score = f1_score(evaluation.label_ids, predicted, labels=labels, average="macro", zero_division=0)
    return {"macro_f1": float(score)}


#: Which of the Trainer's figures are passed on, and what they are called elsewhere.
_REPORTED = {
    "loss": "loss",
    "learning_rate": "learning_rate",
    "eval_loss": "validation_loss",
    "eval_macro_f1": "validation_macro_f1",
}


def reporting(progress: Progress, prefix: str) -> Any:
    """Return a callback for the Trainer that passes its figures on, `prefix` before their names."""
    from transformers import TrainerCallback

    class Reporting(TrainerCallback):  # type: ignore[misc]
        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **rest: Any) -> None:
            known = {prefix + _REPORTED[name]: value for name, value in logs.items() if name in _REPORTED}
            if known:
                progress(known, state.global_step)

    return Reporting()


def drop_torn_checkpoints(folder: Path) -> None:
    """Remove checkpoints that a killed process left unfinished: their state is written last."""
    for checkpoint in folder.glob("checkpoint-*"):
        try:
            json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            shutil.rmtree(checkpoint)

"""Fine-tuned transformers on pairs of target and sentence."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from stancebench.model.interface import Parameters, Table
from stancebench.model.pooling import mean_pooled
from stancebench.model.weights import find_weights, identify_weights
from stancebench.types import LABELS

Encoded = list[dict[str, Any]]


class TransformerStance(Parameters):
    """An encoder with a classification head, fine-tuned on target and sentence as a pair.

    The Hugging Face ``Trainer`` carries the loop. With a validation part, the epoch with the best
    macro-F1 on it is kept; with a folder, every epoch leaves a checkpoint there, and a fit that was
    killed goes on from the last one.

    Parameters
    ----------
    path : str
        Repository id on the Hub, or a local folder.
    revision : str or None
        Commit of the repository.
    package : str or None
        Python package that carries the same files (no download).
    sha256 : str or None
        What ``model.safetensors`` must hash to.
    target_wording : {"name", "definition"}
        How the target is put before the sentence.
    pooling : {"head", "mean"}
        What the label is read from: the checkpoint's own classification head, or the mean of the last
        layer's token vectors, which is what sentence encoders such as MiniLM were trained for.
    max_length : int
        Tokens of the pair; the sentence is cut where it is longer.
    epochs : int
        Passes over the training part.
    batch_size : int
        Examples per step.
    learning_rate, weight_decay : float
        Of AdamW; the rate rises over `warmup` (a share of all steps) and falls linearly to 0.
    warmup : float
        Share of the steps, 0 to 1.
    class_weight : {"balanced"} or None
        Weigh each example's loss by the inverse frequency of its label, as scikit-learn does.
    random_state : int
        Seed of the head's weights, of dropout and of the order of the examples.
    """

    classes_ = np.asarray(LABELS, dtype=object)

    def __init__(
        self,
        path: str,
        revision: str | None = None,
        package: str | None = None,
        sha256: str | None = None,
        target_wording: Literal["name", "definition"] = "name",
        pooling: Literal["head", "mean"] = "head",
        max_length: int = 128,
        epochs: int = 10,
        batch_size: int = 16,
        learning_rate: float = 2e-5,
        weight_decay: float = 0.01,
        warmup: float = 0.1,
        class_weight: Literal["balanced"] | None = None,
        random_state: int = 0,
    ) -> None:
        self.path = path
        self.revision = revision
        self.package = package
        self.sha256 = sha256
        self.target_wording = target_wording
        self.pooling = pooling
        self.max_length = max_length
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.warmup = warmup
        self.class_weight = class_weight
        self.random_state = random_state

    def identity(self) -> dict[str, Any]:
        """Return the parameters that tell one run from another: the weights by their content."""
        params = self.get_params()
        for name in ("path", "revision", "package", "sha256"):
            del params[name]
        return {**params, "weights": identify_weights(self.path, self.revision, self.sha256)}

    def fit(
        self,
        X: Table,
        y: Sequence[str],
        validation: tuple[Table, Sequence[str]] | None = None,
        folder: Path | None = None,
    ) -> TransformerStance:
        """Fine-tune the encoder.

        Parameters
        ----------
        X : table of n examples
            Columns ``text`` and ``target_name`` or ``target_definition``, as `target_wording` says
            (``target`` where the column is missing).
        y : sequence of n label names
        validation : pair (X, y), optional
            What the best epoch is chosen on.
        folder : Path, optional
            Where checkpoints are kept until the fit is complete.
        """
        # Before anything heavy is imported: without weights the user learns so at once.
        weights = str(find_weights(self.path, self.revision, self.package, self.sha256))

        from transformers import AutoTokenizer, Trainer, set_seed
        from transformers.trainer_utils import get_last_checkpoint
        from transformers.utils import logging

        logging.set_verbosity_error()
        set_seed(self.random_state)
        self.tokenizer_ = AutoTokenizer.from_pretrained(weights)
        checkpoints = Path(folder or tempfile.mkdtemp(prefix="stancebench-"))
        _drop_torn_checkpoints(checkpoints)
        trainer = Trainer(
            model=mean_pooled(weights, len(LABELS)) if self.pooling == "mean" else _classifier(weights),
            args=self._arguments(checkpoints, choose_best=validation is not None),
            train_dataset=self._encode(X, y),
            eval_dataset=self._encode(*validation) if validation else None,
            processing_class=self.tokenizer_,
            compute_metrics=_macro_f1,
            compute_loss_func=_balanced_loss(y) if self.class_weight else None,
        )
        resume = get_last_checkpoint(str(checkpoints)) if checkpoints.is_dir() else None
        trainer.train(resume_from_checkpoint=resume)
        self.model_ = trainer.model
        shutil.rmtree(checkpoints, ignore_errors=True)
        return self

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k)."""
        import torch

        encoded = self._encode(X)
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]["input_ids"]))
        probabilities = np.zeros((len(encoded), len(LABELS)))
        self.model_.eval()
        with torch.inference_mode():
            for start in range(0, len(order), 4 * self.batch_size):
                rows = order[start : start + 4 * self.batch_size]
                batch = self.tokenizer_.pad([encoded[i] for i in rows], return_tensors="pt")
                device = next(self.model_.parameters()).device
                logits = self.model_(**batch.to(device))["logits"]
                probabilities[rows] = torch.softmax(logits.double(), dim=-1).cpu().numpy()
        return probabilities

    def parameter_count(self) -> int:
        """Return how many weights the fitted model has."""
        return int(sum(weight.numel() for weight in self.model_.parameters()))

    def _encode(self, X: Table, y: Sequence[str] | None = None) -> Encoded:
        column = f"target_{self.target_wording}"
        names = getattr(X, "columns", {})
        targets = list(X[column] if column in names else X["target"])
        pairs = self.tokenizer_(
            targets, list(X["text"]), truncation="only_second", max_length=self.max_length
        )
        rows: Encoded = [{name: pairs[name][i] for name in pairs} for i in range(len(targets))]
        if y is not None:
            for row, label in zip(rows, y, strict=True):
                row["labels"] = LABELS.index(label)
        return rows

    def _arguments(self, folder: Path, choose_best: bool) -> Any:
        import torch
        from transformers import TrainingArguments

        fast_bf16 = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
        return TrainingArguments(
            output_dir=str(folder),
            num_train_epochs=self.epochs,
            per_device_train_batch_size=self.batch_size,
            per_device_eval_batch_size=4 * self.batch_size,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            warmup_steps=self.warmup,
            train_sampling_strategy="group_by_length",
            eval_strategy="epoch" if choose_best else "no",
            save_strategy="epoch",
            save_total_limit=2,
            load_best_model_at_end=choose_best,
            metric_for_best_model="macro_f1" if choose_best else None,
            logging_strategy="epoch",
            seed=self.random_state,
            data_seed=self.random_state,
            bf16=fast_bf16,
            dataloader_pin_memory=torch.cuda.is_available(),
            remove_unused_columns=False,  # rows hold only what the tokenizer and we put there
            report_to="none",
        )


def _classifier(weights: str) -> Any:
    import torch
    from transformers import AutoModelForSequenceClassification

    return AutoModelForSequenceClassification.from_pretrained(
        weights,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={label: i for i, label in enumerate(LABELS)},
        dtype=torch.float32,
    )


def _balanced_loss(y: Sequence[str]) -> Any:
    """Return a cross-entropy that weighs label l by ``n / (k * count(l))`` (0 where it is absent)."""
    import torch

    counts = [list(y).count(label) for label in LABELS]
    weights = torch.tensor([len(y) / (len(LABELS) * count) if count else 0.0 for count in counts])

    def loss(outputs: Any, labels: Any, num_items_in_batch: Any = None) -> Any:
        logits = outputs["logits"].float()
        return torch.nn.functional.cross_entropy(logits, labels, weight=weights.to(logits.device))

    return loss


def _macro_f1(evaluation: Any) -> dict[str, float]:
    from sklearn.metrics import f1_score

    predicted = np.asarray(evaluation.predictions).argmax(axis=-1)
    labels = list(range(len(LABELS)))
    score = f1_score(evaluation.label_ids, predicted, labels=labels, average="macro", zero_division=0)
    return {"macro_f1": float(score)}


def _drop_torn_checkpoints(folder: Path) -> None:
    """Remove checkpoints that a killed process left unfinished: their state is written last."""
    for checkpoint in folder.glob("checkpoint-*"):
        try:
            json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            shutil.rmtree(checkpoint)

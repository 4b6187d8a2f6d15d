"""Fine-tuned transformers on pairs of target and sentence."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from stancebench.model.extras import require_extra
from stancebench.model.finetune import (
    Lora,
    Pooling,
    classifier,
    drop_torn_checkpoints,
    freeze,
    layerwise_groups,
    macro_f1,
    pooled_model,
    reporting,
    weighted_loss,
    with_adapters,
)
from stancebench.model.interface import Parameters, Progress, Table
from stancebench.model.weights import find_weights, identify_weights
from stancebench.model.wording import target_wordings
from stancebench.types import LABELS

Encoded = list[dict[str, Any]]
Wording = Literal["name", "definition", "question"]
Order = Literal["target_first", "text_first"]


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
    target_wording : {"name", "definition", "question"}
        How the target is put: its name, its definition, or "What is the stance towards NAME?".
    pair_order : {"target_first", "text_first"}
        Which of target and sentence is the first of the pair. The sentence is what is cut.
    pooling : {"head", "mean", "cls"}
        What the label is read from: the checkpoint's own classification head; the mean of the last
        layer's token vectors, which is what sentence encoders such as MiniLM were trained for; or the
        vector of the first token.
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
    label_smoothing : float
        Share of the probability that is spread over all labels, 0 to 1.
    layer_decay : float
        Factor of the learning rate from each layer to the one below; 1 for one rate.
    freeze_layers : int
        How many of the lowest layers, and the embeddings with them, are not trained; 0 trains all.
    lora : Lora or None
        Train low-rank adapters and the head alone; they are merged into the weights afterwards.
    ensemble : int
        Networks of different seeds; their probabilities are averaged.
    random_state : int
        Seed of the head's weights, of dropout and of the order of the examples.

    Notes
    -----
    A folder that `save` wrote (of one network) is an ordinary Hugging Face model. The pair is given to
    ``pipeline("text-classification")`` as ``{"text": target, "text_pair": sentence}`` (the other way
    round with ``pair_order="text_first"``).
    """

    classes_ = np.asarray(LABELS, dtype=object)

    def __init__(
        self,
        path: str,
        revision: str | None = None,
        package: str | None = None,
        sha256: str | None = None,
        target_wording: Wording = "name",
        pair_order: Order = "target_first",
        pooling: Pooling = "head",
        max_length: int = 128,
        epochs: int = 10,
        batch_size: int = 16,
        learning_rate: float = 2e-5,
        weight_decay: float = 0.01,
        warmup: float = 0.1,
        class_weight: Literal["balanced"] | None = None,
        label_smoothing: float = 0.0,
        layer_decay: float = 1.0,
        freeze_layers: int = 0,
        lora: Lora | None = None,
        ensemble: int = 1,
        random_state: int = 0,
    ) -> None:
        self.path = path
        self.revision = revision
        self.package = package
        self.sha256 = sha256
        self.target_wording = target_wording
        self.pair_order = pair_order
        self.pooling = pooling
        self.max_length = max_length
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.warmup = warmup
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.layer_decay = layer_decay
        self.freeze_layers = freeze_layers
        self.lora = lora
        self.ensemble = ensemble
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
        progress: Progress | None = None,
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
        progress : callable, optional
            Told the loss of each epoch, and the validation part's loss and macro-F1 after it.
        """
        # Before anything heavy is imported: without weights the user learns so at once.
        weights = str(find_weights(self.path, self.revision, self.package, self.sha256))
        if self.lora:
            require_extra("peft", "lora")

        from transformers import AutoTokenizer

        _be_quiet()
        self.tokenizer_ = AutoTokenizer.from_pretrained(weights)
        self.tokenizer_.model_max_length = self.max_length
        checkpoints = Path(folder or tempfile.mkdtemp(prefix="stancebench-"))
        train = self._encode(X, y)
        held_out = self._encode(*validation) if validation else None
        loss = weighted_loss(y, self.class_weight == "balanced", self.label_smoothing)
        self.networks_ = [
            self._fit_one(weights, self.random_state + 1000 * member, train, held_out, loss, path, progress)
            for member in range(self.ensemble)
            for path in [checkpoints / f"member-{member}"]
        ]
        shutil.rmtree(checkpoints, ignore_errors=True)
        return self

    def _fit_one(
        self,
        weights: str,
        seed: int,
        train: Encoded,
        validation: Encoded | None,
        loss: Any,
        folder: Path,
        progress: Progress | None,
    ) -> Any:
        """Fine-tune one network, going on from its last checkpoint in `folder` where there is one."""
        from transformers import Trainer, set_seed
        from transformers.trainer_utils import get_last_checkpoint

        set_seed(seed)
        network = classifier(weights, self.pooling)
        freeze(network, self.freeze_layers)
        if self.lora:
            network = with_adapters(network, self.lora)
        drop_torn_checkpoints(folder)
        prefix = f"{folder.name}/" if self.ensemble > 1 else ""
        callbacks = [reporting(progress, prefix)] if progress else []
        trainer = Trainer(
            model=network,
            args=self._arguments(folder, seed, choose_best=validation is not None),
            train_dataset=train,
            eval_dataset=validation,
            processing_class=self.tokenizer_,
            compute_metrics=macro_f1,
            compute_loss_func=loss,
            callbacks=callbacks,
            optimizers=(self._optimizer(network), None),
        )
        trainer.train(resume_from_checkpoint=get_last_checkpoint(str(folder)) if folder.is_dir() else None)
        return trainer.model.merge_and_unload() if self.lora else trainer.model

    def _optimizer(self, network: Any) -> Any:
        """Return an optimiser with a rate for each layer, or ``None``: the Trainer's own."""
        import torch

        if self.layer_decay == 1:
            return None
        groups = layerwise_groups(network, self.learning_rate, self.layer_decay, self.weight_decay)
        return torch.optim.AdamW(groups, lr=self.learning_rate)

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k): the mean over the networks of an ensemble."""
        encoded = self._encode(X)
        members = [self._probabilities(network, encoded) for network in self.networks_]
        return np.asarray(np.mean(members, axis=0))

    def _probabilities(self, network: Any, encoded: Encoded) -> np.ndarray:
        import torch

        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]["input_ids"]))
        probabilities = np.zeros((len(encoded), len(LABELS)))
        device = next(network.parameters()).device
        network.eval()
        with torch.inference_mode():
            for start in range(0, len(order), 4 * self.batch_size):
                rows = order[start : start + 4 * self.batch_size]
                batch = self.tokenizer_.pad([encoded[i] for i in rows], return_tensors="pt")
                logits = network(**batch.to(device))["logits"]
                probabilities[rows] = torch.softmax(logits.double(), dim=-1).cpu().numpy()
        return probabilities

    def save(self, folder: Path) -> None:
        """Write each network with its tokenizer as a Hugging Face folder: `folder`, or one a member."""
        for network, path in zip(self.networks_, self._folders(folder), strict=True):
            network.save_pretrained(path)
            self.tokenizer_.save_pretrained(path)

    def restore(self, folder: Path) -> None:
        """Read what `save` wrote."""
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        _be_quiet()
        kind = AutoModelForSequenceClassification if self.pooling == "head" else pooled_model()
        folders = self._folders(folder)
        self.tokenizer_ = AutoTokenizer.from_pretrained(folders[0], trust_remote_code=False)
        self.networks_ = [kind.from_pretrained(path, dtype=torch.float32) for path in folders]

    def _folders(self, folder: Path) -> list[Path]:
        if self.ensemble == 1:
            return [folder]
        return [folder / f"member-{member}" for member in range(self.ensemble)]

    def parameter_count(self) -> int:
        """Return how many weights the fitted networks have."""
        return int(sum(weight.numel() for network in self.networks_ for weight in network.parameters()))

    def _encode(self, X: Table, y: Sequence[str] | None = None) -> Encoded:
        targets, texts = self._wordings(X), list(X["text"])
        target_first = self.pair_order == "target_first"
        pairs = self.tokenizer_(
            *((targets, texts) if target_first else (texts, targets)),
            truncation="only_second" if target_first else "only_first",
            max_length=self.max_length,
        )
        rows: Encoded = [{name: pairs[name][i] for name in pairs} for i in range(len(targets))]
        if y is not None:
            for row, label in zip(rows, y, strict=True):
                row["labels"] = LABELS.index(label)
        return rows

    def _wordings(self, X: Table) -> list[str]:
        targets = target_wordings(X, "definition" if self.target_wording == "definition" else "name")
        if self.target_wording == "question":
            return [f"What is the stance towards {target}?" for target in targets]
        return targets

    def _arguments(self, folder: Path, seed: int, choose_best: bool) -> Any:
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
            seed=seed,
            data_seed=seed,
            bf16=fast_bf16,
            dataloader_pin_memory=torch.cuda.is_available(),
            remove_unused_columns=False,  # rows hold only what the tokenizer and we put there
            report_to="none",
            disable_tqdm=False,  # the verbosity above would hide the progress bar
        )


def _be_quiet() -> None:
    """Let transformers say errors only, and show no bar for the loading of weights."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()

"""Few-shot: a sentence encoder tuned on pairs of examples, a logistic head on its vectors."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from stancebench.model.extras import require_extra
from stancebench.model.head import Head, head_of
from stancebench.model.interface import Parameters, Table
from stancebench.model.weights import find_weights, identify_weights
from stancebench.model.wording import TargetWording, check_templates, target_wordings
from stancebench.types import LABELS


class Pairs(NamedTuple):
    """Positions of the examples of p pairs, and whether the two have the same label (1) or not (0)."""

    first: np.ndarray
    second: np.ndarray
    same: np.ndarray


class SetFitStance(Parameters):
    """SetFit: contrastive tuning of a sentence encoder, then logistic regression.

    First the encoder learns that two examples of one label have a cosine of 1 and two of different
    labels one of 0; then a logistic regression is fitted to the vectors of the same examples [1]_.
    An example is its target and its sentence in one text. The validation part is not used: few-shot
    protocols have none.

    Parameters
    ----------
    path : str
        Repository id of a sentence encoder on the Hub, or a local folder.
    revision : str or None
        Commit of the repository.
    package : str or None
        Python package that carries the same files (no download).
    sha256 : str or None
        What ``model.safetensors`` must hash to.
    template : str
        The text of an example, with ``{target}`` and ``{text}``.
    target_wording : {"name", "definition"}
        How the target is put.
    num_iterations : int
        Pairs of either kind that each example is the first of.
    max_pairs : int
        Pairs at most, so that a full training part does not take hours; they are drawn evenly from
        what `num_iterations` gives.
    body_epochs : int
        Passes over the pairs.
    batch_size : int
        Pairs per step.
    body_learning_rate : float
        Of AdamW for the encoder; it rises over the first tenth of the steps and falls linearly to 0.
    max_length : int
        Tokens of a text; it is cut where it is longer.
    C : float
        Inverse strength of the head's regularisation.
    class_weight : {"balanced"} or None
        Weights of the classes in the head.
    random_state : int
        Seed of the pairs, their order, and dropout.

    References
    ----------
    .. [1] L. Tunstall et al., "Efficient Few-Shot Learning Without Prompts", arXiv:2209.11055, 2022.
    """

    classes_ = np.asarray(LABELS, dtype=object)

    def __init__(
        self,
        path: str,
        revision: str | None = None,
        package: str | None = None,
        sha256: str | None = None,
        template: str = "{target}: {text}",
        target_wording: TargetWording = "name",
        num_iterations: int = 5,
        max_pairs: int = 720,
        body_epochs: int = 1,
        batch_size: int = 16,
        body_learning_rate: float = 1e-4,
        max_length: int = 128,
        C: float = 1.0,
        class_weight: Literal["balanced"] | None = "balanced",
        random_state: int = 0,
    ) -> None:
        self.path = path
        self.revision = revision
        self.package = package
        self.sha256 = sha256
        self.template = template
        self.target_wording = target_wording
        self.num_iterations = num_iterations
        self.max_pairs = max_pairs
        self.body_epochs = body_epochs
        self.batch_size = batch_size
        self.body_learning_rate = body_learning_rate
        self.max_length = max_length
        self.C = C
        self.class_weight = class_weight
        self.random_state = random_state

    def identity(self) -> dict[str, Any]:
        """Return the parameters that tell one run from another: the weights by their content."""
        params = self.get_params()
        for name in ("path", "revision", "package", "sha256"):
            del params[name]
        return {**params, "weights": identify_weights(self.path, self.revision, self.sha256)}

    def fit(self, X: Table, y: Sequence[str]) -> SetFitStance:
        """Tune the encoder on pairs, and fit the head to the tuned vectors.

        Parameters
        ----------
        X : table of n examples
            Columns ``text`` and ``target_name`` or ``target_definition``, as `target_wording` says
            (``target`` where the column is missing).
        y : sequence of n label names
        """
        check_templates("template", [self.template], ("target", "text"), needed=("text",))
        self.body_ = self._body(find_weights(self.path, self.revision, self.package, self.sha256))
        texts, labels = self._texts(X), np.asarray(y, dtype=object)
        pairs = draw_pairs(labels, self.num_iterations, self.max_pairs, self.random_state)
        if len(set(labels)) > 1:  # one label is told apart from nothing
            self._tune(texts, pairs)
        self.head_ = self._fit_head(self._vectors(texts), labels)
        return self

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k); a label absent from the training part gets 0."""
        return self.head_.probabilities(self._vectors(self._texts(X)))

    def parameter_count(self) -> int:
        """Return how many weights encoder and head have."""
        body = sum(weight.numel() for weight in self.body_.parameters())
        return int(body + self.head_.coefficients.size + self.head_.intercepts.size)

    def save(self, folder: Path) -> None:
        """Write the encoder as a sentence-transformers folder (safetensors), and the head beside it."""
        self.body_.save(str(folder / "encoder"), create_model_card=False)
        np.savez(folder / "head.npz", **self.head_._asdict())

    def restore(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self.body_ = self._body(folder / "encoder")
        with np.load(folder / "head.npz", allow_pickle=False) as arrays:
            self.head_ = Head(**arrays)

    def _texts(self, X: Table) -> list[str]:
        targets = target_wordings(X, self.target_wording)
        rows = zip(targets, X["text"], strict=True)
        return [self.template.format(target=target, text=text) for target, text in rows]

    def _body(self, weights: Path) -> Any:
        library = require_extra("sentence_transformers", "setfit")
        body = library.SentenceTransformer(str(weights))
        body.max_seq_length = self.max_length
        return body.float()

    def _vectors(self, texts: list[str]) -> np.ndarray:
        """Return the encoder's vectors, shape (n, d); it sorts the texts by length itself."""
        vectors = self.body_.encode(texts, batch_size=4 * self.batch_size, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float64)

    def _tune(self, texts: list[str], pairs: Pairs) -> None:
        import torch
        from datasets import Dataset
        from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
        from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss

        columns = {
            "first": [texts[i] for i in pairs.first],
            "second": [texts[i] for i in pairs.second],
            "label": pairs.same.astype(float),
        }
        with tempfile.TemporaryDirectory(prefix="stancebench-") as folder:
            settings = SentenceTransformerTrainingArguments(
                output_dir=folder,
                num_train_epochs=self.body_epochs,
                per_device_train_batch_size=self.batch_size,
                learning_rate=self.body_learning_rate,
                warmup_steps=0.1,
                seed=self.random_state,
                dataloader_pin_memory=torch.cuda.is_available(),
                save_strategy="no",
                logging_strategy="no",
                report_to="none",
            )
            SentenceTransformerTrainer(
                model=self.body_,
                args=settings,
                train_dataset=Dataset.from_dict(columns),
                loss=CosineSimilarityLoss(self.body_),
            ).train()

    def _fit_head(self, vectors: np.ndarray, labels: np.ndarray) -> Head:
        from sklearn.dummy import DummyClassifier
        from sklearn.linear_model import LogisticRegression

        one_label = len(set(labels)) == 1  # which logistic regression refuses
        logistic = LogisticRegression(C=self.C, class_weight=self.class_weight, max_iter=2000)
        classifier = DummyClassifier() if one_label else logistic
        return head_of(classifier.fit(vectors, labels), vectors.shape[1])


def draw_pairs(labels: np.ndarray, per_example: int, max_pairs: int, seed: int) -> Pairs:
    """Draw pairs of examples: as many of one label as of two, where there are two.

    Every example is the first of `per_example` pairs of each kind, unless that makes more than
    `max_pairs`; then it is so in pairs drawn from them. An example is paired with itself only where
    no other has its label.

    Parameters
    ----------
    labels : array of n label names
    per_example : int
        Pairs of each kind that an example is the first of.
    max_pairs : int
        Pairs at most, of both kinds together.
    seed : int
        Seed of the draws.

    Examples
    --------
    >>> labels = np.array(["favor", "none", "favor"])
    >>> pairs = draw_pairs(labels, per_example=1, max_pairs=10, seed=0)
    >>> [(int(a), int(b)) for a, b in zip(pairs.first, pairs.second) if labels[a] == labels[b]]
    [(0, 2), (2, 0), (1, 1)]
    """
    generator = np.random.default_rng(seed)
    firsts = generator.permutation(np.repeat(np.arange(len(labels)), per_example))[: max_pairs // 2]
    firsts = np.sort(firsts)
    pairs = []
    for label in dict.fromkeys(labels):
        mine, others = np.flatnonzero(labels == label), np.flatnonzero(labels != label)
        first = firsts[labels[firsts] == label]
        steps = generator.integers(1, max(len(mine), 2), len(first))  # 0 would be the example itself
        pairs.append((first, mine[(np.searchsorted(mine, first) + steps) % len(mine)], 1))
        if len(others):
            pairs.append((first, generator.choice(others, len(first)), 0))
    first, second = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    return Pairs(first, second, np.concatenate([np.full(len(pair[0]), pair[2]) for pair in pairs]))

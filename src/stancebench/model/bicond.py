"""Bidirectional conditional encoding: an LSTM reads the sentence with the target in its memory."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from stancebench.model.conditional import ConditionalEncoder, Pair
from stancebench.model.interface import Parameters, Table
from stancebench.model.vectors import read_vectors
from stancebench.model.weights import sha256_of_file
from stancebench.model.wording import TargetWording, target_wordings
from stancebench.types import LABELS

#: The number of every word that is not in the vocabulary; the known ones follow, and 0 is padding.
UNKNOWN = 1


class BicondStance(Parameters):
    """Two bidirectional LSTMs, the second of which starts where the first one ends.

    The first reads the target. Its final hidden and cell states, forward and backward, are the initial
    states of the second, which reads the sentence; the label is read from the last state of either
    direction [1]_. With a validation part, the epoch with the best macro-F1 on it is kept.

    Parameters
    ----------
    target_wording : {"name", "definition"}
        How the target is put.
    embeddings : str or None
        Text file of pretrained word vectors (GloVe, word2vec); words that it lacks start at random,
        and all are trained on.
    embedding_size : int
        Numbers of a word vector.
    hidden_size : int
        Numbers of a state, of each direction.
    dropout : float
        Share of the word vectors' and of the last states' numbers that are dropped in training.
    min_count : int
        Times that a word must stand in the training part to be known.
    epochs : int
        Passes over the training part, at most.
    patience : int
        Epochs without a better macro-F1 on the validation part, after which training ends.
    batch_size : int
        Examples per step.
    learning_rate : float
        Of Adam.
    class_weight : {"balanced"} or None
        Weigh each example's loss by the inverse frequency of its label, as scikit-learn does.
    random_state : int
        Seed of the weights, of dropout and of the order of the examples.

    Notes
    -----
    It runs on the CPU, whatever the machine has: so small a network gains little from a GPU, whose
    LSTM kernels do not give the same numbers twice.

    References
    ----------
    .. [1] I. Augenstein, T. Rocktäschel, A. Vlachos and K. Bontcheva, "Stance Detection with
       Bidirectional Conditional Encoding", EMNLP 2016.

    Examples
    --------
    >>> from stancebench.types import Examples
    >>> X = Examples({"text": ["welcome it", "reject it"] * 8, "target": ["t"] * 16})
    >>> model = BicondStance(embedding_size=8, hidden_size=8, learning_rate=0.05)
    >>> list(model.fit(X, ["favor", "against"] * 8).predict(X.take([0, 1])))
    ['favor', 'against']
    """

    classes_ = np.asarray(LABELS, dtype=object)

    def __init__(
        self,
        target_wording: TargetWording = "name",
        embeddings: str | None = None,
        embedding_size: int = 100,
        hidden_size: int = 100,
        dropout: float = 0.1,
        min_count: int = 2,
        epochs: int = 20,
        patience: int = 5,
        batch_size: int = 32,
        learning_rate: float = 1e-3,
        class_weight: Literal["balanced"] | None = None,
        random_state: int = 0,
    ) -> None:
        self.target_wording = target_wording
        self.embeddings = embeddings
        self.embedding_size = embedding_size
        self.hidden_size = hidden_size
        self.dropout = dropout
        self.min_count = min_count
        self.epochs = epochs
        self.patience = patience
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.class_weight = class_weight
        self.random_state = random_state

    def identity(self) -> dict[str, Any]:
        """Return the parameters that tell one run from another: the word vectors by their content."""
        params = self.get_params()
        if self.embeddings is not None and Path(self.embeddings).is_file():
            params["embeddings"] = sha256_of_file(Path(self.embeddings))
        return params

    def fit(
        self, X: Table, y: Sequence[str], validation: tuple[Table, Sequence[str]] | None = None
    ) -> BicondStance:
        """Learn the vocabulary and the weights.

        Parameters
        ----------
        X : table of n examples
            Columns ``text`` and ``target_name`` or ``target_definition``, as `target_wording` says
            (``target`` where the column is missing).
        y : sequence of n label names
        validation : pair (X, y), optional
            What the best epoch is chosen on.

        Raises
        ------
        UserError
            Where the file of word vectors cannot be read, with the line at fault.
        """
        self.vocabulary_ = self._learn_vocabulary(X)
        with torch.random.fork_rng(devices=[]):  # seeded, and the caller's generator left as it was
            torch.manual_seed(self.random_state)
            self.network_ = self._network()
            if self.embeddings is not None:
                self._load_vectors(Path(self.embeddings))
            self._train(self._encode(X), y, validation)
        return self

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k)."""
        pairs = self._encode(X)
        probabilities = np.zeros((len(pairs), len(LABELS)))
        self.network_.eval()
        with torch.inference_mode():
            for rows in self._batches(pairs, np.arange(len(pairs))):
                logits = self.network_([pairs[i] for i in rows])
                probabilities[rows] = torch.softmax(logits.double(), dim=-1).numpy()
        return probabilities

    def parameter_count(self) -> int:
        """Return how many weights the fitted model has."""
        return sum(weight.numel() for weight in self.network_.parameters())

    def save(self, folder: Path) -> None:
        """Write ``vocabulary.json`` and ``weights.safetensors``."""
        from safetensors.torch import save_file

        text = json.dumps(list(self.vocabulary_), ensure_ascii=False)
        (folder / "vocabulary.json").write_text(text + "\n", encoding="utf-8")
        save_file(self.network_.state_dict(), folder / "weights.safetensors")

    def restore(self, folder: Path) -> None:
        """Read what `save` wrote; the file of word vectors is not needed again."""
        from safetensors.torch import load_file

        words = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        self.vocabulary_ = _numbered(words)
        self.network_ = self._network()
        self.network_.load_state_dict(load_file(folder / "weights.safetensors"))

    def _learn_vocabulary(self, X: Table) -> dict[str, int]:
        texts = [*X["text"], *target_wordings(X, self.target_wording)]
        counts = Counter(word for text in texts for word in tokenize(text))
        return _numbered(word for word, count in counts.items() if count >= self.min_count)

    def _network(self) -> ConditionalEncoder:
        words = len(self.vocabulary_) + 2
        return ConditionalEncoder(words, self.embedding_size, self.hidden_size, self.dropout)

    def _load_vectors(self, path: Path) -> None:
        vectors = read_vectors(path, self.vocabulary_, self.embedding_size)
        with torch.no_grad():
            for word, vector in vectors.items():
                self.network_.embedding.weight[self.vocabulary_[word]] = torch.from_numpy(vector)

    def _encode(self, X: Table) -> list[Pair]:
        def numbers(text: str) -> Tensor:
            known = [self.vocabulary_.get(word, UNKNOWN) for word in tokenize(text)]
            return torch.tensor(known or [UNKNOWN])  # an LSTM reads at least one word

        wordings = target_wordings(X, self.target_wording)
        targets = {wording: numbers(wording) for wording in set(wordings)}
        return [(targets[wording], numbers(s)) for wording, s in zip(wordings, X["text"], strict=True)]

    def _train(
        self, pairs: list[Pair], y: Sequence[str], validation: tuple[Table, Sequence[str]] | None
    ) -> None:
        from rich.console import Console
        from rich.progress import track

        gold = torch.tensor([LABELS.index(label) for label in y])
        weights = self._weights(y)
        optimizer = torch.optim.Adam(self.network_.parameters(), lr=self.learning_rate)
        generator = np.random.default_rng(self.random_state)
        best = _Best(self.patience)
        console = Console(stderr=True)
        for _ in track(range(self.epochs), "epochs", console=console, disable=not console.is_terminal):
            self.network_.train()
            batches = self._batches(pairs, generator.permutation(len(pairs)))
            generator.shuffle(batches)
            for rows in batches:
                logits = self.network_([pairs[i] for i in rows])
                losses = nn.functional.cross_entropy(logits, gold[rows], reduction="none")
                optimizer.zero_grad()
                (losses * weights[rows]).mean().backward()  # type: ignore[no-untyped-call]
                optimizer.step()
            if validation is not None and best.is_enough(self._macro_f1(*validation), self.network_):
                break
        best.put_back(self.network_)

    def _batches(self, pairs: list[Pair], rows: np.ndarray) -> list[np.ndarray]:
        """Return batches of sentences of like length, which an LSTM reads in half the time.

        Sentences of equal length stay in the order of `rows`.
        """
        lengths = np.array([len(pairs[i][1]) for i in rows], dtype=int)
        order = rows[np.argsort(lengths, kind="stable")]
        return [order[i : i + self.batch_size] for i in range(0, len(order), self.batch_size)]

    def _weights(self, y: Sequence[str]) -> Tensor:
        """Return the weight of each example's loss, shape (n,)."""
        from sklearn.utils.class_weight import compute_sample_weight

        weights = compute_sample_weight(self.class_weight, np.asarray(y, dtype=str))
        return torch.from_numpy(weights).float()

    def _macro_f1(self, X: Table, y: Sequence[str]) -> float:
        from sklearn.metrics import f1_score

        predicted = self.predict(X)
        return float(f1_score(list(y), list(predicted), labels=LABELS, average="macro", zero_division=0))


class _Best:
    """The best epoch so far: its score, its weights, and how long ago it was."""

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.score, self.since = -1.0, 0
        self.weights: dict[str, Tensor] = {}

    def is_enough(self, score: float, network: nn.Module) -> bool:
        """Note an epoch's score; true when none of the last `patience` epochs was better."""
        self.since += 1
        if score > self.score:
            self.score, self.since = score, 0
            self.weights = {name: weight.clone() for name, weight in network.state_dict().items()}
        return self.since >= self.patience

    def put_back(self, network: nn.Module) -> None:
        """Give the network the best epoch's weights, where any epoch was scored."""
        if self.weights:
            network.load_state_dict(self.weights)


def tokenize(text: str) -> list[str]:
    """Return the lower-cased words and single punctuation marks of a text.

    Examples
    --------
    >>> tokenize("Don't go, ever!")
    ['don', "'", 't', 'go', ',', 'ever', '!']
    """
    return re.findall(r"\w+|[^\w\s]", text.lower())


def _numbered(words: Any) -> dict[str, int]:
    return {word: number for number, word in enumerate(words, start=UNKNOWN + 1)}

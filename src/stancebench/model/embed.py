"""A frozen sentence encoder with logistic regression over its vectors of sentence and target."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from stancebench.errors import UserError
from stancebench.model.head import Head, head_of
from stancebench.model.interface import Parameters, Table
from stancebench.model.sentence_encoder import Pooling, SentenceEncoder
from stancebench.model.weights import find_weights, identify_weights
from stancebench.model.wording import TargetWording, target_wordings
from stancebench.types import LABELS

Feature = Literal["text", "target", "product", "difference", "crossed"]


class EmbedLogreg(Parameters):
    """Logistic regression over what a frozen encoder makes of the sentence and of its target.

    Parameters
    ----------
    path : str
        Repository id on the Hub, or a local folder, of an encoder.
    revision : str or None
        Commit of the repository.
    package : str or None
        Python package that carries the same files (no download).
    sha256 : str or None
        What ``model.safetensors`` must hash to.
    pooling : {"mean", "cls"}
        The mean of the token vectors [1]_, or the vector of the first token.
    max_length : int
        Tokens of a sentence; longer ones are cut.
    normalise : bool
        Whether to scale each embedding to length 1.
    target_wording : {"name", "definition"}
        What of the target is embedded.
    features : tuple of {"text", "target", "product", "difference", "crossed"}
        What the classifier sees, side by side: see `interactions`.
    grid : tuple of float
        Values of `C`, the inverse strength of regularisation, from which one is chosen by
        cross-validation inside the training part, its documents kept whole: the best macro-F1, of
        equal ones the smallest. A single value is taken as it is.
    cv_folds : int
        Folds of that cross-validation.
    class_weight : {"balanced"} or None
        Weigh each example by the inverse frequency of its label.
    cache : bool
        Keep embeddings on disk (``$STANCEBENCH_CACHE``) for every later fit and prediction; no part of a
        run's identity.

    Attributes
    ----------
    chosen_ : float
        The value of `C` in use.
    grid_scores_ : dict of float to float
        Macro-F1 of each value of the grid; empty where nothing was searched.

    References
    ----------
    .. [1] N. Reimers and I. Gurevych, "Sentence-BERT", EMNLP 2019: pooling, and the features ``text``,
       ``target`` and ``difference`` for a pair.
    """

    classes_ = np.asarray(LABELS, dtype=object)

    def __init__(
        self,
        path: str,
        revision: str | None = None,
        package: str | None = None,
        sha256: str | None = None,
        pooling: Pooling = "mean",
        max_length: int = 128,
        normalise: bool = True,
        target_wording: TargetWording = "name",
        features: tuple[Feature, ...] = ("text", "crossed", "product", "difference"),
        grid: tuple[float, ...] = (1.0,),
        cv_folds: int = 3,
        class_weight: Literal["balanced"] | None = "balanced",
        cache: bool = True,
    ) -> None:
        self.path = path
        self.revision = revision
        self.package = package
        self.sha256 = sha256
        self.pooling = pooling
        self.max_length = max_length
        self.normalise = normalise
        self.target_wording = target_wording
        self.features = features
        self.grid = grid
        self.cv_folds = cv_folds
        self.class_weight = class_weight
        self.cache = cache

    def identity(self) -> dict[str, Any]:
        """Return the parameters that tell one run from another: the weights by their content."""
        params = self.get_params()
        for name in ("path", "revision", "package", "sha256", "cache"):
            del params[name]
        return {**params, "weights": identify_weights(self.path, self.revision, self.sha256)}

    def fit(self, X: Table, y: Sequence[str]) -> EmbedLogreg:
        """Embed the training part and learn the classifier over it.

        Parameters
        ----------
        X : table of n examples
            Columns ``text``, ``target``, ``target_name`` or ``target_definition`` as `target_wording`
            says, and ``document_id`` (without it, equal texts are kept together in the search).
        y : sequence of n label names
        """
        self.encoder_ = self._encoder()

        from stancebench.model.grid import documents_of, search

        labels = np.asarray(y, dtype=object)
        self.targets_ = sorted(set(X["target"]))
        features = self._features(X)
        values = sorted(self.grid)
        found = search(self._fit_one, values, features, labels, documents_of(X), self.cv_folds)
        self.chosen_, self.grid_scores_ = found
        self.head_ = head_of(self._fit_one(self.chosen_, features, labels), features.shape[1])
        return self

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k); a label absent from the training part gets 0."""
        return self.head_.probabilities(self._features(X))

    def parameter_count(self) -> int:
        """Return how many weights encoder and classifier have together."""
        return self.encoder_.parameter_count() + self.head_.coefficients.size + self.head_.intercepts.size

    def save(self, folder: Path) -> None:
        """Write ``head.npz``; the encoder is not copied, and is found again by the parameters."""
        coefficients, intercepts, labels = self.head_
        np.savez(
            folder / "head.npz",
            coefficients=coefficients,
            intercepts=intercepts,
            labels=labels,
            targets=np.array(self.targets_, dtype=str),
            weights=np.array(self.encoder_.identity),
        )

    def restore(self, folder: Path) -> None:
        """Read what `save` wrote.

        Raises
        ------
        UserError
            Where the encoder is no longer the one that the classifier was trained on.
        """
        self.encoder_ = self._encoder()
        with np.load(folder / "head.npz", allow_pickle=False) as saved:
            if saved["weights"].item() != self.encoder_.identity:
                raise UserError(
                    f"{folder}: trained on other weights than those of {self.path}",
                    hint="bring the old weights back, or train again: on_existing=overwrite",
                )
            self.head_ = Head(*(saved[name] for name in Head._fields))
            self.targets_ = saved["targets"].tolist()

    def _encoder(self) -> SentenceEncoder:
        weights = find_weights(self.path, self.revision, self.package, self.sha256)
        return SentenceEncoder(weights, self.pooling, self.max_length, self.cache)

    def _features(self, X: Table) -> np.ndarray:
        texts = self._embed(list(X["text"]))
        targets = self._embed(target_wordings(X, self.target_wording))
        known = np.array([[target == one for one in self.targets_] for target in X["target"]], dtype=float)
        return interactions(texts, targets, known, self.features)

    def _embed(self, texts: list[str]) -> np.ndarray:
        vectors = self.encoder_.embed(texts).astype(np.float64)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True) if self.normalise else vectors

    def _fit_one(self, C: float, features: np.ndarray, labels: np.ndarray) -> Any:
        """Return a fitted classifier; of a single label, one that always says so."""
        from sklearn.dummy import DummyClassifier
        from sklearn.linear_model import LogisticRegression

        if len(set(labels)) == 1:
            return DummyClassifier().fit(features, labels)
        return LogisticRegression(C=C, class_weight=self.class_weight, max_iter=5000).fit(features, labels)


def interactions(
    texts: np.ndarray, targets: np.ndarray, known: np.ndarray, features: Sequence[Feature]
) -> np.ndarray:
    """Return what a linear classifier needs to see how a sentence stands to its target.

    Parameters
    ----------
    texts, targets : array of shape (n, d)
        Embeddings u and v of each example's sentence and target.
    known : array of shape (n, t)
        1 for the example's target, if it is among the t of the training part, else 0.
    features : sequence of str
        ``text``: u. ``target``: v. ``product``: u · v, coordinate by coordinate. ``difference``: |u - v|.
        ``crossed``: for each known target, u and 1 where it is the example's target, else 0.

    Returns
    -------
    array of shape (n, m)
        With m = d for each feature, t (d + 1) for ``crossed``.

    Examples
    --------
    >>> u, v, known = np.array([[1.0, 2.0]]), np.array([[3.0, -1.0]]), np.array([[0.0, 1.0]])
    >>> interactions(u, v, known, ["text", "product", "difference", "crossed"])
    array([[ 1.,  2.,  3., -2.,  2.,  3.,  0.,  0.,  0.,  1.,  2.,  1.]])
    """
    with_one = np.hstack([texts, np.ones((len(texts), 1))])
    blocks = {
        "text": texts,
        "target": targets,
        "product": texts * targets,
        "difference": np.abs(texts - targets),
        "crossed": (known[:, :, None] * with_one[:, None, :]).reshape(len(texts), -1),
    }
    return np.hstack([blocks[name] for name in features])

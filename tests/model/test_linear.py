"""Linear models: ridge, class weights of naive Bayes, and the grid against an independent loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.special import softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_union
from sklearn.svm import LinearSVC
from sklearn.utils.class_weight import compute_sample_weight

from stancebench.errors import UserError
from stancebench.model.linear import LinearStance
from stancebench.types import LABELS, Examples
from tests.conftest import toy_examples

GRIDS: dict[str, tuple[float, ...]] = {
    "svm": (0.01, 0.1, 1.0),
    "logreg": (0.1, 1.0, 10.0),
    "nb": (0.0001, 0.01, 1.0),
    "ridge": (0.1, 3.0, 30.0),
}


def noisy_examples(n: int = 120, documents: int = 3) -> Examples:
    """Examples of two targets whose words tell the label most of the time, of unequal label shares."""
    rng = np.random.default_rng(5)
    words = {"against": "reject refuse never", "none": "note page minutes", "favor": "welcome support yes"}
    labels = [str(label) for label in rng.choice(LABELS, n, p=[0.2, 0.6, 0.2])]
    heard = [label if rng.random() < 0.6 else str(rng.choice(LABELS)) for label in labels]
    texts = [
        " ".join([*rng.choice(words[label].split(), 2), *rng.choice(list("abcdefgh"), 3)]) for label in heard
    ]
    return Examples(
        {
            "target": [f"t{i % 2}" for i in range(n)],
            "text": texts,
            "document_id": [f"d{i * documents // n}" for i in range(n)],
            "label": labels,
        }
    )


def fresh(kind: str, value: float) -> Any:
    """The scikit-learn classifier that `kind` stands for."""
    return {
        "svm": LinearSVC(C=value, class_weight="balanced", random_state=0),
        "logreg": LogisticRegression(C=value, class_weight="balanced", max_iter=2000),
        "nb": ComplementNB(alpha=value),
        "ridge": RidgeClassifier(alpha=value, class_weight="balanced"),
    }[kind]


def fitted(kind: str, value: float, X: Any, y: np.ndarray) -> Any:
    weights = {"sample_weight": compute_sample_weight("balanced", y)} if kind == "nb" else {}
    return fresh(kind, value).fit(X, y, **weights)


def ngrams(texts: Any) -> Any:
    word = TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return sparse.csr_array(make_union(word, characters).fit_transform(texts))


def crossed(X: Any, targets: np.ndarray) -> Any:
    """Each n-gram for all targets, and for its own; written row by row."""
    width = X.shape[1] + 1
    blank = sparse.csr_array((1, width))
    rows = []
    for i, target in enumerate(targets):
        own = sparse.hstack([X[[i]], sparse.csr_array([[1.0]])])
        rows.append(sparse.hstack([X[[i]], *((own if target == t else blank) for t in ("t0", "t1"))]))
    return sparse.csr_array(sparse.vstack(rows))


def scores_by_hand(kind: str, X: Any, y: np.ndarray, groups: np.ndarray) -> dict[float, float]:
    """Macro-F1 out of fold; with as many folds as documents each is held out once."""
    scores = {}
    for value in GRIDS[kind]:
        predicted = np.empty(len(y), dtype=object)
        for train, test in LeaveOneGroupOut().split(X, groups=groups):
            predicted[test] = fitted(kind, value, X[train], y[train]).predict(X[test])
        scores[value] = f1_score(y, list(predicted), labels=list(LABELS), average="macro", zero_division=0)
    return scores


def arrays(examples: Examples) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, targets = np.array(list(examples["label"])), np.array(list(examples["target"]))
    return y, targets, np.array(list(examples["document_id"]))


@pytest.mark.parametrize("kind", list(GRIDS))
def test_the_grid_scores_what_an_independent_loop_scores(kind: str) -> None:
    examples = noisy_examples()
    y, targets, groups = arrays(examples)
    model = LinearStance(kind=kind, grid=GRIDS[kind]).fit(examples.to_pandas(), y)  # type: ignore[arg-type]
    expected = scores_by_hand(kind, crossed(ngrams(examples["text"]), targets), y, groups)
    assert len(set(expected.values())) > 1
    assert model.grid_scores_[""] == pytest.approx(expected)
    assert expected[model.chosen_[""]] == max(expected.values())


def test_each_targets_classifier_has_its_own_value() -> None:
    examples = noisy_examples()
    y, targets, groups = arrays(examples)
    X = ngrams(examples["text"])
    model = LinearStance(kind="svm", per="target", grid=GRIDS["svm"]).fit(examples.to_pandas(), y)
    for target in ("t0", "t1"):
        mine = targets == target
        expected = scores_by_hand("svm", X[mine], y[mine], groups[mine])
        assert model.grid_scores_[target] == pytest.approx(expected)
    assert model.grid_scores_[""] == pytest.approx(scores_by_hand("svm", X, y, groups))
    assert set(model.chosen_) == {"", "t0", "t1"}


def test_the_final_classifier_has_the_chosen_value() -> None:
    examples = noisy_examples()
    table, y = examples.to_pandas(), list(examples["label"])
    searched = LinearStance(kind="ridge", grid=GRIDS["ridge"]).fit(table, y)
    given = LinearStance(kind="ridge", alpha=searched.chosen_[""]).fit(table, y)
    np.testing.assert_array_equal(searched.predict_proba(table), given.predict_proba(table))
    assert given.chosen_ == searched.chosen_
    assert given.grid_scores_ == {}


@pytest.mark.parametrize(
    ("kind", "strongest"), [("svm", 1.0), ("ridge", 0.03), ("logreg", 1.0), ("nb", 0.03)]
)
def test_of_equal_values_the_strongest_regularisation_is_chosen(kind: Any, strongest: float) -> None:
    examples = toy_examples(60)
    grid = (3.0, 1.0, 9.0) if kind in ("svm", "logreg") else (0.01, 0.03, 0.02)
    model = LinearStance(kind=kind, grid=grid).fit(examples.to_pandas(), list(examples["label"]))
    assert model.grid_scores_[""] == pytest.approx(dict.fromkeys(grid, 1.0))
    assert model.chosen_ == {"": strongest}


def test_ngrams_are_counted_once_for_the_whole_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for name in ("fit_transform", "transform"):
        original = getattr(TfidfVectorizer, name)

        def spy(self: Any, texts: Any, *rest: Any, name: str = name, original: Any = original) -> Any:
            calls.append(f"{self.analyzer} {name} {len(texts)}")
            return original(self, texts, *rest)

        monkeypatch.setattr(TfidfVectorizer, name, spy)
    examples = noisy_examples()
    LinearStance(kind="svm", per="target", grid=GRIDS["svm"]).fit(
        examples.to_pandas(), list(examples["label"])
    )
    assert calls == ["word fit_transform 120", "char_wb fit_transform 120"]


@pytest.mark.parametrize("kind", list(GRIDS))
def test_without_a_grid_each_target_has_the_plain_pipeline(kind: Any) -> None:
    examples = noisy_examples()
    y, targets, _ = arrays(examples)
    X, model = ngrams(examples["text"]), LinearStance(kind=kind, per="target")
    probabilities = model.fit(examples.to_pandas(), y).predict_proba(examples.to_pandas())
    for target in ("t0", "t1"):
        mine = targets == target
        plain = fitted(kind, 1.0, X[mine], y[mine])
        expected = (
            plain.predict_proba(X[mine])
            if hasattr(plain, "predict_proba")
            else softmax(plain.decision_function(X[mine]), axis=1)
        )
        columns = [LABELS.index(label) for label in plain.classes_]
        np.testing.assert_allclose(probabilities[mine][:, columns], expected, rtol=1e-9)


def test_ridge_by_its_normal_equations() -> None:
    """Margins w·x + b with (X̃ᵀX̃ + αI) w = X̃ᵀỹ, X̃ and ỹ centred, one y of ±1 for each label."""
    examples = noisy_examples(40)
    y, _, _ = arrays(examples)
    table, alpha = examples.to_pandas().assign(target="t"), 2.0
    X = ngrams(examples["text"]).toarray()
    signs = np.where(y[:, None] == np.array(LABELS), 1.0, -1.0)
    centred, mean = X - X.mean(axis=0), signs.mean(axis=0)
    weights = np.linalg.solve(centred.T @ centred + alpha * np.eye(X.shape[1]), centred.T @ (signs - mean))
    expected = softmax(centred @ weights + mean, axis=1)
    model = LinearStance(kind="ridge", per="target", alpha=alpha, class_weight=None).fit(table, y)
    np.testing.assert_allclose(model.predict_proba(table), expected, atol=1e-4)


def test_weighted_complement_naive_bayes_by_its_formula() -> None:
    """Rennie et al. 2003: w(l, i) = log of the share of i among what the other labels have of it."""
    examples = noisy_examples(60)
    y, _, _ = arrays(examples)
    table, alpha = examples.to_pandas().assign(target="t"), 0.5
    X = ngrams(examples["text"]).toarray()
    scores = []
    for label in LABELS:
        mass = alpha * np.ones(X.shape[1])
        for other in LABELS:
            weight = len(y) / (len(LABELS) * np.sum(y == other))
            mass += weight * X[y == other].sum(axis=0) * (other != label)
        scores.append(-X @ np.log(mass / mass.sum()))
    expected = softmax(np.stack(scores, axis=1), axis=1)
    model = LinearStance(kind="nb", per="target", alpha=alpha).fit(table, y)
    np.testing.assert_allclose(model.predict_proba(table), expected, rtol=1e-9)


@pytest.mark.parametrize("given", [{"kind": "svm", "C": 0.5}, {"kind": "ridge", "alpha": 0.5}])
def test_a_value_beside_a_grid_is_refused(given: dict[str, Any]) -> None:
    examples = toy_examples(12)
    with pytest.raises(UserError, match=r"model\.(C|alpha)=0\.5 has no effect"):
        LinearStance(**given, grid=(1.0, 2.0)).fit(examples.to_pandas(), list(examples["label"]))

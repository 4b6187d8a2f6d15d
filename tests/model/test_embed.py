"""The frozen encoder: vectors by hand, the cache, the features, and what is saved."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from stancebench.errors import UserError
from stancebench.model.embed import EmbedLogreg, interactions
from stancebench.model.embedding_cache import EmbeddingCache
from stancebench.model.sentence_encoder import SentenceEncoder
from stancebench.paths import cache_folder
from stancebench.types import Examples
from tests.conftest import toy_examples

TEXTS = ["We welcome the plan.", "No.", "We reject it, and everything that was ever said for it, twice."]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STANCEBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "embeddings"


def encoder(weights: Path, **options: Any) -> SentenceEncoder:
    return SentenceEncoder(weights, **{"pooling": "mean", "max_length": 16, "cache": True, **options})


def by_hand(weights: Path, texts: list[str], max_length: int = 16) -> np.ndarray:
    """Mean over the tokens that are not padding, all texts in one padded batch."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(weights)
    batch = tokenizer(texts, padding=True, truncation=True, max_length=max_length, return_tensors="pt")
    with torch.no_grad():
        hidden = AutoModel.from_pretrained(weights, dtype=torch.float32).eval()(**batch)[0].numpy()
    mask = batch["attention_mask"].numpy()
    return np.array([row[: m.sum()].mean(axis=0) for row, m in zip(hidden, mask, strict=True)])


def count_forward(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by the number of texts at every forward pass of the tiny encoder."""
    from transformers import RobertaModel

    original, calls = RobertaModel.forward, []

    def forward(self: Any, input_ids: Any, **rest: Any) -> Any:
        calls.append(len(input_ids))
        return original(self, input_ids, **rest)

    monkeypatch.setattr(RobertaModel, "forward", forward)
    return calls


def test_vectors_are_means_over_the_tokens(tiny_roberta: Path) -> None:
    found = encoder(tiny_roberta).embed(TEXTS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, by_hand(tiny_roberta, TEXTS), atol=1e-5)


def test_the_first_token_alone(tiny_roberta: Path) -> None:
    """Cut after the two special tokens, a text is its first and its last one alone."""
    mean = encoder(tiny_roberta, max_length=2).embed(["anything"])
    first = encoder(tiny_roberta, max_length=2, pooling="cls").embed(["anything"])
    np.testing.assert_allclose(mean, by_hand(tiny_roberta, ["anything"], max_length=2), atol=1e-5)
    assert np.abs(mean - first).max() > 1e-3


def test_a_vector_depends_on_its_text_alone(tiny_roberta: Path) -> None:
    """Bit for bit: otherwise scores would depend on what the cache holds."""
    together = encoder(tiny_roberta, cache=False).embed([*TEXTS, TEXTS[0]])
    alone = [encoder(tiny_roberta, cache=False).embed([text])[0] for text in TEXTS]
    np.testing.assert_array_equal(together, [*alone, alone[0]])
    np.testing.assert_array_equal(encoder(tiny_roberta).embed(TEXTS[1:]), alone[1:])
    np.testing.assert_array_equal(encoder(tiny_roberta).embed(TEXTS), alone)


def test_each_distinct_text_is_read_once_and_never_again(
    tiny_roberta: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = count_forward(monkeypatch)
    first = encoder(tiny_roberta).embed([*TEXTS, *TEXTS])
    assert calls == [1, 1, 1]
    again = encoder(tiny_roberta)
    np.testing.assert_array_equal(again.embed([*TEXTS, *TEXTS]), first)
    assert calls == [1, 1, 1]
    again.embed([*TEXTS, "Another."])
    assert calls == [1, 1, 1, 1]


def test_a_model_fits_and_predicts_from_the_cache(
    tiny_roberta: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = toy_examples(18)
    labels = list(examples["label"])
    first = EmbedLogreg(str(tiny_roberta)).fit(examples, labels).predict_proba(examples)
    calls = count_forward(monkeypatch)
    warm = EmbedLogreg(str(tiny_roberta)).fit(examples, labels).predict_proba(examples)
    assert calls == []
    cold = EmbedLogreg(str(tiny_roberta), cache=False).fit(examples, labels).predict_proba(examples)
    assert len(calls) == 2 * (18 + 2)  # texts and targets, for fit and for predict
    np.testing.assert_array_equal(first, warm)
    np.testing.assert_array_equal(first, cold)


@pytest.mark.parametrize("change", [{"pooling": "cls"}, {"max_length": 5}])
def test_what_changes_a_vector_has_a_cache_of_its_own(
    tiny_roberta: Path, cache: Path, change: dict[str, Any]
) -> None:
    plain = encoder(tiny_roberta).embed(TEXTS)
    assert np.abs(encoder(tiny_roberta, **change).embed(TEXTS) - plain).max() > 1e-3
    assert len(list(cache.glob("*.sqlite"))) == 2


def test_changed_weights_are_another_key(tiny_roberta: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModel

    changed = shutil.copytree(tiny_roberta, tmp_path / "changed")
    before = encoder(changed).embed(TEXTS)
    np.testing.assert_array_equal(before, encoder(tiny_roberta).embed(TEXTS))
    network = AutoModel.from_pretrained(changed)
    with torch.no_grad():
        network.embeddings.LayerNorm.bias.add_(1.0)
    network.save_pretrained(changed)
    after = encoder(changed).embed(TEXTS)
    np.testing.assert_allclose(after, by_hand(changed, TEXTS), atol=1e-5)
    assert np.abs(after - before).max() > 1e-3


def test_a_damaged_cache_is_a_warning(tiny_roberta: Path, cache: Path) -> None:
    expected = encoder(tiny_roberta).embed(TEXTS)
    (file,) = cache.glob("*.sqlite")
    file.write_bytes(b"not a database" * 100)
    with pytest.warns(UserWarning, match=r"cannot be used .*delete it"):
        found = encoder(tiny_roberta).embed(TEXTS)
    np.testing.assert_array_equal(found, expected)


def test_a_cache_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    unusable = EmbeddingCache(tmp_path / "file", "encoder")
    with pytest.warns(UserWarning, match="not kept"):
        unusable.put({"a": np.zeros(2, dtype=np.float32)})


def test_a_vector_that_was_changed_on_disk_is_missing(tmp_path: Path) -> None:
    kept = EmbeddingCache(tmp_path, "encoder")
    vectors = {name: np.array([1, 2], dtype=np.float32) for name in ("a", "b")}
    kept.put(vectors)
    with sqlite3.connect(kept.file) as database:
        database.execute("UPDATE embeddings SET vector = zeroblob(8) WHERE rowid = 1")
    database.close()
    assert list(kept.get(["a", "b"])) == ["b"]
    kept.put(vectors)
    np.testing.assert_array_equal(kept.get(["a"])["a"], [1, 2])


WRITER = """
import sys
from pathlib import Path
import numpy as np
from stancebench.model.embedding_cache import EmbeddingCache

folder, process = Path(sys.argv[1]), sys.argv[2]
for i in range(20):
    vector = np.array([int(process), i], dtype=np.float32)
    EmbeddingCache(folder, "encoder").put({f"{process} {i}": vector, "shared": vector})
"""


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", WRITER, str(tmp_path)]
    processes = [subprocess.Popen([*command, str(i)]) for i in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    found = EmbeddingCache(tmp_path, "encoder").get([f"{p} {i}" for p in range(3) for i in range(20)])
    assert [list(vector) for vector in found.values()] == [[p, i] for p in range(3) for i in range(20)]


def test_the_cache_folder_without_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("STANCEBENCH_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("embeddings") == tmp_path / ".cache" / "stancebench" / "embeddings"


def test_interactions_by_hand() -> None:
    u, v = np.array([[0.5, -1.0], [2.0, 0.0]]), np.array([[1.0, 1.0], [3.0, -4.0]])
    known = np.array([[1.0, 0.0], [0.0, 0.0]])  # the second example's target is unknown
    expected = {
        "text": [[0.5, -1], [2, 0]],
        "target": [[1, 1], [3, -4]],
        "product": [[0.5, -1], [6, 0]],
        "difference": [[0.5, 2], [1, 4]],
        "crossed": [[0.5, -1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]],
    }
    for name, columns in expected.items():
        np.testing.assert_array_equal(interactions(u, v, known, [name]), columns)  # type: ignore[list-item]
    both = interactions(u, v, known, ["difference", "text"])
    np.testing.assert_array_equal(both, np.hstack([expected["difference"], expected["text"]]))


def fit(weights: Path, labels: list[str], **options: Any) -> tuple[EmbedLogreg, Examples]:
    examples = toy_examples(len(labels))
    return EmbedLogreg(str(weights), max_length=16, **options).fit(examples, labels), examples


@pytest.mark.parametrize("labels", [["favor", "none", "against"] * 6, ["none", "favor"] * 9])
def test_probabilities_are_those_of_logistic_regression(tiny_roberta: Path, labels: list[str]) -> None:
    model, examples = fit(tiny_roberta, labels, features=("text", "product"), grid=(2.0,))
    u = by_hand(tiny_roberta, list(examples["text"]))
    v = by_hand(tiny_roberta, list(examples["target_name"]))
    u, v = (w / np.linalg.norm(w, axis=1, keepdims=True) for w in (u, v))
    model.set_params(target_wording="name").fit(examples, labels)
    plain = LogisticRegression(C=2.0, class_weight="balanced", max_iter=5000)
    expected = plain.fit(np.hstack([u, u * v]), labels).predict_proba(np.hstack([u, u * v]))
    columns = [["against", "none", "favor"].index(label) for label in plain.classes_]
    np.testing.assert_allclose(model.predict_proba(examples)[:, columns], expected, atol=1e-4)


def test_lengths_are_kept_where_told(tiny_roberta: Path) -> None:
    labels = ["favor", "none", "against"] * 6
    unit, examples = fit(tiny_roberta, labels)
    as_is, _ = fit(tiny_roberta, labels, normalise=False)
    assert np.abs(unit.predict_proba(examples) - as_is.predict_proba(examples)).max() > 1e-3


def test_the_grid_is_searched_over_documents(tiny_roberta: Path) -> None:
    labels = ["favor", "none", "against"] * 6
    model, examples = fit(tiny_roberta, labels, grid=(100.0, 1e-6))
    assert set(model.grid_scores_) == {100.0, 1e-6}
    assert model.chosen_ == max([1e-6, 100.0], key=lambda C: model.grid_scores_[C])
    given, _ = fit(tiny_roberta, labels, grid=(model.chosen_,))
    np.testing.assert_array_equal(model.predict_proba(examples), given.predict_proba(examples))


@pytest.mark.parametrize("labels", [["favor", "none", "against"] * 6, ["none", "favor"] * 9, ["none"] * 6])
def test_saved_and_restored(tiny_roberta: Path, tmp_path: Path, labels: list[str]) -> None:
    model, examples = fit(tiny_roberta, labels)
    model.save(tmp_path)
    restored = EmbedLogreg(str(tiny_roberta), max_length=16)
    restored.restore(tmp_path)
    np.testing.assert_array_equal(restored.predict_proba(examples), model.predict_proba(examples))
    assert restored.parameter_count() == model.parameter_count()


def test_other_weights_are_refused_where_a_model_is_restored(tiny_roberta: Path, tmp_path: Path) -> None:
    model, _ = fit(tiny_roberta, ["favor", "none", "against"] * 6)
    model.save(tmp_path)
    other = shutil.copytree(tiny_roberta, tmp_path / "other")
    (other / "config.json").write_text((other / "config.json").read_text() + "\n")
    with pytest.raises(UserError, match="trained on other weights"):
        EmbedLogreg(str(other), max_length=16).restore(tmp_path)


def test_parameters_and_identity(tiny_roberta: Path, tmp_path: Path) -> None:
    from transformers import AutoModel

    model, _ = fit(tiny_roberta, ["favor", "none", "against"] * 6, features=("text",))
    weights = sum(w.numel() for w in AutoModel.from_pretrained(tiny_roberta).parameters())
    assert model.parameter_count() == weights + 3 * 32 + 3
    copy = EmbedLogreg(
        str(shutil.copytree(tiny_roberta, tmp_path / "copy")), max_length=16, features=("text",), cache=False
    )
    assert copy.identity() == model.identity()
    assert {"path", "cache"} & set(model.identity()) == set()


def test_missing_weights_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"config\.json is missing"):
        EmbedLogreg(str(tmp_path)).fit(toy_examples(6), ["favor"] * 6)

"""Conditional encoding: it learns, the target counts, padding does not, and it can be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score

from stancebench.errors import UserError
from stancebench.model.bicond import BicondStance, _Best
from stancebench.model.conditional import ConditionalEncoder
from stancebench.model.vectors import read_vectors
from stancebench.types import LABELS, Examples
from tests.conftest import toy_examples

VECTORS = "we 1 0 0.5\nwelcome 0.25 -1 2\nfar away 9 9 9\n"


def small(**changes: Any) -> BicondStance:
    settings: dict[str, Any] = {"embedding_size": 16, "hidden_size": 16, "epochs": 15, "batch_size": 8}
    return BicondStance(**{**settings, "learning_rate": 0.01, **changes})


def fitted(**changes: Any) -> tuple[BicondStance, Examples]:
    examples = toy_examples(36)
    return small(epochs=1, **changes).fit(examples, list(examples["label"])), examples


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.txt"
    path.write_text(VECTORS, encoding="utf-8")
    return path


def test_it_learns_a_plain_word() -> None:
    examples = toy_examples(90)
    train, held_out = examples.take(range(60)), examples.take(range(60, 90))
    model = small().fit(train, list(train["label"]))
    assert list(model.predict(held_out)) == list(held_out["label"])


def test_one_text_two_targets_two_labels() -> None:
    """Only the state that the target leaves behind can tell the label."""
    n = 40
    labels = ["favor", "against"] * (n // 2)
    names = ["the dam", "the bridge"] * (n // 2)
    table = Examples({"text": ["we welcome it"] * n, "target": ["a", "b"] * (n // 2), "target_name": names})
    assert list(small(epochs=30).fit(table, labels).predict(table)) == labels


def test_the_wording_of_the_target_is_what_the_parameter_says() -> None:
    n = 40
    labels = ["favor", "against"] * (n // 2)
    columns = {"text": ["we welcome it"] * n, "target": ["t"] * n, "target_name": ["the plan"] * n}
    table = Examples({**columns, "target_definition": ["build it", "stop it"] * (n // 2)})
    assert list(small(epochs=30, target_wording="definition").fit(table, labels).predict(table)) == labels
    assert len(set(small(epochs=5).fit(table, labels).predict(table))) == 1


def test_the_states_of_the_target_are_the_first_states_of_the_sentence() -> None:
    """The packed batch against two plain LSTM calls on one pair, one word at a time."""
    torch.manual_seed(0)
    network = ConditionalEncoder(words=9, embedding_size=4, hidden_size=3, dropout=0.0).eval()
    target, sentence = torch.tensor([2, 3]), torch.tensor([4, 5, 6, 7])
    other = (torch.tensor([8]), torch.tensor([2]))
    with torch.no_grad():
        logits = network([other, (target, sentence)])[1]
        states = network.target(network.embedding(target)[None])[1]
        outputs = network.sentence(network.embedding(sentence)[None], states)[0][0]
        ends = torch.cat([outputs[-1, :3], outputs[0, 3:]])
        expected = network.output(torch.tanh(network.hidden(ends)))
    np.testing.assert_allclose(logits.numpy(), expected.numpy(), atol=1e-6)


def test_padding_does_not_change_a_prediction() -> None:
    model, examples = fitted()
    long = {**examples.take([0]).columns, "text": [" ".join(["we note it"] * 40)], "target_name": ["t " * 30]}
    together = Examples({name: [*examples[name], *long[name]] for name in examples.columns})
    alone = np.vstack([model.predict_proba(examples.take([i])) for i in range(36)])
    np.testing.assert_allclose(model.predict_proba(together)[:36], alone, atol=1e-6)


def test_a_text_without_a_word_and_a_table_without_a_row_survive() -> None:
    model, examples = fitted()
    empty = Examples({**examples.take([0]).columns, "text": [""], "target_name": [" "]})
    assert model.predict_proba(empty).sum() == pytest.approx(1)
    assert model.predict_proba(examples.take([])).shape == (0, 3)


def test_rare_words_are_unknown() -> None:
    model, _ = fitted(min_count=12)
    assert set(model.vocabulary_) == {
        "we",
        "it",
        "on",
        "day",
        "reject",
        "note",
        "welcome",
        "target",
        "0",
        "1",
    }
    unseen = Examples({"text": ["we gobble it"], "target": ["t0"]})
    other = Examples({"text": ["we gaggle it"], "target": ["t0"]})
    np.testing.assert_array_equal(model.predict_proba(unseen), model.predict_proba(other))


def test_the_best_epoch_is_kept_and_patience_ends_the_training() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    best = _Best(patience=2)
    ends = []
    for epoch, score in enumerate([0.2, 0.5, 0.5, 0.4]):
        torch.nn.init.constant_(network.weight, float(epoch))
        ends.append(best.is_enough(score, network))
    assert ends == [False, False, False, True]
    best.put_back(network)
    assert network.weight.item() == 1.0


def test_the_epoch_that_is_best_on_validation_is_kept() -> None:
    """Against one model for each number of epochs, fitted without a validation part."""
    examples = toy_examples(48)
    train, held_out = examples.take(range(36)), examples.take(range(36, 48))
    y, gold = list(train["label"]), list(held_out["label"])
    each = [small(epochs=epochs).fit(train, y) for epochs in range(1, 5)]
    scores = [f1_score(gold, list(m.predict(held_out)), labels=LABELS, average="macro") for m in each]
    assert len(set(scores)) > 1
    kept = small(epochs=4).fit(train, y, (held_out, gold))
    expected = each[int(np.argmax(scores))].predict_proba(held_out)
    np.testing.assert_array_equal(kept.predict_proba(held_out), expected)


def test_balanced_weights_by_hand() -> None:
    """4 against, 2 favor: 6 / (2 * 4) = 0.75 and 6 / (2 * 2) = 1.5."""
    labels = ["against"] * 4 + ["favor"] * 2
    assert small(class_weight="balanced")._weights(labels).tolist() == [0.75] * 4 + [1.5] * 2
    assert small()._weights(labels).tolist() == [1.0] * 6


def test_a_fit_leaves_the_generator_of_the_caller_alone() -> None:
    torch.manual_seed(5)
    first = torch.rand(3)
    torch.manual_seed(5)
    fitted()
    assert torch.equal(torch.rand(3), first)


def test_a_kept_model_predicts_the_same(tmp_path: Path, vectors: Path) -> None:
    model, examples = fitted(embedding_size=3, embeddings=str(vectors))
    model.save(tmp_path)
    vectors.unlink()
    fresh = BicondStance(**model.get_params())
    fresh.restore(tmp_path)
    np.testing.assert_array_equal(fresh.predict_proba(examples), model.predict_proba(examples))
    assert fresh.parameter_count() == model.parameter_count()


def test_the_weights_are_counted_by_hand() -> None:
    """Words of 3 numbers, two LSTMs of two directions with 4 gates, two layers."""
    model, _ = fitted(embedding_size=3, hidden_size=2)
    words = len(model.vocabulary_) + 2
    lstm = 2 * 4 * (2 * 3 + 2 * 2 + 2 + 2)
    assert model.parameter_count() == words * 3 + 2 * lstm + (4 * 2 + 2) + (2 * 3 + 3)


def test_word_vectors_are_where_training_starts(vectors: Path) -> None:
    model, _ = fitted(embedding_size=3, embeddings=str(vectors), learning_rate=0.0)
    weight = model.network_.embedding.weight[model.vocabulary_["welcome"]]
    assert weight.tolist() == [0.25, -1.0, 2.0]


@pytest.mark.parametrize("header", ["", "3 3\n"])
def test_both_formats_of_word_vectors(tmp_path: Path, header: str) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text(header + VECTORS, encoding="utf-8")
    found = read_vectors(path, {"we", "far away", "absent"}, 3)
    assert {word: vector.tolist() for word, vector in found.items()} == {
        "we": [1.0, 0.0, 0.5],
        "far away": [9.0, 9.0, 9.0],
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("we 1 2 3\nit 1 2\n", "vectors.txt:2: 2 numbers, not 3"),
        ("it 1 2 3\nwe 1 x 3\n", "vectors.txt:2: could not convert string to float"),
        ("it 1 2 3\nwe 1 nan 3\n", "vectors.txt:2: a number is not finite"),
        ("we 1 2 3 4\n", "vectors.txt:1: vectors of 4 numbers, model.embedding_size is 3"),
        ("7 5\nwe 1 2 3 4 5\n", "set model.embedding_size=5"),
        ("WE 1 2 3\n", "has no word of the training texts"),
        ("", "has no word of the training texts"),
    ],
)
def test_a_bad_file_of_word_vectors_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as fault:
        read_vectors(path, {"we"}, 3)
    assert said in str(fault.value)


def test_a_missing_file_of_word_vectors_is_named() -> None:
    with pytest.raises(UserError, match=r"model.embeddings: no file absent.txt"):
        fitted(embeddings="absent.txt")


def test_the_identity_holds_the_content_of_the_vectors_and_not_their_place(
    tmp_path: Path, vectors: Path
) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_text(VECTORS, encoding="utf-8")
    first = small(embeddings=str(vectors)).identity()
    assert first == small(embeddings=str(copy)).identity()
    copy.write_text(VECTORS + "more 1 1 1\n", encoding="utf-8")
    assert first != small(embeddings=str(copy)).identity()

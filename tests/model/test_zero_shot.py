"""Zero-shot models against the same formulas in plain loops over raw logits, one example at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from stancebench.errors import UserError
from stancebench.model.zero_shot import CONTENT_FREE, MlmStance, NliStance
from stancebench.types import LABELS, Examples

TEMPLATES: dict[Any, tuple[str, ...]] = {
    "favor": ("In favour of {target}.", "It supports {target}.", "Yes to {target}."),
    "against": ("Against {target}.", "It opposes {target}.", "No to {target}."),
    "none": ("Neutral on {target}.", "It takes no side on {target}.", "Nothing on {target}."),
}
PATTERNS = ("{text} The stance on {target} is {mask}.", "On {target}: {text} This is {mask}, is it not?")
#: The tiny vocabulary has few whole words, so these are of one to several tokens.
WORDS: dict[Any, tuple[str, ...]] = {
    "favor": ("for", "positive"),
    "against": ("against", "no", "hostile"),
    "none": ("and",),
}


@pytest.fixture
def examples() -> Examples:
    texts = ["We welcome it.", "Never! " * 9, "The clerk noted the page of the minutes.", "No."]
    return Examples(
        {
            "text": texts,
            "target": ["a", "b", "a", "c"],
            "target_name": ["troops", "a plan", "troops", "going alone"],
            "target_definition": ["Sending troops.", "Having a plan.", "Sending troops.", "Going alone."],
        }
    )


def nli(path: Path, **options: Any) -> NliStance:
    return NliStance(path=str(path), templates=TEMPLATES, **options).fit(Examples({}), [])


def mlm(path: Path, **options: Any) -> MlmStance:
    settings: dict[str, Any] = {"patterns": PATTERNS, "label_words": WORDS, **options}
    return MlmStance(path=str(path), **settings).fit(Examples({}), [])


def normalised(rows: Any) -> np.ndarray:
    return np.asarray(rows) / np.sum(rows, axis=-1, keepdims=True)


def nli_by_hand(folder: Path, text: str, target: str) -> np.ndarray:
    """The geometric mean of the probabilities of entailment of each label's hypotheses."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    means = []
    for label in LABELS:
        product = 1.0
        for template in TEMPLATES[label]:
            pair = tokenizer(text, template.replace("{target}", target), return_tensors="pt")
            with torch.no_grad():
                exp = np.exp(model(**pair).logits[0].numpy().astype(float))
            product *= exp[2] / exp.sum()
        means.append(product ** (1 / 3))
    return normalised(means)


def pattern_by_hand(folder: Path, pattern: str, text: str, target: str) -> np.ndarray:
    """P_p(l): the mean over a label's words of the geometric mean of the tokens' probabilities."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForMaskedLM.from_pretrained(folder).eval()
    shares = []
    for label in LABELS:
        of_words = []
        for word in WORDS[label]:
            ids = tokenizer.convert_tokens_to_ids(tokenizer.tokenize(" " + word))
            filled = pattern.replace("{text}", text).replace("{target}", target)
            row = tokenizer(filled.replace("{mask}", "<mask>" * len(ids)), return_tensors="pt")
            gaps = [i for i, token in enumerate(row["input_ids"][0]) if token == tokenizer.mask_token_id]
            with torch.no_grad():
                logits = model(**row).logits[0].numpy().astype(float)
            p = [np.exp(logits[gap])[i] / np.exp(logits[gap]).sum() for gap, i in zip(gaps, ids, strict=True)]
            of_words.append(np.prod(p) ** (1 / len(ids)))
        shares.append(np.mean(of_words))
    return normalised(shares)


def test_nli_is_the_geometric_mean_over_templates(tiny_nli: Path, examples: Examples) -> None:
    expected = [
        nli_by_hand(tiny_nli, text, target)
        for text, target in zip(examples["text"], examples["target_name"], strict=True)
    ]
    found = nli(tiny_nli).predict_proba(examples)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.ptp(found, axis=0).min() > 1e-3  # the examples differ, or nothing would be tested


def test_mlm_is_the_geometric_mean_over_patterns(tiny_mlm: Path, examples: Examples) -> None:
    expected = [
        normalised(np.sqrt(np.prod([pattern_by_hand(tiny_mlm, p, text, target) for p in PATTERNS], axis=0)))
        for text, target in zip(examples["text"], examples["target_name"], strict=True)
    ]
    found = mlm(tiny_mlm).predict_proba(examples)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.ptp(found, axis=0).min() > 1e-3


def test_label_words_are_of_several_lengths(tiny_mlm: Path) -> None:
    """Or the test above would not see masks of several tokens."""
    assert len({len(word) for of_label in mlm(tiny_mlm).words_ for word in of_label}) > 1


def test_calibration_divides_by_the_content_free_probabilities(tiny_mlm: Path, examples: Examples) -> None:
    expected = []
    for text, target in zip(examples["text"], examples["target_name"], strict=True):
        calibrated = []
        for p in PATTERNS:
            biases = [pattern_by_hand(tiny_mlm, p, empty, target) for empty in CONTENT_FREE]
            calibrated.append(
                normalised(pattern_by_hand(tiny_mlm, p, text, target) / np.mean(biases, axis=0))
            )
        expected.append(normalised(np.sqrt(np.prod(calibrated, axis=0))))
    found = mlm(tiny_mlm, calibrate=True).predict_proba(examples)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.abs(found - mlm(tiny_mlm).predict_proba(examples)).max() > 1e-3


@pytest.mark.parametrize("wording", ["name", "definition"])
@pytest.mark.parametrize("kind", ["nli", "mlm", "calibrated"])
def test_neither_order_nor_batches_matter(
    kind: str, wording: str, examples: Examples, request: pytest.FixtureRequest
) -> None:
    options: dict[str, Any] = {"target_wording": wording}
    if kind == "nli":
        one, many = (nli(request.getfixturevalue("tiny_nli"), batch_size=b, **options) for b in (1, 3))
    else:
        options["calibrate"] = kind == "calibrated"
        one, many = (mlm(request.getfixturevalue("tiny_mlm"), batch_size=b, **options) for b in (1, 3))
    order = [2, 0, 3, 1]
    in_order = one.predict_proba(examples)
    np.testing.assert_allclose(many.predict_proba(examples.take(order)), in_order[order], atol=1e-6)
    assert one.identity() == many.identity()


def test_a_definition_loses_its_full_stop(tiny_nli: Path, examples: Examples) -> None:
    found = nli(tiny_nli, target_wording="definition").predict_proba(examples.take([0]))
    expected = nli_by_hand(tiny_nli, "We welcome it.", "Sending troops")
    np.testing.assert_allclose(found[0], expected, atol=1e-6)


def test_labels_are_not_looked_at(tiny_nli: Path, examples: Examples) -> None:
    blind, taught = nli(tiny_nli), nli(tiny_nli)
    taught.fit(examples, ["favor"] * len(examples))
    np.testing.assert_array_equal(blind.predict_proba(examples), taught.predict_proba(examples))


def test_a_long_text_is_cut_and_the_gap_stays(tiny_mlm: Path, examples: Examples) -> None:
    words = "we will send them home again "
    long = Examples({"text": [words * 40], "target": ["a"]})
    model = mlm(tiny_mlm, max_length=60, patterns=PATTERNS[:1])
    row = model._encode(PATTERNS[0], words * 40, "a", masks=2)
    decoded = model.tokenizer_.decode(row["input_ids"])
    assert 58 <= len(row["input_ids"]) <= 60
    assert decoded.endswith(" The stance on a is <mask><mask>.</s>")
    assert model.predict_proba(long).shape == (1, 3)
    with pytest.raises(UserError, match=r"max_length: 5 tokens"):
        mlm(tiny_mlm, max_length=5).predict_proba(examples)


def test_a_mask_in_the_text_is_no_gap(tiny_mlm: Path) -> None:
    model = mlm(tiny_mlm)
    found = [model.predict_proba(Examples({"text": [t], "target": ["a"]})) for t in ("no <mask>", "no ")]
    np.testing.assert_array_equal(*found)


def test_a_checkpoint_without_entailment_is_refused(tiny_roberta: Path) -> None:
    with pytest.raises(UserError, match="no label 'entailment', but LABEL_0, LABEL_1"):
        nli(tiny_roberta)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"templates": {**TEMPLATES, "none": ()}}, "nothing for none"),
        ({"templates": {**TEMPLATES, "none": ("On {topic}.",)}}, r"'On {topic}\.': unknown field {topic}"),
    ],
)
def test_unusable_templates_are_named(tiny_nli: Path, options: Any, fault: str) -> None:
    with pytest.raises(UserError, match=fault):
        NliStance(path=str(tiny_nli), **options).fit(Examples({}), [])


def test_unusable_patterns_are_named(tiny_mlm: Path) -> None:
    with pytest.raises(UserError, match=r"'{text} on {target}': {mask} is missing"):
        mlm(tiny_mlm, patterns=("{text} on {target}",))
    with pytest.raises(UserError, match="nothing for against"):
        mlm(tiny_mlm, label_words={"favor": ("for",), "none": ("and",)})


def test_a_restored_model_predicts_alike(tiny_nli: Path, tmp_path: Path, examples: Examples) -> None:
    model = nli(tiny_nli)
    model.save(tmp_path)
    again = NliStance(**model.get_params())
    again.restore(tmp_path)
    np.testing.assert_array_equal(again.predict_proba(examples), model.predict_proba(examples))
    assert again.parameter_count() == sum(w.numel() for w in model.model_.parameters()) > 0


def test_identity_is_by_content(tiny_nli: Path, tiny_roberta: Path) -> None:
    model = nli(tiny_nli)
    assert "path" not in model.identity()
    moved = NliStance(path=str(tiny_roberta), templates=TEMPLATES)
    assert moved.identity()["weights"] != model.identity()["weights"]

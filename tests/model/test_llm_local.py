"""A local language model against its own raw outputs, one sequence of tokens at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from stancebench.errors import UserError
from stancebench.model.llm_local import CONTENT_FREE, LLMLocalStance
from stancebench.model.prompt import Shot
from stancebench.types import LABELS, Examples
from tests.conftest import toy_examples
from tests.model.llm_server import PROMPT

#: Of one to several tokens each in the tiny vocabulary.
WORDS = {"favor": "for", "against": "against it", "none": "neither of these"}
CHAT = (
    "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant] {% endif %}"
)


@pytest.fixture
def examples() -> Examples:
    texts = ["We welcome it.", "Never! " * 9 + "No.", "The clerk noted the page of the minutes.", "No."]
    return Examples(
        {
            "text": texts,
            "target": ["a", "b", "a", "c"],
            "target_name": ["troops", "a plan", "troops", "going alone"],
            "context": ["", "Before it. And before.", "", "A word."],
        }
    )


@pytest.fixture(scope="session")
def tiny_chat(tiny_causal: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny causal model with a chat template."""
    folder = tmp_path_factory.mktemp("tiny-chat")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_causal)
    tokenizer.chat_template = CHAT
    tokenizer.save_pretrained(folder)
    transformers.AutoModelForCausalLM.from_pretrained(tiny_causal).save_pretrained(folder)
    return folder


def local(path: Path, prompt: dict[str, Any] | None = None, **options: Any) -> LLMLocalStance:
    model = LLMLocalStance(path=str(path), prompt={**PROMPT, "labels": WORDS, **(prompt or {})}, **options)
    table = toy_examples(30)
    return model.fit(table, list(table["label"]))


def by_hand(folder: Path, before: str, after: dict[str, str], mean: bool = False) -> np.ndarray:
    """Probabilities of the labels from one pass per label over prompt and word, without padding."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    network = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    scores = []
    for label in LABELS:
        prompt = tokenizer(before)["input_ids"]
        word = tokenizer(after[label])["input_ids"]
        with torch.no_grad():
            logits = network(torch.tensor([prompt + word])).logits[0].numpy().astype(float)
        steps = range(len(prompt) - 1, len(prompt) + len(word) - 1)
        logs = [
            logits[i][token] - np.log(np.exp(logits[i]).sum()) for i, token in zip(steps, word, strict=True)
        ]
        scores.append(np.mean(logs) if mean else np.sum(logs))
    return np.exp(scores) / np.exp(scores).sum()


def plain(target: str, text: str) -> str:
    return f"Answer with one word.\n\nTarget: {target}\nSentence: {text}\nAnswer:"


SPACED = {label: f" {word}" for label, word in WORDS.items()}


@pytest.mark.parametrize("mean", [False, True])
def test_a_label_has_the_probability_of_its_word(tiny_causal: Path, examples: Examples, mean: bool) -> None:
    model = local(tiny_causal, length_normalised=mean)
    assert len({len(word) for word in model.words_}) == 3  # of three lengths
    expected = [
        by_hand(tiny_causal, plain(target, text), SPACED, mean)
        for target, text in zip(examples["target_name"], examples["text"], strict=True)
    ]
    found = model.predict_proba(examples)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert np.ptp(found, axis=0).min() > 1e-3 * found.mean(axis=0).min()  # it would see a difference


def test_words_of_one_token_each(tiny_causal: Path, examples: Examples) -> None:
    words = {"favor": "a", "against": "b", "none": "c"}
    model = local(tiny_causal, {"labels": words})
    assert {len(word) for word in model.words_} == {1}
    expected = by_hand(tiny_causal, plain("troops", "We welcome it."), {k: f" {w}" for k, w in words.items()})
    np.testing.assert_allclose(model.predict_proba(examples)[0], expected, rtol=1e-4)


def test_a_chat_template_is_used_where_there_is_one(tiny_chat: Path, examples: Examples) -> None:
    before = "[system] Answer with one word.\n[user] Target: troops\nSentence: We welcome it.\n[assistant] "
    found = local(tiny_chat).predict_proba(examples)[0]
    np.testing.assert_allclose(found, by_hand(tiny_chat, before, WORDS), rtol=1e-4)


def test_calibration_divides_by_the_answers_to_no_content(tiny_causal: Path, examples: Examples) -> None:
    prior = np.mean(
        [
            by_hand(tiny_causal, plain("troops", empty).replace("Sentence: \n", "Sentence:\n"), SPACED)
            for empty in CONTENT_FREE
        ],
        axis=0,
    )
    raw = by_hand(tiny_causal, plain("troops", "We welcome it."), SPACED)
    expected = raw / prior / (raw / prior).sum()
    found = local(tiny_causal, calibrate=True).predict_proba(examples)[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert np.abs(expected - raw).max() > 1e-2


def test_examples_stand_before_the_question(tiny_causal: Path, examples: Examples) -> None:
    model = local(tiny_causal, {"shots": 1, "system": ""})
    shots = _first_of_each_label(model.shots_[""])
    shown = "".join(
        plain(shot.fields["target_name"], shot.fields["text"]) + f" {WORDS[shot.label]}\n\n" for shot in shots
    ).replace("Answer with one word.\n\n", "")
    before = shown + "Target: troops\nSentence: We welcome it.\nAnswer:"
    np.testing.assert_allclose(
        model.predict_proba(examples)[0], by_hand(tiny_causal, before, SPACED), rtol=1e-4
    )


def _first_of_each_label(shots: list[Shot]) -> list[Shot]:
    first: dict[str, Shot] = {}
    for shot in shots:
        first.setdefault(shot.label, shot)
    return list(first.values())


@pytest.mark.parametrize("calibrate", [False, True])
def test_neither_order_nor_batches_matter(tiny_causal: Path, examples: Examples, calibrate: bool) -> None:
    one, many = (local(tiny_causal, calibrate=calibrate, batch_size=size) for size in (1, 3))
    order = [2, 0, 3, 1]
    in_order = one.predict_proba(examples)
    np.testing.assert_allclose(many.predict_proba(examples.take(order)), in_order[order], rtol=1e-4)
    assert one.identity() == many.identity()


def test_context_and_sentence_are_cut_and_never_the_instruction(tiny_causal: Path) -> None:
    user = "Target: {target_name}\nBefore: {context}\nSentence: {text}\nThe end of the instruction."
    model = local(tiny_causal, {"user": user}, max_length=120)
    start, end = "Target: troops\nBefore: ", "\nThe end of the instruction.\nAnswer:"

    def shown(context: str, text: str) -> str:
        fields = {"target_name": "troops", "target_definition": "", "context": context, "text": text}
        tokens = model._prompt_tokens(fields, "a")
        assert len(tokens) <= 120 - max(map(len, model.words_))
        decoded: str = model.tokenizer_.decode(tokens)
        head, _, rest = decoded.partition(start)
        assert head == "Answer with one word.\n\n"
        assert rest.endswith(end)
        return rest.removesuffix(end)

    assert shown("One. Two.", "A sentence.") == "One. Two.\nSentence: A sentence."
    near = shown("far " * 200 + "near.", "A sentence.")
    assert near.endswith("near.\nSentence: A sentence.")
    assert len(near) > 40  # cut no further than needed
    text = shown("far " * 200, "word " * 200)
    assert text.startswith("(none)\nSentence: word word ")
    with pytest.raises(UserError, match="tokens without its sentence"):
        local(tiny_causal, {"user": user}, max_length=30).predict(toy_examples(1))


def test_a_prompt_that_wants_more_than_a_word_is_refused() -> None:
    with pytest.raises(UserError, match="llm_local cannot use this prompt"):
        LLMLocalStance(path="anywhere", prompt={**PROMPT, "answer": "json"})


def test_a_restored_model_predicts_the_same(tiny_causal: Path, examples: Examples, tmp_path: Path) -> None:
    model = local(tiny_causal, {"shots": 2}, length_normalised=True, random_state=5)
    model.save(tmp_path)
    restored = LLMLocalStance(**model.get_params())
    restored.restore(tmp_path)
    np.testing.assert_array_equal(restored.predict_proba(examples), model.predict_proba(examples))
    assert restored.parameter_count() == model.parameter_count() > 0
    other = local(tiny_causal, {"shots": 2}, length_normalised=True, random_state=6)
    assert np.abs(other.predict_proba(examples) - model.predict_proba(examples)).max() > 1e-3

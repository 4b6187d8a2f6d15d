"""Prompts: their schema, their examples, and the labels that answers are read as."""

from __future__ import annotations

import string
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stancebench.errors import UserError
from stancebench.model.answers import UNFINISHED, Answer, label_of, parse_label, probabilities_of
from stancebench.model.prompt import FIELDS, Prompt, Shot, fields_of, read_prompt, render
from stancebench.model.shots import ANY_TARGET, draw_shots, load_shots, save_shots, shots_for
from stancebench.types import LABELS, Examples
from tests.conftest import REPOSITORY, toy_examples
from tests.model.llm_server import PROMPT

FILES = sorted((REPOSITORY / "conf" / "prompt").glob("*.yaml"))


def prompt_with(**changes: Any) -> Prompt:
    return read_prompt({**PROMPT, **changes})


def about(text: str, context: str = "") -> dict[str, str]:
    return dict(zip(FIELDS, ("tea", "Drinking tea.", text, context), strict=True))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_committed_prompt_holds_and_names_its_words(path: Path) -> None:
    prompt = read_prompt(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert prompt.name == path.stem
    turns = render(prompt, about("A sentence."), [Shot(label, about(label)) for label in LABELS * 9])
    asked = "".join(turn["content"] for turn in turns if turn["role"] != "assistant")
    assert all(word in asked for word in prompt.words)
    assert [turn["role"] for turn in turns].count("assistant") == 3 * prompt.shots
    for turn in turns:
        if turn["role"] == "assistant":
            assert parse_label(turn["content"], prompt) in LABELS


def test_there_are_zero_and_few_shot_prompts_of_every_form() -> None:
    prompts = [read_prompt(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in FILES]
    assert {prompt.answer for prompt in prompts} == {"label", "json", "last_line"}
    assert sum(prompt.shots > 0 for prompt in prompts) >= 2
    assert any("{context}" in prompt.user for prompt in prompts if prompt.shots)


def test_all_faults_are_reported_at_once() -> None:
    wrong = {
        **PROMPT,
        "system": "About {text}.",
        "user": "{sentence} {context:>9} {target_id}",
        "shots": -1,
        "answer": "word",
        "labels": {"favor": "in favor", "against": "not in favor", "none": " "},
        "colour": "red",
    }
    with pytest.raises(UserError) as fault:
        read_prompt(wrong)
    problems = "\n".join(fault.value.problems)
    for part in (
        "unknown field {sentence} (known: {target_name}, {target_definition}, {text}, {context})",
        "unknown field {target_id}",
        "{context} takes no format",
        "user: {text} is missing",
        "user: {target_name} or {target_definition} is missing",
        "system: {text} is filled in only in user",
        "labels.none: empty",
        "labels: the word of favor stands in that of against",
        "shots: ",
        "answer: ",
        "colour: unknown key",
    ):
        assert part in problems


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"user": "{text} {target_name} }"}, "a brace that is meant is doubled"),
        ({"answer": "last_line", "shots": 2}, "an example has a label and no reasoning"),
        ({"labels": {"favor": "yes", "against": "no"}}, "give a word for each of against, none, favor"),
        ({"shots": "4"}, "shots: "),
        ({"system": None}, "system: "),
    ],
)
def test_a_single_fault(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match="does not hold") as fault:
        prompt_with(**changes)
    assert said in "\n".join(fault.value.problems)


def test_a_missing_key() -> None:
    with pytest.raises(UserError) as fault:
        read_prompt({name: value for name, value in PROMPT.items() if name != "answer"})
    assert fault.value.problems == ["answer: missing"]


@given(st.text())
def test_a_sentence_stands_in_the_question_as_it_is(text: str) -> None:
    prompt = prompt_with(user="{target_name} {{x}} <{text}>")
    assert render(prompt, about(text))[-1]["content"] == f"tea {{x}} <{text}>"


def test_an_empty_context_is_named_and_an_empty_system_left_out() -> None:
    prompt = prompt_with(system="", user="{context}|{text}|{target_definition}")
    assert render(prompt, about("A", "B C")) == [{"role": "user", "content": "B C|A|Drinking tea."}]
    assert render(prompt, about("A"))[0]["content"].startswith("(none)|")


def test_the_target_id_stands_in_for_missing_wordings() -> None:
    table = Examples({"target": ["t"], "text": ["A"]})
    assert fields_of(table) == [{"target_name": "t", "target_definition": "t", "text": "A", "context": ""}]
    assert fields_of(table.to_pandas()) == fields_of(table)


@pytest.mark.parametrize("shots", [1, 3])
def test_examples_are_balanced_and_of_the_target(shots: int) -> None:
    examples = toy_examples(60)
    labels = list(examples["label"])
    drawn = draw_shots(prompt_with(shots=shots), examples, labels, seed=5)
    known = {(row["target_name"], row["text"], row["label"]) for row in examples.rows()}
    assert set(drawn) == {"t0", "t1", ANY_TARGET}
    for target, name in (("t0", "target 0"), ("t1", "target 1")):
        assert {shot.fields["target_name"] for shot in drawn[target]} == {name}
        assert Counter(shot.label for shot in drawn[target]) == dict.fromkeys(LABELS, shots + 1)
    for candidates in drawn.values():
        assert {(s.fields["target_name"], s.fields["text"], s.label) for s in candidates} <= known
    turns = render(prompt_with(shots=shots), about("Asked."), shots_for(drawn, "t0"))
    answers = Counter(turn["content"] for turn in turns if turn["role"] == "assistant")
    assert answers == dict.fromkeys(LABELS, shots)


def test_the_sentence_asked_about_is_never_an_example() -> None:
    """Every training sentence is asked about; one that is drawn is replaced, not dropped."""
    examples, prompt = toy_examples(60), prompt_with(shots=2)
    drawn = draw_shots(prompt, examples, list(examples["label"]), seed=0)
    replaced = 0
    for fields, target in zip(fields_of(examples), examples["target"], strict=True):
        turns = render(prompt, {**fields, "text": fields["text"].upper()}, shots_for(drawn, target))
        shown = [turn["content"] for turn in turns[1:-1] if turn["role"] == "user"]
        assert len(shown) == 6
        assert not any(question.endswith(f"Sentence: {fields['text']}") for question in shown)
        replaced += any(shot.fields["text"] == fields["text"] for shot in shots_for(drawn, target))
    assert replaced > 0


def test_scarce_labels_are_topped_up_by_other_targets() -> None:
    texts = [f"sentence {i}" for i in range(6)]
    table = Examples({"target": ["a", "a", "b", "b", "b", "b"], "text": texts})
    labels = ["favor", "against", "favor", "favor", "favor", "none"]
    drawn = draw_shots(prompt_with(shots=1), table, labels, seed=0)
    by_label = {label: [s.fields["text"] for s in drawn["a"] if s.label == label] for label in LABELS}
    assert by_label["against"] == ["sentence 1"]  # the only one there is
    assert by_label["none"] == ["sentence 5"]  # from the other target
    assert len(by_label["favor"]) == 2
    assert "sentence 0" in by_label["favor"]  # the target's own comes first
    assert {s.fields["text"] for s in shots_for(drawn, "unseen")} == {
        s.fields["text"] for s in drawn[ANY_TARGET]
    }


def test_the_same_sentence_is_drawn_once() -> None:
    table = Examples({"target": ["a"] * 4, "text": ["Same.", "same.", "SAME. ", "other"]})
    drawn = draw_shots(prompt_with(shots=3), table, ["favor"] * 4, seed=0)
    assert sorted(shot.fields["text"].casefold().strip() for shot in drawn["a"]) == ["other", "same."]


def test_draws_follow_the_seed_and_survive_the_disk(tmp_path: Path) -> None:
    examples = toy_examples(60)
    first, again, other = (
        draw_shots(prompt_with(shots=2), examples, list(examples["label"]), seed) for seed in (0, 0, 1)
    )
    assert first == again != other
    save_shots(first, tmp_path)
    assert load_shots(tmp_path) == first
    assert draw_shots(prompt_with(shots=0), examples, list(examples["label"]), 0) == {}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("favor", "favor"),
        (" Against.\n", "against"),
        ("**None**", "none"),
        ('"favor"', "favor"),
        ("Answer: against", "against"),
        ("The answer is favor", "favor"),
        ("Stance: **favor**.", "favor"),
        ("Final answer is: none", "none"),
        ("favor\n\nThe author rejects delay and is against waiting.", "favor"),
        ("favor - it welcomes the plan", "favor"),
        ("favor, not against", None),
        ("favor/against/none", None),
        ("not in favor", None),
        ("none of the above", None),
        ("against the plan", None),
        ("favorable", None),
        ("I cannot help with that.", None),
        ("<think>It is against... no.</think>\nfavor", "favor"),
        ("the model thinks aloud: against</think>none", "none"),
        ("", None),
        ("...", None),
    ],
)
def test_a_word_alone(text: str, label: str | None) -> None:
    assert parse_label(text, prompt_with()) == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("The minister refuses.\nShe is not in favor.\n\nagainst\n", "against"),
        ("It could be favor or none.\nLabel: none", "none"),
        ("favor\nOr perhaps not", None),
        ("against", "against"),
    ],
)
def test_the_last_line(text: str, label: str | None) -> None:
    assert parse_label(text, prompt_with(answer="last_line")) == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ('{"label": "favor"}', "favor"),
        ('Here it is:\n```json\n{"reason": "{x}", "label": "Against"}\n```', "against"),
        ('{"label": "maybe"}', None),
        ('{"label": ["favor"]}', None),
        ('{"stance": "favor"}', None),
        ('["favor"]', None),
        ('{"label": "fav', None),
        ("favor", None),
    ],
)
def test_json(text: str, label: str | None) -> None:
    assert parse_label(text, prompt_with(answer="json")) == label


@given(st.text(), st.sampled_from(["label", "last_line", "json"]))
def test_any_text_is_a_label_or_nothing(text: str, form: str) -> None:
    assert parse_label(text, prompt_with(answer=form)) in (*LABELS, None)


@given(
    st.sampled_from(LABELS),
    st.sampled_from([str.lower, str.upper, str.title]),
    st.text("*_` \"'", max_size=4),
    st.text("*_` \"'.", max_size=4),
)
def test_decoration_does_not_matter(label: str, case: Any, before: str, after: str) -> None:
    words = {"favor": "in support", "against": "opposed", "none": "no stance"}
    assert parse_label(before + case(words[label]) + after, prompt_with(labels=words)) == label


@given(st.text(string.ascii_letters + " ,.\n"))
def test_the_last_line_alone_counts(reasoning: str) -> None:
    assert parse_label(f"{reasoning}\nfavor", prompt_with(answer="last_line")) == "favor"


@pytest.mark.parametrize("reason", UNFINISHED)
def test_an_unfinished_answer_is_unscored(reason: str) -> None:
    assert label_of(Answer("favor", reason), prompt_with()) is None
    assert np.isnan(probabilities_of(Answer("favor", reason), prompt_with())).all()


def test_first_tokens_that_begin_no_word_leave_the_label_answered() -> None:
    answer = Answer('"favor"', "stop", first_token={'"': -0.1, "\n": -2.0})
    np.testing.assert_array_equal(probabilities_of(answer, prompt_with()), [0, 0, 1])

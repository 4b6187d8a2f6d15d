"""Prompts: how a language model is asked for the stance of a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stancebench.errors import raise_if
from stancebench.model.interface import Table
from stancebench.types import LABELS

#: What stands in braces in `Prompt.user`.
FIELDS: tuple[str, ...] = ("target_name", "target_definition", "text", "context")
#: What a sentence without a context shows in its place.
NO_CONTEXT = "(none)"

#: The values of `FIELDS` for one example.
Fields = dict[str, str]
#: A conversation as chat models take it: ``role`` and ``content`` of each turn.
Messages = list[dict[str, str]]


class Prompt(BaseModel):
    """A file of ``conf/prompt``, checked.

    ``system`` and ``user`` are the two texts of a question; ``user`` holds `FIELDS` in braces, and a
    brace that is meant is doubled. ``shots`` examples of each label go before the question.
    ``labels`` says which word stands for which label. The ``answer`` is that word alone (``label``),
    that word on the last line after any reasoning (``last_line``), or ``{"label": WORD}`` (``json``).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = Field(pattern=r"^[\w.-]+$")
    system: str
    user: str
    shots: int = Field(ge=0)
    answer: Literal["label", "json", "last_line"]
    labels: dict[str, str]

    @property
    def words(self) -> list[str]:
        """The words that stand for `LABELS`, in that order."""
        return [self.labels[label] for label in LABELS]


class Shot(NamedTuple):
    """An example that is shown with its label."""

    label: str
    fields: Fields


def read_prompt(content: Mapping[str, Any]) -> Prompt:
    """Return the prompt that a file of ``conf/prompt`` holds.

    Raises
    ------
    UserError
        With every fault: unknown or missing keys, unknown fields, words that cannot be told apart.

    Examples
    --------
    >>> words = {"favor": "for", "against": "against", "none": "neither"}
    >>> user = "{target_name}? {text}"
    >>> read_prompt({"name": "p", "system": "", "user": user, "shots": 0, "answer": "label",
    ...              "labels": words}).words
    ['against', 'neither', 'for']
    """
    problems = [
        *_user_faults(content.get("user")),
        *_system_faults(content.get("system")),
        *_word_faults(content.get("labels")),
    ]
    if content.get("answer") == "last_line" and content.get("shots"):
        problems.append("shots: an example has a label and no reasoning; with answer: last_line, give 0")
    try:
        prompt = Prompt.model_validate(content)
    except ValidationError as fault:
        problems += [_in_words(error) for error in fault.errors()]
    raise_if(problems, f"the prompt {content.get('name')!r} does not hold", "see conf/prompt/")
    return prompt


def fields_of(X: Table) -> list[Fields]:
    """Return the `FIELDS` of n examples.

    Where a table has no wording of its targets, their id stands for it.
    """
    columns = getattr(X, "columns", {})

    def column(*names: str) -> list[str]:
        present = next(name for name in names if name in columns)
        return [str(value) for value in X[present]]

    values = (
        column("target_name", "target"),
        column("target_definition", "target_name", "target"),
        column("text"),
        column("context") if "context" in columns else [""] * len(X),
    )
    return [dict(zip(FIELDS, row, strict=True)) for row in zip(*values, strict=True)]


def render(prompt: Prompt, fields: Fields, shots: Sequence[Shot] = ()) -> Messages:
    """Return the question about one example, after up to ``prompt.shots`` examples of each label.

    `shots` are taken in their order; one that is the very sentence asked about is passed over.

    Examples
    --------
    >>> words = {"favor": "favor", "against": "against", "none": "none"}
    >>> prompt = read_prompt({"name": "p", "system": "", "user": "{target_name}: {text}", "shots": 1,
    ...                       "answer": "json", "labels": words})
    >>> def about(text): return {"target_name": "tea", "target_definition": "", "text": text, "context": ""}
    >>> for turn in render(prompt, about("Fine."), [Shot("favor", about("Yes!"))]):
    ...     print(turn["role"], turn["content"])
    user tea: Yes!
    assistant {"label": "favor"}
    user tea: Fine.
    """
    turns = [{"role": "system", "content": prompt.system}] if prompt.system else []
    left = dict.fromkeys(LABELS, prompt.shots)
    for shot in shots:
        if left[shot.label] and same_text(shot.fields) != same_text(fields):
            left[shot.label] -= 1
            turns.append({"role": "user", "content": _question(prompt, shot.fields)})
            turns.append({"role": "assistant", "content": _answer(prompt, shot.label)})
    return [*turns, {"role": "user", "content": _question(prompt, fields)}]


def same_text(fields: Fields) -> str:
    """Return what two examples of the same sentence have in common: its text without case and spacing."""
    return " ".join(fields["text"].casefold().split())


def _question(prompt: Prompt, fields: Fields) -> str:
    return prompt.user.format(**{**fields, "context": fields["context"] or NO_CONTEXT}).strip()


def _answer(prompt: Prompt, label: str) -> str:
    word = prompt.words[LABELS.index(label)]
    return json.dumps({"label": word}) if prompt.answer == "json" else word


def _user_faults(user: Any) -> list[str]:
    if not isinstance(user, str):
        return []  # the schema says so
    try:
        parsed = [piece for piece in Formatter().parse(user) if piece[1] is not None]
    except ValueError as fault:
        return [f"user: {fault}; a brace that is meant is doubled: {{{{ or }}}}"]
    names = [str(name) for _, name, _, _ in parsed]
    known = ", ".join(f"{{{name}}}" for name in FIELDS)
    problems = [f"user: unknown field {{{name}}} (known: {known})" for name in names if name not in FIELDS]
    problems += [f"user: {{{name}}} takes no format" for _, name, form, turn in parsed if form or turn]
    if "text" not in names:
        problems.append("user: {text} is missing, the sentence that is asked about")
    if not {"target_name", "target_definition"} & set(names):
        problems.append("user: {target_name} or {target_definition} is missing")
    return problems


def _system_faults(system: Any) -> list[str]:
    used = [name for name in FIELDS if f"{{{name}}}" in str(system)]
    return [f"system: {{{name}}} is filled in only in user" for name in used]


def _word_faults(labels: Any) -> list[str]:
    """Return labels without a word, and words inside another: an answer could be read as either."""
    if not isinstance(labels, dict) or set(labels) != set(LABELS):
        return [f"labels: give a word for each of {', '.join(LABELS)}"]
    words = {label: f" {' '.join(str(word).casefold().split())} " for label, word in labels.items()}
    problems = [f"labels.{label}: empty" for label, word in words.items() if not word.strip()]
    problems += [
        f"labels: the word of {inner} stands in that of {outer}"
        for inner, word in words.items()
        for outer, other in words.items()
        if inner != outer and word.strip() and word in other
    ]
    return problems


def _in_words(error: Any) -> str:
    place = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return f"{place}: unknown key (known: {', '.join(Prompt.model_fields)})"
    if error["type"] == "missing":
        return f"{place}: missing"
    return f"{place}: {error['msg']} (found {error['input']!r})"

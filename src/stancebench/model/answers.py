"""What a language model answered, and the label that this is read as."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stancebench.model.prompt import Prompt
from stancebench.types import LABELS

#: Ways to end that leave no usable answer: cut at the token limit, withheld, refused.
UNFINISHED = ("length", "content_filter", "refusal")

_LEAD = re.compile(r"^(?:the )?(?:final )?(?:answer|label|stance)\s*(?:is\b\s*:?|:)", re.IGNORECASE)
#: Markdown and quotation marks around a word.
_DECORATION = " \t*_`\"'“”‘’#>()[]"


@dataclass(frozen=True)
class Answer:
    """One answer of a server.

    `first_token` holds the log-probabilities of the likeliest first tokens, where they were asked for.
    """

    text: str
    finish_reason: str
    input_tokens: int = 0
    output_tokens: int = 0
    first_token: dict[str, float] | None = None


class Heard(NamedTuple):
    """An answer, and whether it was in the cache before it was wanted."""

    answer: Answer
    cached: bool


def label_of(answer: Answer, prompt: Prompt) -> str | None:
    """Return the label of an answer; ``None`` where it was refused, cut, or cannot be read."""
    return None if answer.finish_reason in UNFINISHED else parse_label(answer.text, prompt)


def parse_label(text: str, prompt: Prompt) -> str | None:
    r"""Return the label that a text names in the form that the prompt asks for, else ``None``.

    The line that counts is the first (``answer: label``) or the last one (``last_line``). The label's
    word must begin it, alone or before a punctuation mark, and no other label's word may follow: "not
    in favor", or all three words echoed, is no answer. Case, quotation marks, Markdown and a leading
    "Answer:" do not matter. What a reasoning model thinks before ``</think>`` is passed over.

    Examples
    --------
    >>> words = {"favor": "favor", "against": "against", "none": "none"}
    >>> asked = {"name": "p", "system": "", "user": "{target_name} {text}", "shots": 0, "labels": words}
    >>> prompt = Prompt(**asked, answer="label")
    >>> [parse_label(text, prompt) for text in ("**Favor**.", "Stance: none", "favor or against")]
    ['favor', 'none', None]
    >>> parse_label("It rejects the plan.\nagainst", Prompt(**asked, answer="last_line"))
    'against'
    >>> parse_label('```json\n{"label": "none"}\n```', Prompt(**asked, answer="json"))
    'none'
    """
    text = text.rpartition("</think>")[2]
    if prompt.answer == "json":
        return _parse_json(text, prompt)
    lines = [line.strip(_DECORATION) for line in text.splitlines()]
    lines = [line for line in lines if line]
    if not lines:
        return None
    return _parse_line(lines[0 if prompt.answer == "label" else -1], prompt)


def probabilities_of(answer: Answer, prompt: Prompt) -> np.ndarray:
    """Return the probabilities of `LABELS`, shape (k,); NaN where the answer has no label.

    With the log-probabilities of the first token, a label has the probability of all tokens that its
    word may begin with, over that of all labels. Without, the label answered has 1.

    Examples
    --------
    >>> words = {"favor": "favor", "against": "against", "none": "none"}
    >>> prompt = Prompt(name="p", system="", user="", shots=0, answer="label", labels=words)
    >>> probabilities_of(Answer("favor", "stop"), prompt)
    array([0., 0., 1.])
    >>> heard = {"fav": float(np.log(0.6)), " none": float(np.log(0.2)), "The": float(np.log(0.2))}
    >>> probabilities_of(Answer("favor", "stop", first_token=heard), prompt)
    array([0.  , 0.25, 0.75])
    """
    label = label_of(answer, prompt)
    if label is None:
        return np.full(len(LABELS), np.nan)
    mass = np.zeros(len(LABELS))
    for token, log_probability in (answer.first_token or {}).items():
        begun = token.strip().casefold()
        for i, word in enumerate(prompt.words):
            if begun and word.casefold().startswith(begun):
                mass[i] += np.exp(log_probability)
    if not mass.any():
        mass[LABELS.index(label)] = 1
    return np.asarray(mass / mass.sum())


def price_of(answers: Sequence[Answer], price_input: float, price_output: float) -> float:
    """Return the price of answers whose tokens cost so much a million.

    Examples
    --------
    >>> price_of([Answer("favor", "stop", input_tokens=1000, output_tokens=10)], 3.0, 15.0)
    0.00315
    """
    tokens_in = sum(answer.input_tokens for answer in answers)
    tokens_out = sum(answer.output_tokens for answer in answers)
    return (tokens_in * price_input + tokens_out * price_output) / 1e6


def _parse_json(text: str, prompt: Prompt) -> str | None:
    start, end = text.find("{"), text.rfind("}")
    try:
        content = json.loads(text[start : end + 1])
    except ValueError:
        return None
    said = content.get("label") if isinstance(content, dict) else None
    return _by_word(prompt).get(_plain(said)) if isinstance(said, str) else None


def _parse_line(line: str, prompt: Prompt) -> str | None:
    said = _plain(_LEAD.sub("", line).strip(_DECORATION))
    for word, label in _by_word(prompt).items():
        if re.match(rf"{re.escape(word)}[{re.escape(_DECORATION)}]*($|[.,;:!–—-])", said):
            return None if _names_another(said, word, prompt) else label
    return None


def _names_another(said: str, word: str, prompt: Prompt) -> bool:
    others = [other for other in _by_word(prompt) if other != word]
    return any(re.search(rf"(?<!\w){re.escape(other)}(?!\w)", said[len(word) :]) for other in others)


def _by_word(prompt: Prompt) -> dict[str, str]:
    return {_plain(word): label for word, label in zip(prompt.words, LABELS, strict=True)}


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())

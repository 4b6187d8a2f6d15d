"""Causal language models on this machine: which label's word is the likeliest answer to a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from stancebench.errors import UserError, raise_if
from stancebench.model.interface import Parameters, Table
from stancebench.model.prompt import Fields, Messages, Prompt, fields_of, read_prompt, render
from stancebench.model.shots import Shots, draw_shots, load_shots, save_shots, shots_for
from stancebench.model.weights import find_weights, identify_weights
from stancebench.types import LABELS

#: Sentences that say nothing: what a model answers to them is its prior (Zhao et al. 2021).
CONTENT_FREE = ("N/A", "[MASK]", "")
#: Before the answer, where the tokenizer has no chat template that would mark the place.
ANSWER_CUE = "Answer:"


class LLMLocalStance(Parameters):
    """A causal language model that scores each label's word as the answer to a prompt.

    Nothing is generated and nothing is trained: the probability of a label is that of its word's
    tokens after the prompt, over that of all labels. `fit` draws the prompt's examples from the
    training part.

    Parameters
    ----------
    path : str
        Repository id on the Hub, or a local folder.
    prompt : dict
        Content of a file of ``conf/prompt`` with ``answer: label`` (`prompt.Prompt`).
    revision : str or None
        Commit of the repository.
    package : str or None
        Python package that carries the same files (no download).
    sha256 : str or None
        What ``model.safetensors`` must hash to.
    length_normalised : bool
        Score a word by the mean instead of the sum of its tokens' log-probabilities.
    calibrate : bool
        Divide the probabilities by those for a sentence without content [1]_, for each target.
    max_length : int
        Tokens of prompt and answer. A longer prompt loses the beginning of its context, then the end
        of its sentence, and never anything of the instruction or its examples.
    batch_size : int
        Prompts scored at once.
    dtype : {"float32", "auto"}
        Of the weights; ``auto`` is the checkpoint's own, half the memory and meant for GPUs.
    random_state : int
        Seed of the examples drawn; without examples nothing is drawn.

    Notes
    -----
    With p the probabilities and q the mean of those for `CONTENT_FREE`, calibrated ones are p / q, made
    to sum to 1: the paper's diagonal W = diag(q)^-1. Its softmax over W p has the same order, and would
    flatten what is already a probability.

    References
    ----------
    .. [1] Z. Zhao, E. Wallace, S. Feng, D. Klein and S. Singh, "Calibrate Before Use: Improving
       Few-Shot Performance of Language Models", ICML 2021.
    """

    classes_ = np.asarray(LABELS, dtype=object)

    def __init__(
        self,
        path: str,
        prompt: dict[str, Any],
        revision: str | None = None,
        package: str | None = None,
        sha256: str | None = None,
        length_normalised: bool = False,
        calibrate: bool = False,
        max_length: int = 2048,
        batch_size: int = 8,
        dtype: Literal["float32", "auto"] = "float32",
        random_state: int = 0,
    ) -> None:
        self.path = path
        self.prompt = prompt
        self.revision = revision
        self.package = package
        self.sha256 = sha256
        self.length_normalised = length_normalised
        self.calibrate = calibrate
        self.max_length = max_length
        self.batch_size = batch_size
        self.dtype = dtype
        self.random_state = random_state
        form = read_prompt(prompt).answer
        wrong = (
            [] if form == "label" else [f"prompt.answer: {form}; this model scores words, and writes none"]
        )
        raise_if(wrong, "llm_local cannot use this prompt", "take a prompt with answer: label, or llm_api")

    def identity(self) -> dict[str, Any]:
        """Return the parameters that tell one run from another: the weights by their content."""
        params = self.get_params()
        for name in ("path", "revision", "package", "sha256", "batch_size"):
            del params[name]
        return {**params, "weights": identify_weights(self.path, self.revision, self.sha256)}

    def fit(self, X: Table, y: Sequence[str]) -> LLMLocalStance:
        """Draw the prompt's examples from the training part and load the weights."""
        self._start(draw_shots(read_prompt(self.prompt), X, y, self.random_state))
        return self

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k).

        Raises
        ------
        UserError
            Where a prompt without its sentence is longer than ``max_length``.
        """
        rows, targets = fields_of(X), [str(target) for target in X["target"]]
        probabilities = self._probabilities(rows, targets)
        if self.calibrate:
            probabilities = probabilities / self._priors(rows, targets)
        return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True))

    def parameter_count(self) -> int:
        """Return how many weights the model has."""
        return int(sum(weight.numel() for weight in self.network_.parameters()))

    def save(self, folder: Path) -> None:
        """Write the examples that the prompt shows; the parameters name the weights."""
        save_shots(self.shots_, folder)

    def restore(self, folder: Path) -> None:
        """Read what `save` wrote, and load the weights."""
        self._start(load_shots(folder))

    def _start(self, shots: Shots) -> None:
        weights = str(find_weights(self.path, self.revision, self.package, self.sha256))

        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging

        logging.set_verbosity_error()
        self.prompt_: Prompt = read_prompt(self.prompt)
        self.shots_ = shots
        self.tokenizer_ = AutoTokenizer.from_pretrained(weights)
        network = AutoModelForCausalLM.from_pretrained(
            weights, dtype="auto" if self.dtype == "auto" else torch.float32
        )
        self.network_ = network.to("cuda" if torch.cuda.is_available() else "cpu").eval()
        self.words_ = [self._word_tokens(word) for word in self.prompt_.words]

    def _probabilities(self, rows: Sequence[Fields], targets: Sequence[str]) -> np.ndarray:
        """Return softmax over the labels' scores, shape (n, k)."""
        from rich.console import Console
        from rich.progress import track

        from stancebench.model.llm_scores import word_log_probabilities

        prompts = [self._prompt_tokens(row, target) for row, target in zip(rows, targets, strict=True)]
        scores = np.zeros((len(rows), len(LABELS)))
        longest_first = sorted(range(len(prompts)), key=lambda i: -len(prompts[i]))
        batches = [longest_first[i : i + self.batch_size] for i in range(0, len(rows), self.batch_size)]
        console = Console(stderr=True)
        for batch in track(batches, "scoring", console=console, disable=not console.is_terminal):
            scores[batch] = word_log_probabilities(self.network_, [prompts[i] for i in batch], self.words_)
        if self.length_normalised:
            scores /= [len(word) for word in self.words_]
        exp = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(exp / exp.sum(axis=1, keepdims=True))

    def _priors(self, rows: Sequence[Fields], targets: Sequence[str]) -> np.ndarray:
        """Return each example's mean probabilities for its target and no content, shape (n, k)."""
        asked = {target: row for row, target in zip(rows, targets, strict=True)}
        empty = [
            ({**row, "context": "", "text": text}, target)
            for target, row in asked.items()
            for text in CONTENT_FREE
        ]
        probabilities = self._probabilities([row for row, _ in empty], [target for _, target in empty])
        means = probabilities.reshape(len(asked), len(CONTENT_FREE), len(LABELS)).mean(axis=1)
        prior_of = dict(zip(asked, means, strict=True))
        return np.array([prior_of[target] for target in targets]).reshape(len(targets), len(LABELS))

    def _prompt_tokens(self, fields: Fields, target: str) -> list[int]:
        """Return the tokens of a prompt, its context and sentence cut to fit ``max_length``."""
        room = self.max_length - max(map(len, self.words_))
        while (excess := len(tokens := self._tokens(fields, target)) - room) > 0:
            # A token has at least one character, so this cuts little at a time and never too much.
            if fields["context"] and "{context}" in self.prompt_.user:
                fields = {**fields, "context": fields["context"][excess:]}
            elif fields["text"]:
                fields = {**fields, "text": fields["text"][:-excess]}
            else:
                raise UserError(
                    f"the prompt {self.prompt_.name!r} takes {len(tokens)} tokens without its sentence",
                    hint=f"raise model.max_length ({self.max_length}), or lower prompt.shots",
                )
        return tokens

    def _tokens(self, fields: Fields, target: str) -> list[int]:
        turns = render(self.prompt_, fields, shots_for(self.shots_, target))
        if self.tokenizer_.chat_template is None:
            text = "\n\n".join(turn["content"] for turn in _with_cues(turns))
            return list(self.tokenizer_(text)["input_ids"])
        text = self.tokenizer_.apply_chat_template(
            turns,
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=False,  # models that can think are asked for the word at once
        )
        return list(self.tokenizer_(text, add_special_tokens=False)["input_ids"])

    def _word_tokens(self, word: str) -> list[int]:
        """Return the tokens of a label's word as they follow a prompt."""
        if self.tokenizer_.chat_template is not None:
            return list(self.tokenizer_(word, add_special_tokens=False)["input_ids"])
        cue, whole = (
            list(self.tokenizer_(text, add_special_tokens=False)["input_ids"])
            for text in (ANSWER_CUE, f"{ANSWER_CUE} {word}")
        )
        return whole[len(cue) :]


def _with_cues(turns: Messages) -> Messages:
    """Return the turns of a plain text: answers stand after `ANSWER_CUE`, and the last is open."""
    cued: Messages = []
    for turn in turns:
        if turn["role"] == "assistant":
            cued[-1] = {**cued[-1], "content": f"{cued[-1]['content']} {turn['content']}"}
        else:
            cue = f"\n{ANSWER_CUE}" if turn["role"] == "user" else ""
            cued.append({**turn, "content": turn["content"] + cue})
    return cued

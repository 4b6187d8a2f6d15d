"""Language models behind a chat-completions server, asked for the stance of each sentence."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stancebench.errors import raise_if
from stancebench.model.answers import Heard, label_of, price_of, probabilities_of
from stancebench.model.extras import require_extra
from stancebench.model.interface import Parameters, Table
from stancebench.model.llm_request import (
    Constrain,
    Sampling,
    request_faults,
    request_for,
    request_key,
    server_faults,
)
from stancebench.model.prompt import fields_of, read_prompt, render
from stancebench.model.shots import Shots, draw_shots, load_shots, save_shots, shots_for
from stancebench.types import LABELS

#: Parameters that change how a run asks, and not what it is answered.
_NOT_IDENTITY = (
    "api_key_env",
    "concurrency",
    "requests_per_minute",
    "timeout_s",
    "max_retries",
    "price_input",
    "price_output",
)


class LLMApiStance(Parameters):
    """A language model behind an OpenAI-compatible server: vLLM, Ollama, llama.cpp, hosted services.

    Nothing is trained: `fit` draws the prompt's examples from the training part. Every answer is kept
    in a cache as it comes (`llm_cache`), so that a run that was stopped goes on where it was, and the
    same question is never paid for twice. An answer that is refused, cut or unreadable is unscored.

    Parameters
    ----------
    model_id : str
        The model as the server names it.
    prompt : dict
        Content of a file of ``conf/prompt`` (`prompt.Prompt`).
    base_url : str
        The server, up to and with ``/v1``.
    api_key_env : str
        Name of the environment variable that holds the key; the key itself is written nowhere.
    temperature : float or None
        Of the sampling; 0 takes the likeliest token. ``None`` leaves it to the server.
    max_tokens : int or None
        Longest answer; a longer one is cut, and unscored. ``None`` leaves it to the server.
    constrain : {"none", "json_schema", "choice"}
        Let the server write nothing but an answer: ``response_format`` for prompts with
        ``answer: json``, vLLM's ``structured_outputs`` for ``answer: label``. A server that does not
        know the second ignores it.
    logprobs : bool
        Probabilities from those of the first token, for prompts with ``answer: label``; else the
        label answered has 1.
    extra_body : dict or None
        Whatever else the server takes, such as ``{reasoning_effort: low}``.
    concurrency : int
        Requests under way at once.
    requests_per_minute : float or None
        Most requests that are begun in a minute; the client's retries are not counted.
    timeout_s : float
        Seconds for one answer.
    max_retries : int
        Further tries after a time-out, a lost connection, or status 408, 409, 429 or 5xx, with
        growing pauses or the server's ``Retry-After``.
    price_input, price_output : float or None
        Of a million tokens, in any currency; `usage` then has the cost.
    random_state : int
        Seed of the examples drawn, and of the server's sampling. At ``temperature: 0`` nothing is
        sampled and no seed is sent: runs that ask the same share the answers.
    """

    classes_ = np.asarray(LABELS, dtype=object)

    def __init__(
        self,
        model_id: str,
        prompt: dict[str, Any],
        base_url: str = "http://localhost:8000/v1",
        api_key_env: str = "OPENAI_API_KEY",
        temperature: float | None = 0.0,
        max_tokens: int | None = 512,
        constrain: Constrain = "none",
        logprobs: bool = False,
        extra_body: dict[str, Any] | None = None,
        concurrency: int = 8,
        requests_per_minute: float | None = None,
        timeout_s: float = 60.0,
        max_retries: int = 5,
        price_input: float | None = None,
        price_output: float | None = None,
        random_state: int = 0,
    ) -> None:
        self.model_id = model_id
        self.prompt = prompt
        self.base_url = base_url
        self.api_key_env = api_key_env
        self.temperature = temperature
        self.max_tokens = max_tokens
        self.constrain = constrain
        self.logprobs = logprobs
        self.extra_body = extra_body
        self.concurrency = concurrency
        self.requests_per_minute = requests_per_minute
        self.timeout_s = timeout_s
        self.max_retries = max_retries
        self.price_input = price_input
        self.price_output = price_output
        self.random_state = random_state
        raise_if(
            self._faults(), "llm_api cannot be used like this", "see conf/model/llm_api.yaml, docs/llm.md"
        )

    def identity(self) -> dict[str, Any]:
        """Return the parameters that tell one run from another: what can change an answer."""
        return {name: value for name, value in self.get_params().items() if name not in _NOT_IDENTITY}

    def fit(self, X: Table, y: Sequence[str]) -> LLMApiStance:
        """Draw the prompt's examples from the training part; nothing is asked yet."""
        self._start(draw_shots(read_prompt(self.prompt), X, y, self.random_state))
        return self

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k); NaN where the answer is unscored.

        Raises
        ------
        UserError
            Where the server cannot be reached, refuses, or fails after all retries.
        """
        rows = [probabilities_of(heard.answer, self.prompt_) for heard in self._ask(X)]
        return np.array(rows).reshape(len(X), len(LABELS))

    def predict(self, X: Table) -> np.ndarray:
        """Return the most probable label of each example, shape (n,); ``None`` where it is unscored."""
        labels = np.full(len(X), None, dtype=object)
        for i, row in enumerate(self.predict_proba(X)):
            if not np.isnan(row).any():
                labels[i] = LABELS[row.argmax()]
        return labels

    def usage(self) -> dict[str, float]:
        """Return requests, answers, tokens and money since the fit.

        ``requests`` were sent and answered, ``cached`` were known before. Tokens and ``cost`` are
        those of both, which is what the run costs from an empty cache; ``paid`` is the requests' part.
        """
        heard = self.heard_.values()
        asked = [one.answer for one in heard if not one.cached]
        answers = [one.answer for one in heard]
        usage: dict[str, float] = {
            "requests": len(asked),
            "cached": len(answers) - len(asked),
            "unscored": sum(label_of(answer, self.prompt_) is None for answer in answers),
            "input_tokens": sum(answer.input_tokens for answer in answers),
            "output_tokens": sum(answer.output_tokens for answer in answers),
        }
        if self.price_input is not None and self.price_output is not None:
            prices = self.price_input, self.price_output
            usage |= {"cost": price_of(answers, *prices), "paid": price_of(asked, *prices)}
        return usage

    def save(self, folder: Path) -> None:
        """Write the examples that the prompt shows."""
        save_shots(self.shots_, folder)

    def restore(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self._start(load_shots(folder))

    def _faults(self) -> list[str]:
        """Return what is wrong with the parameters, one by one or together."""
        problems = server_faults(self.base_url, self.api_key_env)
        problems += request_faults(read_prompt(self.prompt), self.constrain, self.logprobs)
        for name in ("max_tokens", "concurrency", "requests_per_minute", "timeout_s"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                problems.append(f"{name}: give more than 0 (found {value})")
        if self.max_retries < 0:
            problems.append(f"max_retries: give 0 or more (found {self.max_retries})")
        if (self.price_input is None) != (self.price_output is None):
            problems.append("price_input, price_output: give both or neither")
        return problems

    def _start(self, shots: Shots) -> None:
        for module in ("openai", "aiolimiter"):
            require_extra(module, "llm")
        self.prompt_, self.shots_ = read_prompt(self.prompt), shots
        self.heard_: dict[str, Heard] = {}
        self.answers_: list[dict[str, Any]] = []

    def _ask(self, X: Table) -> list[Heard]:
        """Return the answer to each of n examples; what this model has heard it does not ask again."""
        from stancebench.model.llm_client import Question, hear

        ids, sampling = _example_ids(X), self._sampling()
        requests = [
            request_for(render(self.prompt_, fields, shots_for(self.shots_, target)), self.prompt_, sampling)
            for fields, target in zip(fields_of(X), X["target"], strict=True)
        ]
        keys = [request_key(self.base_url, request) for request in requests]
        questions = {
            key: Question(example_id, request)
            for key, example_id, request in zip(keys, ids, requests, strict=True)
            if key not in self.heard_
        }
        if questions:
            self.heard_ |= hear(self._server(), self.model_id, questions)
        self.answers_ = [self._row(i, self.heard_[key]) for i, key in zip(ids, keys, strict=True)]
        return [self.heard_[key] for key in keys]

    def _sampling(self) -> Sampling:
        return Sampling(
            model_id=self.model_id,
            temperature=self.temperature,
            max_tokens=self.max_tokens,
            constrain=self.constrain,
            logprobs=self.logprobs,
            extra_body=self.extra_body or {},
            seed=self.random_state,
        )

    def _server(self) -> Any:
        from stancebench.model.llm_client import Server

        return Server(
            base_url=self.base_url,
            api_key=os.environ.get(self.api_key_env) or "no-key",  # servers of one's own want none
            concurrency=self.concurrency,
            requests_per_minute=self.requests_per_minute,
            timeout=self.timeout_s,
            max_retries=self.max_retries,
        )

    def _row(self, example_id: str, heard: Heard) -> dict[str, Any]:
        return {
            "example_id": example_id,
            "raw": heard.answer.text,
            "label": label_of(heard.answer, self.prompt_),
            "finish_reason": heard.answer.finish_reason,
            "cached": heard.cached,
        }


def _example_ids(X: Table) -> list[str]:
    """Return the examples' ids; their numbers where a table has none."""
    has_ids = "example_id" in getattr(X, "columns", {})
    return [str(i) for i in (X["example_id"] if has_ids else range(len(X)))]

"""What is sent to a chat-completions server, and the key that its answer is kept under."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from stancebench.model.prompt import Messages, Prompt
from stancebench.types import LABELS

Constrain = Literal["none", "json_schema", "choice"]
#: Likeliest first tokens asked for with ``logprobs``; the most that servers give.
TOP_LOGPROBS = 20


@dataclass(frozen=True)
class Sampling:
    """How answers are drawn; the parameters of `llm_api.LLMApiStance` of the same names."""

    model_id: str
    temperature: float | None
    max_tokens: int | None
    constrain: Constrain
    logprobs: bool
    extra_body: Mapping[str, Any]
    seed: int


def request_for(messages: Messages, prompt: Prompt, sampling: Sampling) -> dict[str, Any]:
    """Return the arguments of ``chat.completions.create`` for one question.

    A seed is sent only where tokens are sampled: at temperature 0 runs that ask the same share the
    answers.
    """
    request: dict[str, Any] = {"model": sampling.model_id, "messages": messages}
    body = dict(sampling.extra_body)
    if sampling.temperature is not None:
        request["temperature"] = sampling.temperature
    if sampling.temperature != 0:
        request["seed"] = sampling.seed
    if sampling.max_tokens is not None:
        request["max_tokens"] = sampling.max_tokens
    if sampling.logprobs:
        request |= {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
    if sampling.constrain == "json_schema":
        request["response_format"] = _label_schema(prompt)
    if sampling.constrain == "choice":
        body["structured_outputs"] = {"choice": prompt.words}
    return {**request, "extra_body": body} if body else request


def request_key(base_url: str, request: Mapping[str, Any]) -> str:
    """Return the SHA-256 that an answer is kept under, in hexadecimal.

    It covers everything that can change the answer: the server, since one name serves different
    weights in different places; the model; the messages; the sampling parameters. The account's key,
    time-outs, retries and prices are not in it.

    Examples
    --------
    >>> request = {"model": "m", "messages": []}
    >>> request_key("http://a/v1", request) == request_key("http://a/v1/", request)
    True
    >>> request_key("http://a/v1", request) == request_key("http://a/v1", {**request, "temperature": 1})
    False
    """
    content = json.dumps([base_url.rstrip("/"), request], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def request_faults(prompt: Prompt, constrain: Constrain, logprobs: bool) -> list[str]:
    """Return what of the form of the answer does not go together."""
    problems = []
    if constrain == "json_schema" and prompt.answer != "json":
        problems.append(f"constrain: json_schema needs a prompt with answer: json, not {prompt.answer}")
    if constrain == "choice" and prompt.answer != "label":
        problems.append(f"constrain: choice needs a prompt with answer: label, not {prompt.answer}")
    if logprobs and prompt.answer != "label":
        problems.append(f"logprobs: needs a prompt with answer: label, not {prompt.answer}")
    return problems


def server_faults(base_url: str, api_key_env: str) -> list[str]:
    """Return what is wrong with an address or a variable's name; neither may hold a secret.

    Examples
    --------
    >>> server_faults("localhost:8000", "OPENAI_API_KEY")
    ['base_url: give an address such as http://localhost:8000/v1']
    >>> server_faults("http://localhost:8000/v1", "OPENAI_API_KEY")
    []
    """
    problems = []
    address = urlsplit(base_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        problems.append("base_url: give an address such as http://localhost:8000/v1")
    elif address.username or address.password or address.query:
        problems.append("base_url: no password and no ?query here, since it is written to records")
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", api_key_env):
        problems.append("api_key_env: give the NAME of an environment variable, never the key itself")
    return problems


def _label_schema(prompt: Prompt) -> dict[str, Any]:
    label = {"type": "string", "enum": [prompt.labels[label] for label in LABELS]}
    schema = {
        "type": "object",
        "properties": {"label": label},
        "required": ["label"],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "stance", "strict": True, "schema": schema}}

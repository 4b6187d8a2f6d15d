"""Language models behind a server that fails: by time-out, status, half an answer, refusal, death."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from typing import Any

import numpy as np
import pytest

from stancebench.errors import UserError
from tests.conftest import toy_examples
from tests.model.llm_server import LLMServer, Reply, after, api, fail, labels_of, read_stance, say

SECRET = "sk-7f3a-do-not-tell"


CUT = Reply(b'{"choices": [', length=100)
HALF = Reply(b'{"choices": [{"mess')
NO_CHOICE = Reply(b'{"error": {"message": "upstream died"}}')


@pytest.mark.parametrize(
    "fault",
    [fail(429), Reply(b"{}", 429, {"Retry-After": "0.01"}), fail(500), fail(503), CUT, HALF, NO_CHOICE],
    ids=["429", "retry-after", "500", "503", "cut", "half", "no choice"],
)
def test_a_fault_that_passes_is_tried_again(llm_server: LLMServer, fault: Reply) -> None:
    llm_server.script = after(fault)
    model = api(llm_server, max_retries=1)
    assert labels_of(model, toy_examples(2)) == ["against", "none"]
    assert len(llm_server.requests) == 3
    assert model.usage()["requests"] == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (fail(500, "out of memory"), "out of memory"),
        (fail(429, "slow down"), "slow down"),
        (CUT, "Connection error"),
        (HALF, "the reply is no chat completion"),
        (NO_CHOICE, "upstream died"),
    ],
    ids=["500", "429", "cut", "half", "no choice"],
)
def test_a_fault_that_stays_fails_and_the_same_command_goes_on(
    llm_server: LLMServer, fault: Reply, said: str
) -> None:
    examples = toy_examples(6)
    llm_server.script = lambda request: fault if "day 4" in str(request) else read_stance(request)
    with pytest.raises(UserError) as failure:
        api(llm_server).predict_proba(examples)
    message = str(failure.value)
    assert "no answer for e4" in message
    assert said in message
    assert "4 of the 6 answers asked for are cached: the same command goes on from there" in message
    assert len(llm_server.requests) == 5
    llm_server.script = read_stance
    assert labels_of(api(llm_server), examples) == list(examples["label"])
    assert len(llm_server.requests) == 7


def test_silence_that_ends_and_silence_that_does_not(llm_server: LLMServer) -> None:
    """A time-out is tried again; on a busy machine more than once."""
    llm_server.script = after(None)
    model = api(llm_server, timeout_s=0.3, max_retries=5)
    assert labels_of(model, toy_examples(1)) == ["against"]
    assert len(llm_server.requests) >= 2
    llm_server.script = lambda request: None
    with pytest.raises(UserError, match="no answer for e1") as failure:
        api(llm_server, timeout_s=0.1).predict(toy_examples(2))
    assert "timed out" in str(failure.value)


def test_answers_under_way_are_kept_when_another_fails(llm_server: LLMServer) -> None:
    """One of three requests under way fails; whatever else was answered is not thrown away."""
    together = threading.Barrier(3)

    def script(request: dict[str, Any]) -> Reply:
        if len(llm_server.requests) <= 3:
            together.wait(30)
        return fail(500) if "day 0" in str(request) else read_stance(request)

    llm_server.script = script
    examples = toy_examples(60)
    with pytest.raises(UserError) as failure:
        api(llm_server, concurrency=3).predict(examples)
    asked = len(llm_server.requests)
    assert 3 <= asked <= 60
    assert f"{asked - 1} of the 60 answers" in failure.value.hint
    llm_server.script = read_stance
    labels_of(api(llm_server), examples)
    assert len(llm_server.requests) == 61  # each once, and the one that failed twice


@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        (
            401,
            f"Incorrect API key provided: {SECRET}",
            "the environment variable that model.api_key_env names",
        ),
        (404, "The model `m` does not exist", "model.model_id"),
        (400, "unknown parameter: top_k", "the same command goes on from there"),
    ],
)
def test_a_refusal_to_serve_fails_at_once(
    llm_server: LLMServer, monkeypatch: pytest.MonkeyPatch, status: int, message: str, hint: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    llm_server.script = lambda request: fail(status, message)
    with pytest.raises(UserError) as failure:
        api(llm_server, max_retries=5).predict(toy_examples(3))
    said = str(failure.value)
    assert message.replace(SECRET, "[key]") in said
    assert hint in said
    assert SECRET not in said
    assert len(llm_server.requests) == 1


def test_a_server_that_is_not_there_fails_within_ten_seconds(llm_server: LLMServer) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    began = time.monotonic()
    with pytest.raises(UserError) as failure:
        api(llm_server, base_url=address, max_retries=5).predict(toy_examples(1))
    assert time.monotonic() - began < 10
    said = str(failure.value)
    for part in (f"no server answers at {address}", "vllm serve", "ollama serve", "model.base_url="):
        assert part in said


@pytest.mark.parametrize(
    ("reply", "reason", "raw"),
    [
        (say(None, refusal="I will not."), "refusal", "I will not."),
        (say("fav", finish_reason="length"), "length", "fav"),
        (say("", finish_reason="content_filter"), "content_filter", ""),
        (fail(400, "filtered by policy", code="content_filter"), "content_filter", "filtered by policy"),
        (say("Both sides have a point."), "stop", "Both sides have a point."),
    ],
    ids=["refusal", "cut", "filtered", "filtered with a status", "unreadable"],
)
def test_an_unusable_answer_is_unscored_and_kept(
    llm_server: LLMServer, reply: Reply, reason: str, raw: str
) -> None:
    llm_server.script = after(reply)
    model = api(llm_server)
    assert labels_of(model, toy_examples(2)) == [None, "none"]
    probabilities = model.predict_proba(toy_examples(2))
    assert np.isnan(probabilities[0]).all()
    assert list(probabilities[1]) == [0, 1, 0]
    assert model.usage()["unscored"] == 1
    row = model.answers_[0]
    assert (row["label"], row["finish_reason"]) == (None, reason)
    assert raw in row["raw"]
    assert labels_of(api(llm_server), toy_examples(2)) == [None, "none"]
    assert len(llm_server.requests) == 2


def test_a_killed_run_goes_on_where_it_was(llm_server: LLMServer) -> None:
    """The process is killed while the fourth of six answers is awaited."""
    program = f"""
        from tests.conftest import toy_examples
        from tests.model.llm_server import PROMPT
        from stancebench.model.llm_api import LLMApiStance
        examples = toy_examples(6)
        model = LLMApiStance(model_id="m", prompt=PROMPT, base_url={llm_server.url!r}, concurrency=1)
        model.fit(examples, list(examples["label"])).predict(examples)
    """
    fourth = threading.Event()

    def script(request: dict[str, Any]) -> Reply | None:
        if len(llm_server.requests) < 4:
            return read_stance(request)
        fourth.set()
        return None

    llm_server.script = script
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)]) as process:
        try:
            assert fourth.wait(300)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGKILL
    llm_server.script = read_stance
    llm_server.requests.clear()
    model = api(llm_server)
    assert labels_of(model, toy_examples(6)) == list(toy_examples(6)["label"])
    assert len(llm_server.requests) == 3
    assert [row["cached"] for row in model.answers_] == [True] * 3 + [False] * 3

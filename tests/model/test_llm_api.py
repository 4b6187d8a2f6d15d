"""Language models behind a server: what is asked, answered, kept and paid."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stancebench.errors import UserError
from stancebench.model.answers import Answer
from stancebench.model.llm_api import LLMApiStance
from stancebench.model.llm_cache import AnswerCache
from stancebench.types import LABELS
from tests.conftest import toy_examples
from tests.model.llm_server import PROMPT, LLMServer, Reply, after, api, fail, labels_of, read_stance, say

SECRET = "sk-7f3a-do-not-tell"


def test_each_sentence_is_asked_about_once(llm_server: LLMServer) -> None:
    examples, model = toy_examples(6), api(llm_server)
    assert llm_server.requests == []  # nothing is learned, nothing asked
    assert labels_of(model, examples) == list(examples["label"])
    np.testing.assert_array_equal(
        model.predict_proba(examples), np.eye(3)[[LABELS.index(label) for label in examples["label"]]]
    )
    assert len(llm_server.requests) == 6
    assert llm_server.requests[0] == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Answer with one word."},
            {"role": "user", "content": "Target: target 0\nSentence: we reject it on day 0"},
        ],
        "temperature": 0.0,
        "max_tokens": 512,
    }
    assert model.answers_[0] == {
        "example_id": "e0",
        "raw": "against",
        "label": "against",
        "finish_reason": "stop",
        "cached": False,
    }


def test_another_model_finds_the_answers_in_the_cache(llm_server: LLMServer) -> None:
    examples = toy_examples(6)
    first = api(llm_server, price_input=3.0, price_output=15.0)
    expected = first.predict_proba(examples)
    again = api(llm_server, price_input=3.0, price_output=15.0)
    np.testing.assert_array_equal(again.predict_proba(examples), expected)
    assert len(llm_server.requests) == 6
    assert all(row["cached"] for row in again.answers_)
    tokens = {"input_tokens": 60, "output_tokens": 12, "unscored": 0}
    cost = (60 * 3 + 12 * 15) / 1e6
    assert first.usage() == {**tokens, "requests": 6, "cached": 0, "cost": cost, "paid": cost}
    assert again.usage() == {**tokens, "requests": 0, "cached": 6, "cost": cost, "paid": 0}
    again.fit(examples, list(examples["label"]))
    assert again.usage()["cached"] == 0  # a second fit forgets the first


def test_the_same_question_is_asked_once(llm_server: LLMServer) -> None:
    model = api(llm_server, concurrency=4)
    assert labels_of(model, toy_examples(6).take([0, 1, 0, 1, 0])) == [
        "against",
        "none",
        "against",
        "none",
        "against",
    ]
    assert len(llm_server.requests) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"model_id": "other"},
        {"prompt": {**PROMPT, "system": "Other."}},
        {"temperature": 0.5},
        {"max_tokens": 9},
        {"extra_body": {"top_k": 1}},
        {"constrain": "choice"},
    ],
)
def test_what_can_change_an_answer_asks_again(llm_server: LLMServer, change: dict[str, Any]) -> None:
    labels_of(api(llm_server), toy_examples(1))
    labels_of(api(llm_server, **change), toy_examples(1))
    assert len(llm_server.requests) == 2


def test_how_a_run_asks_changes_neither_answers_nor_identity(llm_server: LLMServer) -> None:
    pace = {"concurrency": 3, "requests_per_minute": 9000.0, "timeout_s": 9.0, "max_retries": 4}
    prices = {"price_input": 1.0, "price_output": 2.0}
    plain, changed = api(llm_server), api(llm_server, **pace, **prices, random_state=7)
    labels_of(plain, toy_examples(1))
    labels_of(changed, toy_examples(1))
    assert len(llm_server.requests) == 1
    drop_seed = [{k: v for k, v in m.identity().items() if k != "random_state"} for m in (plain, changed)]
    assert drop_seed[0] == drop_seed[1]


def test_a_seed_is_sent_where_tokens_are_sampled(llm_server: LLMServer) -> None:
    for temperature in (0.7, None):
        labels_of(api(llm_server, temperature=temperature, max_tokens=None, random_state=0), toy_examples(1))
    sampled, default = llm_server.requests
    assert (sampled["seed"], sampled["temperature"]) == (0, 0.7)
    assert default["seed"] == 0
    assert not {"temperature", "max_tokens"} & set(default)


def test_constraints_go_to_the_server(llm_server: LLMServer) -> None:
    llm_server.script = after(say('{"label": "favor"}'), say("none"))
    asked_json = {**PROMPT, "answer": "json", "labels": {**PROMPT["labels"], "none": "neutral"}}
    assert labels_of(api(llm_server, prompt=asked_json, constrain="json_schema"), toy_examples(1)) == [
        "favor"
    ]
    labels_of(api(llm_server, constrain="choice", extra_body={"top_k": 1}), toy_examples(1))
    by_schema, by_choice = llm_server.requests
    schema = by_schema["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["label"]["enum"] == ["against", "neutral", "favor"]
    assert by_choice["structured_outputs"] == {"choice": ["against", "none", "favor"]}
    assert by_choice["top_k"] == 1


def test_probabilities_from_the_first_token(llm_server: LLMServer) -> None:
    heard = {"fav": np.log(0.5), " Favor": np.log(0.1), "none": np.log(0.2), "I": np.log(0.2)}
    llm_server.script = after(say("favor", tokens={token: float(p) for token, p in heard.items()}))
    model = api(llm_server, logprobs=True)
    np.testing.assert_allclose(model.predict_proba(toy_examples(1)), [[0, 0.25, 0.75]])
    assert llm_server.requests[0]["top_logprobs"] == 20
    with pytest.raises(UserError, match="sends no log-probabilities"):
        model.predict(toy_examples(2))


def test_as_many_requests_at_once_as_allowed_and_no_more(llm_server: LLMServer) -> None:
    """No request is answered before three are under way: fewer would never be answered at all."""
    together = threading.Barrier(3)

    def script(request: dict[str, Any]) -> Reply:
        together.wait(30)
        return read_stance(request)

    llm_server.script = script
    assert labels_of(api(llm_server, concurrency=3), toy_examples(12)) == list(toy_examples(12)["label"])
    assert llm_server.most_under_way == 3


def test_requests_per_minute(llm_server: LLMServer) -> None:
    began = time.monotonic()
    api(llm_server, concurrency=6, requests_per_minute=3000.0).predict(toy_examples(6))
    assert time.monotonic() - began >= 5 * 60 / 3000


def test_two_runs_at_once_pay_once(llm_server: LLMServer) -> None:
    examples = toy_examples(12)
    with ThreadPoolExecutor(2) as runs:
        both = list(runs.map(lambda model: labels_of(model, examples), [api(llm_server) for _ in range(2)]))
    assert both == [list(examples["label"])] * 2
    assert len(llm_server.requests) == 12


def test_processes_write_one_cache(tmp_path: Path) -> None:
    program = """
        import sys
        from pathlib import Path
        from stancebench.model.llm_cache import Answer, AnswerCache
        cache = AnswerCache(Path(sys.argv[1]))
        for i in range(50):
            cache.put(f"{sys.argv[2]}-{i}", "m", Answer(f"{i}", "stop"))
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)]
    processes = [subprocess.Popen([*command, str(n)]) for n in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    cache = AnswerCache(tmp_path)
    keys = [f"{n}-{i}" for n in range(3) for i in range(50)]
    assert cache.get(keys) == {key: Answer(key.partition("-")[2], "stop") for key in keys}
    cache.close()


def test_it_works_where_an_event_loop_runs_already(llm_server: LLMServer) -> None:
    async def notebook() -> list[str | None]:
        return labels_of(api(llm_server), toy_examples(3))

    assert asyncio.run(notebook()) == ["against", "none", "favor"]


def test_examples_are_shown_and_survive_the_disk(llm_server: LLMServer, tmp_path: Path) -> None:
    model = api(llm_server, prompt={**PROMPT, "shots": 2}, random_state=3)
    expected = model.predict_proba(toy_examples(6))
    assert [len(request["messages"]) for request in llm_server.requests] == [2 + 2 * 6] * 6
    model.save(tmp_path)
    restored = LLMApiStance(**model.get_params())
    restored.restore(tmp_path)
    np.testing.assert_array_equal(restored.predict_proba(toy_examples(6)), expected)
    assert len(llm_server.requests) == 6
    other_seed = api(llm_server, prompt={**PROMPT, "shots": 2}, random_state=4)
    other_seed.predict(toy_examples(6))
    assert len(llm_server.requests) == 12


def test_settings_that_do_not_go_together() -> None:
    with pytest.raises(UserError) as failure:
        LLMApiStance(
            model_id="m",
            prompt={**PROMPT, "answer": "last_line"},
            base_url=f"http://user:{SECRET}@host/v1",
            api_key_env=SECRET,
            constrain="choice",
            logprobs=True,
            concurrency=0,
            max_retries=-1,
            price_input=1.0,
        )
    said = str(failure.value)
    for part in (
        "base_url: no password",
        "api_key_env: give the NAME",
        "constrain: choice",
        "logprobs: ",
        "concurrency: give more than 0",
        "max_retries: give 0 or more",
        "price_input, price_output: give both",
    ):
        assert part in said
    assert SECRET not in said


def test_the_key_goes_to_the_server_and_nowhere_else(
    llm_server: LLMServer,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A whole run, then a failed one: no file of theirs, no message and no log holds the key."""
    from stancebench.run import execute

    monkeypatch.setenv("MY_KEY", SECRET)
    caplog.set_level(logging.DEBUG)
    composed: dict[str, Any] = {
        "dataset": {"name": "backstop"},
        "protocol": {
            "name": "in_target",
            "split_seed": 0,
            "shares": {"train": 0.5, "validation": 0.2, "test": 0.3},
        },
        "model": {
            "label": "llm",
            "name": "llm_api",
            "model_id": "m",
            "base_url": llm_server.url,
            "api_key_env": "MY_KEY",
        },
        "prompt": PROMPT,
        "seed": 0,
        "on_existing": "retry_failed",
        "runs": str(project / "runs"),
    }
    folder = execute(composed)
    assert set(llm_server.keys) == {f"Bearer {SECRET}"}
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["usage"]["requests"] == len(llm_server.requests) > 0
    answers = (folder / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(answers[0])["raw"] in LABELS
    llm_server.script = lambda request: fail(401, f"Incorrect API key provided: {SECRET}")
    with pytest.raises(UserError):
        execute({**composed, "prompt": {**PROMPT, "name": "other", "system": "Other."}})
    places = [path for root in (project, Path(os.environ["STANCEBENCH_CACHE"])) for path in root.rglob("*")]
    assert any(path.name == "failure.json" for path in places)
    assert any(path.name == "answers.sqlite" for path in places)
    assert not [path for path in places if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert SECRET not in caplog.text
    assert SECRET not in "".join(capfd.readouterr())

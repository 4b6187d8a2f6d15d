"""Ask a chat-completions server many questions at once; keep each answer as it comes."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

import openai
from aiolimiter import AsyncLimiter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from stancebench.errors import UserError
from stancebench.model.answers import Answer, Heard
from stancebench.model.llm_cache import AnswerCache
from stancebench.paths import cache_folder

#: Seconds for a connection to be made, and for the first sign of life.
CONNECT_TIMEOUT = 5.0
_HINTS = {
    401: "the key is read from the environment variable that model.api_key_env names",
    403: "the key is read from the environment variable that model.api_key_env names",
    404: "model.model_id is spelt as the server's list of models (base_url/models) has it?",
    429: "the limit or the credit is used up: set model.requests_per_minute, or wait",
}


@dataclass(frozen=True)
class Server:
    """Where to ask, and how hard.

    `timeout` in seconds, for one answer; `requests_per_minute` is ``None`` where there is no limit.
    """

    base_url: str
    api_key: str
    concurrency: int
    requests_per_minute: float | None
    timeout: float
    max_retries: int


class Question(NamedTuple):
    """A request's parameters, and the example that it is about."""

    example_id: str
    request: dict[str, Any]


class NoAnswerError(Exception):
    """The server's reply holds no answer; another try may."""


def hear(server: Server, model_id: str, questions: Mapping[str, Question]) -> dict[str, Heard]:
    """Return the answer to each question: from the cache, and the rest from the server.

    Parameters
    ----------
    server : Server
    model_id : str
        The model that all questions are for.
    questions : mapping of str to Question
        By `llm_request.request_key`.

    Raises
    ------
    UserError
        Where the server cannot be reached, refuses, or fails for good. Answers under way are waited
        for and kept all the same, since they are paid for.
    """
    with closing(AnswerCache(cache_folder("llm"))) as cache:
        found = cache.get(questions)
        if len(found) < len(questions):
            with cache.turn(server.base_url, model_id):
                # Another process may have asked while this one waited for its turn.
                found = cache.get(questions)
                asking = _Asking(server, {k: q for k, q in questions.items() if k not in found}, cache)
                if asking.questions:
                    print(
                        f"{model_id}: {len(found)} answers known, asking for {len(asking.questions)}",
                        file=sys.stderr,
                    )
                    _run(asking.run())
                return _heard(found, True) | _heard(asking.answers, False)
    return _heard(found, True)


def _heard(answers: Mapping[str, Answer], cached: bool) -> dict[str, Heard]:
    return {key: Heard(answer, cached) for key, answer in answers.items()}


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end, in a thread of its own where an event loop runs already (notebooks)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
    else:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, work).result()


class _Asking:
    """One round of questions: as many workers as may ask at once share one line of questions."""

    def __init__(self, server: Server, questions: Mapping[str, Question], cache: AnswerCache) -> None:
        self.server, self.questions, self.cache = server, questions, cache
        self.line: Iterator[tuple[str, Question]] = iter(questions.items())
        self.answers: dict[str, Answer] = {}
        #: What stopped it, and at which question.
        self.stopped: tuple[Exception, Question] | None = None

    async def run(self) -> None:
        for name in ("openai", "httpx", "httpx2"):  # a line for every request, where Hydra logs
            logging.getLogger(name).setLevel(logging.WARNING)
        timeout = openai.Timeout(self.server.timeout, connect=CONNECT_TIMEOUT)
        async with openai.AsyncOpenAI(
            base_url=self.server.base_url,
            api_key=self.server.api_key,
            timeout=timeout,
            max_retries=self.server.max_retries,
        ) as self.client:
            await self._reach()
            per_minute = self.server.requests_per_minute
            # One at a time at even distances: a bucket of a minute's worth would let two pass at first.
            self.limiter = AsyncLimiter(1, 60 / per_minute) if per_minute else None
            with _progress() as self.bar:
                self.task = self.bar.add_task("asking", total=len(self.questions))
                await asyncio.gather(*(self._work() for _ in range(self.server.concurrency)))
        if self.stopped:
            raise self._in_words(*self.stopped)

    async def _reach(self) -> None:
        """See at once whether anything is there; whatever it replies will do."""
        hasty = self.client.with_options(max_retries=0, timeout=CONNECT_TIMEOUT)
        try:
            await hasty.models.with_raw_response.list()
        except openai.APIConnectionError as fault:
            if type(fault.__cause__).__name__ == "ReadTimeout":
                return  # it is there, and busy
            raise UserError(
                f"no server answers at {self.server.base_url} ({type(fault.__cause__).__name__})",
                [
                    "vLLM: vllm serve MODEL, then model.base_url=http://localhost:8000/v1",
                    "Ollama: ollama serve, then model.base_url=http://localhost:11434/v1",
                    "llama.cpp: llama-server -m FILE, then model.base_url=http://localhost:8080/v1",
                    "a hosted service: model.base_url as its documentation has it",
                ],
                hint="start a server or name another; docs/llm.md",
            ) from None
        except openai.APIStatusError:
            pass

    async def _work(self) -> None:
        for key, question in self.line:
            if self.limiter:
                await self.limiter.acquire()
            if self.stopped:
                return
            try:
                answer = await self._ask(question.request)
            except (openai.APIError, NoAnswerError, UserError) as fault:
                self.stopped = self.stopped or (fault, question)
                return
            self.cache.put(key, question.request["model"], answer)
            self.answers[key] = answer
            self.bar.advance(self.task)

    async def _ask(self, request: dict[str, Any]) -> Answer:
        """Return the answer. The client retries what HTTP says; a reply that holds none, we do."""
        for tries_left in reversed(range(self.server.max_retries + 1)):
            try:
                return _answer(await self.client.chat.completions.create(**request), request)
            except openai.BadRequestError as fault:
                if fault.code == "content_filter":  # Azure refuses with a status instead of an answer
                    return Answer(str(fault.message), "content_filter")
                raise
            except (ValueError, NoAnswerError) as fault:  # ValueError: the body is no JSON
                if not tries_left:
                    raise NoAnswerError(f"the reply is no chat completion: {fault}") from None
                await asyncio.sleep(0.5)
        raise AssertionError("the last try returns or raises")

    def _in_words(self, fault: Exception, question: Question) -> UserError:
        if isinstance(fault, UserError):
            return fault
        status = fault.status_code if isinstance(fault, openai.APIStatusError) else None
        said = str(getattr(fault, "message", fault)).replace(self.server.api_key, "[key]")[:500]
        kept = (
            f"{len(self.answers)} of the {len(self.questions)} answers asked for are cached:"
            " the same command goes on from there"
        )
        hint = f"{_HINTS[status]}. {kept}" if status in _HINTS else kept
        return UserError(
            f"{self.server.base_url}: no answer for {question.example_id}",
            [f"model {question.request['model']}: {said}"],
            hint=hint,
        )


def _answer(completion: Any, request: Mapping[str, Any]) -> Answer:
    """Return what a completion says.

    Raises
    ------
    NoAnswerError
        Where there is no choice in it: some gateways report an error with status 200.
    UserError
        Where log-probabilities were asked for and did not come.
    """
    choices = getattr(completion, "choices", None)
    if not choices:
        raise NoAnswerError(str(getattr(completion, "error", completion))[:200])
    choice, usage = choices[0], completion.usage
    text = choice.message.content or ""
    first = choice.logprobs.content[0] if choice.logprobs and choice.logprobs.content else None
    if request.get("logprobs") and text and first is None:
        raise UserError("the server sends no log-probabilities", hint="model.logprobs=false")
    return Answer(
        text=choice.message.refusal or text,
        finish_reason="refusal" if choice.message.refusal else str(choice.finish_reason),
        input_tokens=usage.prompt_tokens if usage else 0,
        output_tokens=usage.completion_tokens if usage else 0,
        first_token={top.token: top.logprob for top in first.top_logprobs} if first else None,
    )


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)

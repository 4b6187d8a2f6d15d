"""A chat-completions server on loopback that answers, and fails, as a script says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stancebench.model.llm_api import LLMApiStance
from stancebench.types import Examples
from tests.conftest import toy_examples

#: As ``conf/prompt/zero_shot.yaml``, in short.
PROMPT: dict[str, Any] = {
    "name": "test",
    "system": "Answer with one word.",
    "user": "Target: {target_name}\nSentence: {text}",
    "shots": 0,
    "answer": "label",
    "labels": {"favor": "favor", "against": "against", "none": "none"},
}


@dataclass
class Reply:
    """What goes over the wire; a `length` beyond the body's is a connection cut in the middle."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None


#: A reply to the body of a request; `None` is silence until the server is closed.
Script = Callable[[dict[str, Any]], Reply | None]


def say(
    text: str | None,
    finish_reason: str = "stop",
    refusal: str | None = None,
    tokens: dict[str, float] | None = None,
) -> Reply:
    """A completion of 10 tokens in and 2 out; `tokens` are log-probabilities of its first one."""
    tops = [{"token": token, "logprob": value, "bytes": None} for token, value in (tokens or {}).items()]
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, "refusal": refusal},
        "finish_reason": finish_reason,
        "logprobs": {"content": [{**tops[0], "top_logprobs": tops}]} if tokens else None,
    }
    usage = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
    content = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    return Reply(json.dumps({**content, "usage": usage}).encode())


def fail(status: int, message: str = "broken", code: str | None = None) -> Reply:
    """An error in OpenAI's form that may be retried at once."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": code}}).encode()
    return Reply(body, status, {"Retry-After-Ms": "1"})


def read_stance(request: dict[str, Any]) -> Reply:
    """Answer as a model would that has learned the words of `tests.conftest.toy_examples`."""
    asked = request["messages"][-1]["content"]
    return say("favor" if "welcome" in asked else "against" if "reject" in asked else "none")


def after(*first: Reply | None) -> Script:
    """Give the `first` replies, one a request, then answer well."""
    line = iter(first)
    return lambda request: next(line, read_stance(request))


class LLMServer:
    """The server's address, its script, and the requests that it has got."""

    def __init__(self) -> None:
        self.script: Script = read_stance
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.under_way = self.most_under_way = 0
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads, self._http.block_on_close = True, False
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def close(self) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def reply(self, request: dict[str, Any], key: str | None) -> Reply | None:
        with self._lock:
            self.requests.append(request)
            self.keys.append(key)
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            reply = self.script(request)
            if reply is None:
                self._closing.wait()
            return reply
        finally:
            with self._lock:
                self.under_way -= 1

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805  `self` is the handler's below
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments: object) -> None:
                """Print nothing."""

            def do_GET(self) -> None:
                self._send(Reply(b'{"object": "list", "data": []}'))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                reply = server.reply(body, self.headers["Authorization"])
                if reply:
                    self._send(reply)

            def _send(self, reply: Reply) -> None:
                self.send_response(reply.status)
                length = len(reply.body) if reply.length is None else reply.length
                headers = {"Content-Type": "application/json", "Content-Length": str(length)}
                for name, value in {**headers, **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)
                self.close_connection = length != len(reply.body)

        return Handler


@contextmanager
def running() -> Iterator[LLMServer]:
    """A server that is closed at the end."""
    server = LLMServer()
    try:
        yield server
    finally:
        server.close()


def api(server: LLMServer, **changes: Any) -> LLMApiStance:
    """A fitted model that asks one question at a time and does not try again."""
    settings: dict[str, Any] = {"model_id": "m", "prompt": PROMPT, "base_url": server.url, "concurrency": 1}
    model = LLMApiStance(**{**settings, "max_retries": 0, **changes})
    examples = toy_examples(30)
    return model.fit(examples, list(examples["label"]))


def labels_of(model: LLMApiStance, examples: Examples) -> list[str | None]:
    """The labels of `examples` as a list."""
    return list(model.predict(examples))

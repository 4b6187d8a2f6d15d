"""A Hugging Face Hub on loopback, over `tests.publish.hub_store`, with faults on demand."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

from tests.publish.hub_store import Reply, Request, Store, refused

How = Literal["status 500", "cut", "silence"]


@dataclass
class Fault:
    """What goes wrong with a request whose line (``POST /api/…``) holds `request`."""

    request: str
    how: How
    #: Whether the server does what it is asked before it fails to say so.
    obeys: bool = False


class Hub:
    """The server: what it stores, its faults, and the lines of the requests that it has got."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.faults: list[Fault] = []
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads, self._http.block_on_close = True, False
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self.store = Store(self.url)

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each reply waits some 40 ms for the head's receipt

        def log_message(self, *arguments: object) -> None:
            """Print nothing."""

        def do_GET(self) -> None:
            line, _, query = f"{self.command} {self.path}".partition("?")
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            token = (self.headers["Authorization"] or "").removeprefix("Bearer ")
            with hub.lock:
                hub.requests.append(line)
                fault = next((fault for fault in hub.faults if fault.request in line), None)
                if not fault or fault.obeys:
                    reply = hub.store.answer(Request(line, query, token, body))
            if not fault:
                self._send(reply)
            elif fault.how == "status 500":
                self._send(refused(500, message="broken"))
            else:
                if fault.how == "silence":
                    hub.closing.wait()
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

        do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815  http.server's names

        def _send(self, reply: Reply) -> None:
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            headers, status = dict(reply.headers), reply.status
            if status == 200 and (part := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")):
                first, last = int(part[1]), min(int(part[2] or len(body)), len(body) - 1)
                headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
                status, body = 206, body[first : last + 1]
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler


@contextmanager
def running() -> Iterator[Hub]:
    """A Hub that is closed at the end."""
    hub = Hub()
    try:
        yield hub
    finally:
        hub.close()


def environment(hub: Hub, home: Path) -> dict[str, str]:
    """What a process of its own needs to take `hub` for the Hub and keep its cache in `home`."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }

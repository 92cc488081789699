"""A program that is told: a real server on this machine, which the tests alone may call."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from liuke.platform.outbound import actions

HOST = "hooks.example.com"


@dataclass
class Receiver:
    port: int = 0
    answers: list[int] = field(default_factory=list)  # by turns; 200 when there are none left
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    act: Callable[[Any], None] | None = None  # instead of an answer

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/hooks?a=1"


@contextmanager
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """The host's name leads to this machine, and this machine counts as public."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.heard.append((dict(self.headers.items()), body))
            if receiver.act:
                receiver.act(self)
                return
            status = receiver.answers.pop(0) if receiver.answers else 200
            self.send_response(status)
            if status in {301, 302, 307}:
                self.send_header("Location", receiver.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    Thread(target=server.serve_forever, daemon=True).start()

    real = actions.socket.getaddrinfo

    def resolved(host: str, port: int, *given: Any, **more: Any) -> Any:
        if host != HOST:
            return real(host, port, *given, **more)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(actions.socket, "getaddrinfo", resolved)
    monkeypatch.setattr(actions, "is_public", lambda address: address == "127.0.0.1")
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()

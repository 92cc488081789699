"""The one way out: every call that Liuke makes to an address that somebody typed goes through `post`."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer

from liuke.platform.outbound.rules import (
    CONNECT_SECONDS,
    LARGEST_ANSWER,
    NOT_PUBLIC_HOST,
    UNKNOWN_HOST,
    WHOLE_SECONDS,
    Refused,
    Target,
    is_public,
    target,
)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes  # no more than LARGEST_ANSWER of it


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Sends `body`; raises Refused for what we don't call and OSError for what did not answer. Follows no redirect: the
    next address would be one that nobody has looked at."""
    where = target(url)
    return _sent(where, checked_address(where), body, headers)


def checked_address(where: Target) -> str:
    """An address of the host; every one that it has must be public, or its owner could send us anywhere by turns."""
    try:
        found = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused(UNKNOWN_HOST) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise Refused(NOT_PUBLIC_HOST)
    return addresses[0]


class _Connection(http.client.HTTPConnection):
    """To the address that was checked, not to what the name means a moment later."""

    def __init__(self, where: Target, address: str) -> None:
        super().__init__(where.host, where.port, timeout=CONNECT_SECONDS)
        self._where, self._address = where, address
        self.gave_up = False

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self._where.port), CONNECT_SECONDS)
        if self._where.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._where.host)

    def give_up(self) -> None:
        self.gave_up = True
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def _sent(where: Target, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    connection = _Connection(where, address)
    # A server that answers a byte a second keeps within every single wait; this one is for the whole call.
    over = Timer(WHOLE_SECONDS, connection.give_up)
    over.daemon = True
    over.start()
    try:
        connection.request("POST", where.path, body, {**headers, "Host": where.netloc, "Connection": "close"})
        response = connection.getresponse()
        answer = Answer(response.status, response.read(LARGEST_ANSWER))
        if connection.gave_up:  # half an answer would read like a whole one
            raise TimeoutError
        return answer
    except http.client.HTTPException as error:
        raise OSError(type(error).__name__) from error
    finally:
        over.cancel()
        connection.close()

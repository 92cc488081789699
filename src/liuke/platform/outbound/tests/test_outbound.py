from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from liuke.platform.outbound import actions
from liuke.platform.outbound.actions import checked_address, post
from liuke.platform.outbound.rules import LARGEST_ANSWER, Refused, is_public, target

from .receiver import HOST, Receiver, listening


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with listening(monkeypatch) as found:
        yield found


NOT_PUBLIC = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "0.1.2.3", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",  # noqa: S104 - to be refused
    "255.255.255.255", "192.88.99.1",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1",
    "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "2001:20::1",
    "", "localhost", "127.0.0.1.", "1.2.3", "0x7f.1",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_on_the_open_internet_is_not_called(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_what_is_on_the_open_internet_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.example.com/", "file:///etc/passwd", "gopher://shop.example.com", "https://", "https:///x", "shop.example.com",
        "https://localhost/", "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/",
        "https://0177.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://user@shop.example.com/",
        "https://user:secret@shop.example.com/", "https://shop.example.com:0/", "https://shop.example.com:99999/",
        "https://shop.example.com\\@127.0.0.1/", "https://shop.example.com#@127.0.0.1/", "https://shop.example.com/ x",
        "https://shop.example.com/\r\nHost: x", "https://１２７.0.0.1/", "https://shop．example.com/", "https://intranet/",
        "https://shop.example.com/" + "x" * 500, "https://-a.example.com/", "https://a..example.com/", "https://1.2.3.4.5/",
    ],
)  # fmt: skip
def test_odd_spellings_are_no_addresses(url: str) -> None:
    with pytest.raises(Refused):
        target(url)


def test_one_private_address_among_public_ones_is_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolved(*_: object, **__: object) -> list[Any]:
        return [(0, 0, 0, "", (address, 443)) for address in ("1.1.1.1", "10.0.0.1")]

    monkeypatch.setattr(actions.socket, "getaddrinfo", resolved)
    with pytest.raises(Refused):
        checked_address(target("https://shop.example.com/"))


def test_a_host_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(actions.socket, "getaddrinfo", unknown)
    with pytest.raises(Refused):
        post("https://shop.example.com/", b"{}", {})


def test_the_address_that_was_checked_is_the_one_that_is_called(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that means another machine a moment later (rebinding) is asked for only once."""
    real, asked = actions.socket.getaddrinfo, []

    def counted(*given: Any, **more: Any) -> Any:
        asked.append(given)
        return real(*given, **more)

    monkeypatch.setattr(actions.socket, "getaddrinfo", counted)
    assert post(receiver.url, b"{}", {"X-Test": "1"}).status == 200
    assert [given[0] for given in asked].count(HOST) == 1
    headers, body = receiver.heard[0]
    assert (headers["Host"], headers["X-Test"], body) == (f"{HOST}:{receiver.port}", "1", b"{}")


def test_no_redirect_is_followed(receiver: Receiver) -> None:
    receiver.answers = [302]
    assert post(receiver.url, b"{}", {}).status == 302
    assert len(receiver.heard) == 1


def test_a_large_answer_is_cut(receiver: Receiver) -> None:
    def flood(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"x" * (LARGEST_ANSWER * 4))

    receiver.act = flood
    assert len(post(receiver.url, b"{}", {}).body) == LARGEST_ANSWER


def test_an_answer_a_byte_at_a_time_has_an_end(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "WHOLE_SECONDS", 0.3)

    def drip(handler: Any) -> None:
        try:
            for sign in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 600:
                handler.wfile.write(bytes([sign]))
                handler.wfile.flush()
                time.sleep(0.02)
        except OSError:
            pass

    receiver.act = drip
    began = time.monotonic()
    with pytest.raises(OSError):  # noqa: PT011 - whichever way the connection ends
        post(receiver.url, b"{}", {})
    assert time.monotonic() - began < 5


def test_https_wants_a_certificate_of_that_name(receiver: Receiver) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - the receiver speaks no TLS at all
        post(receiver.url.replace("http:", "https:"), b"{}", {})
    assert receiver.heard == []

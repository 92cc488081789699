"""Which addresses we call: only those of the open internet, however they are spelt. No network here."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST_URL = 500
LARGEST_ANSWER = 64 * 1024
CONNECT_SECONDS = 5.0
WHOLE_SECONDS = 15.0
HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
# Addresses that carry another one: behind each of them may stand a machine of our own network.
NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
COMPATIBLE = ipaddress.IPv6Network(
    "::/96"
)  # ::127.0.0.1, given up in 2006 and still understood here and there
# Not for everybody, whatever the standard library of this release says of them.
NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
        "100::/64", "2001::/23", "2001:db8::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues; whoever shows it translates it."""
    return message


class Refused(Exception):
    """We don't call that. `message` is a msgid."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


NOT_AN_ADDRESS = gettext_noop("This is no web address that we call; one is https://shop.example.com/hooks.")
NOT_PUBLIC_HOST = gettext_noop("This host is not on the open internet.")
UNKNOWN_HOST = gettext_noop("There is no such host.")


@dataclass(frozen=True)
class Target:
    """Where a call goes: read once, and nothing of it is read anew."""

    scheme: str
    host: str
    port: int
    path: str  # with the query

    @property
    def netloc(self) -> str:
        usual = {"https": 443, "http": 80}[self.scheme]
        return self.host if self.port == usual else f"{self.host}:{self.port}"


def target(url: str) -> Target:
    """`url` taken apart; only a plain http(s) address with a host's name will do. A number is no name: that would be a
    machine somebody knows by its place in a network."""
    if len(url) > LONGEST_URL or not url.isascii() or re.search(r"[\s\\<>\"'`{}|^]", url):
        raise Refused(NOT_AN_ADDRESS)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused(NOT_AN_ADDRESS) from None
    host = (parts.hostname or "").removesuffix(".")
    plain = parts.scheme in {"http", "https"} and "@" not in parts.netloc and not parts.fragment
    if not plain or not HOST.fullmatch(host) or port == 0:
        raise Refused(NOT_AN_ADDRESS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or {"https": 443, "http": 80}[parts.scheme], path)


def is_public(address: str) -> bool:
    """Whether a call to `address` leaves for the open internet, also where it wraps another address."""
    try:
        found: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(one) for one in _unwrapped(found))


def _unwrapped(found: Address) -> list[Address]:
    if isinstance(found, ipaddress.IPv4Address):
        return [found]
    if found.ipv4_mapped is not None:
        return [found.ipv4_mapped]
    inside: list[Address] = [found]
    if found.sixtofour is not None:
        inside.append(found.sixtofour)
    if found.teredo is not None:
        inside += found.teredo
    if any(found in network for network in (*NAT64, COMPATIBLE)):
        return [ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)]
    return inside


def _is_public(one: Address) -> bool:
    return one.is_global and not one.is_multicast and not any(one in network for network in NOT_PUBLIC)

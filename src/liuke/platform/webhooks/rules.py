"""What a webhook sends, how it is signed, and when it tries again. No database.

Signed as https://www.standardwebhooks.com has it: an HMAC-SHA-256 over id, timestamp and body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liuke.platform.models import User

PREFIX = "whsec_"
# After the first failure half a minute, then longer; given up after about a day and a half.
PAUSES: tuple[timedelta, ...] = (
    *(timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30)),
    *(timedelta(hours=1), timedelta(hours=3), timedelta(hours=6), timedelta(hours=12), timedelta(hours=12)),
)
LEASE = timedelta(minutes=2)  # longer than a call may take; after it the next worker tries again
OLD_SECRET_HOURS = 24  # after a rotation both sign
KEPT_DAYS = 30
PORTION = 200


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues; whoever shows it translates it."""
    return message


STATES: Mapping[str, tuple[str, str]] = {  # what people call them, and how loudly it is said
    "queued": (gettext_noop("to be sent"), "info"),
    "sending": (gettext_noop("being sent"), "info"),
    "delivered": (gettext_noop("delivered"), "ok"),
    "dead": (gettext_noop("given up"), "danger"),
    "withheld": (gettext_noop("withheld"), "plain"),
}
WITHHELD = gettext_noop("Whoever set the webhook up may not see this customer, or not any more.")
HOST_NOT_ALLOWED = gettext_noop("This host is not among those that the company's settings allow.")

# What may be sent of a subject to `user`, asked when it is sent; None where he may not see it or it is gone.
Payload = Callable[[int, "User"], Mapping[str, Any] | None]
_payloads: dict[str, Payload] = {}


def payload_of(subject: str) -> Callable[[Payload], Payload]:
    """Marks the function that says what is sent of a subject, in the slice that owns it."""

    def mark(tell: Payload) -> Payload:
        _payloads[subject] = tell
        return tell

    return mark


def payload(subject: str, pk: int, user: User) -> Mapping[str, Any] | None:
    return _payloads[subject](pk, user)


def hosts_in(text: str) -> frozenset[str]:
    """The hosts of the company's setting, one a word."""
    return frozenset(word.lower().strip(".") for word in text.replace(",", " ").replace(";", " ").split())


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts; None: given up."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def signature(secrets: Sequence[bytes], *, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature by each secret, the newest first, as the header holds them."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    made = (base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode() for secret in secrets)
    return " ".join(f"v1,{one}" for one in made)


def shown_secret(secret: bytes) -> str:
    return PREFIX + base64.b64encode(secret).decode()

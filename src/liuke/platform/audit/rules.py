"""What an audit entry keeps, and how each one seals the entry before it."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

GENESIS = "0" * 64  # the hash before the first entry

Changes = dict[str, list[Any]]


class _Encoder(DjangoJSONEncoder):
    """As Django's, and anything else by its name: an entry must never fail for want of a format."""

    def default(self, value: object) -> object:
        try:
            return super().default(value)
        except TypeError:
            return str(value)


def plain(value: Any) -> Any:
    """`value` as the database will give it back: JSON types only, so that its hash stays the same."""
    return json.loads(json.dumps(value, cls=_Encoder))


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """field -> [old, new] of what differs; a field that only one side has counts as None on the other."""
    fields = [*before, *(field for field in after if field not in before)]
    return {f: [before.get(f), after.get(f)] for f in fields if before.get(f) != after.get(f)}


def plain_address(address: str | None) -> str | None:
    """The one spelling of an IP address; None for what is none (a socket, a test)."""
    try:
        return str(ipaddress.ip_address(address or ""))
    except ValueError:
        return None


def seal(previous: str, fields: Mapping[str, Any]) -> str:
    """SHA-256 over the hash of the entry before and this entry's own fields."""
    body = {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in fields.items()
    }
    text = json.dumps([previous, body], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

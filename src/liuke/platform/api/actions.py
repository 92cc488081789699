"""The answer to an Idempotency-Key: claimed, kept, forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from liuke.platform.api.models import KeptAnswer
from liuke.platform.api.rules import KEPT_HOURS

if TYPE_CHECKING:
    from liuke.platform.tokens.models import ApiToken

PORTION = 1000


def claim(token: ApiToken, key: str, digest: str, *, now: datetime) -> KeptAnswer:
    """The row of this key, in the caller's transaction: with a status, it has been answered; without, it is the caller's
    to answer. Whoever comes at the same time waits here until the first has committed or given up."""
    new = KeptAnswer(token=token, key=key, digest=digest, created_at=now)
    KeptAnswer.objects.bulk_create([new], ignore_conflicts=True)
    return KeptAnswer.objects.get(token=token, key=key)


def keep(held: KeptAnswer, *, status: int, headers: Mapping[str, str], body: str) -> None:
    held.status, held.headers, held.body = status, dict(headers), body
    held.save(update_fields=["status", "headers", "body"])


def forget(*, now: datetime) -> int:
    """Answers hold customers' data: none is kept longer than it is of use."""
    old = KeptAnswer.objects.filter(created_at__lt=now - timedelta(hours=KEPT_HOURS))
    count = 0
    while ids := list(old.order_by("created_at").values_list("pk", flat=True)[:PORTION]):
        count += KeptAnswer.objects.filter(pk__in=ids).delete()[0]
    return count

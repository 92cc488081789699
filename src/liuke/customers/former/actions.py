"""Where the ids and numbers of merged customers lead to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from liuke.customers.former.models import Former
from liuke.platform.bulk.rules import pieces

PIECE = 1_000  # values named in one query


def led_by_number(numbers: Iterable[str]) -> dict[str, int]:
    """Old number -> the id of the customer who goes under another now."""
    return {
        number: pk
        for piece in pieces(sorted(set(numbers)), PIECE)
        for number, pk in Former.objects.filter(number__in=piece).values_list("number", "customer_id")
    }


def numbers_now(numbers: Iterable[str]) -> dict[str, str]:
    """Old number -> the number under which the customer goes now."""
    return {
        number: now
        for piece in pieces(sorted(set(numbers)), PIECE)
        for number, now in Former.objects.filter(number__in=piece).values_list("number", "customer__number")
    }


def led_by_id(old_id: int) -> int | None:
    """Whom the id of a merged customer means now; None when nobody of that id was merged."""
    return Former.objects.filter(old_id=old_id).values_list("customer_id", flat=True).first()


def is_former(number: str) -> bool:
    """Nobody else is given it: it still means somebody, and it comes back when the merge is undone."""
    return Former.objects.filter(number=number).exists()


def names_before(ids: Sequence[int]) -> QuerySet[Former, tuple[Any, ...]]:
    """(customer, name, number) of the records that were merged into theirs."""
    return Former.objects.filter(customer__among=ids).order_by().values_list("customer_id", "name", "number")

"""When two customers become one: the proposals about them come along."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from liuke.customers.duplicates.models import DuplicatePair
from liuke.customers.moving.actions import Moving, moves


@moves("customers.DuplicatePair.first", "customers.DuplicatePair.second")
def bring_pairs(moving: Moving, model: type[models.Model], name: str) -> None:
    """The survivor is whom the other was held apart from, or likened to; the two themselves are decided."""
    mine = {
        _other(row, moving.survivor.pk): row
        for row in DuplicatePair.objects.filter(Q(first=moving.survivor) | Q(second=moving.survivor))
    }
    for row in DuplicatePair.objects.filter(Q(first=moving.gone) | Q(second=moving.gone)):
        other = _other(row, moving.gone.pk)
        same = mine.get(other)
        if other == moving.survivor.pk or same is not None:
            if (
                same is not None
                and other != moving.survivor.pk
                and row.state == "different"
                and same.state == "open"
            ):
                moving.alter(
                    same, state="different", decided_by_id=row.decided_by_id, decided_at=row.decided_at
                )
            moving.put_aside([row])
            continue
        first, second = sorted((other, moving.survivor.pk))
        moving.alter(row, first_id=first, second_id=second)


def _other(row: DuplicatePair, pk: int) -> int:
    return row.second_id if row.first_id == pk else row.first_id

"""Of two records that become one customer the survivor's plan goes on; the other's ends with the merge, and is kept."""

from __future__ import annotations

from django.db.models import Model

from liuke.customers.keeping.models import KeepingPlan
from liuke.customers.moving.actions import Moving, moves


@moves("customers.KeepingPlan.customer")
def plans(moving: Moving, model: type[Model], name: str) -> None:
    mine = KeepingPlan.objects.open().filter(customer=moving.survivor).exists()
    for theirs in KeepingPlan.objects.filter(customer=moving.gone):
        if mine and theirs.closed_at is None:
            moving.alter(theirs, closed_at=moving.now)
        moving.carry(model, name, [theirs.pk])

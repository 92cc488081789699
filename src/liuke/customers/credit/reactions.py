"""Of two records that become one customer the survivor's credit stands; the other's ends with the merge, and is kept."""

from __future__ import annotations

from django.db.models import Model

from liuke.customers.credit.models import Credit
from liuke.customers.moving.actions import Moving, moves


@moves("customers.Credit.customer")
def credits(moving: Moving, model: type[Model], name: str) -> None:
    mine = Credit.objects.current().filter(customer=moving.survivor).exists()
    for theirs in Credit.objects.filter(customer=moving.gone):
        if mine and theirs.ended_at is None:
            moving.alter(theirs, ended_at=moving.now)
        moving.carry(model, name, [theirs.pk])

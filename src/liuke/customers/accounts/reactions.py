"""Of two key accounts that become one customer the survivor's goes on; the other ends with the merge, and is kept."""

from __future__ import annotations

from django.db.models import Model

from liuke.customers.accounts.models import KeyAccount
from liuke.customers.moving.actions import Moving, carry, moves

moves("customers.AccountMember.customer")(carry)


@moves("customers.KeyAccount.customer")
def accounts(moving: Moving, model: type[Model], name: str) -> None:
    mine = KeyAccount.objects.open().filter(customer=moving.survivor).exists()
    for theirs in KeyAccount.objects.filter(customer=moving.gone):
        if mine and theirs.ended_at is None:
            moving.alter(theirs, ended_at=moving.now)
        moving.carry(model, name, [theirs.pk])

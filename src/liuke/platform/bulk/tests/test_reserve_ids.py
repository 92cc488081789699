from __future__ import annotations

import pytest
from django.db import transaction

from liuke.platform.bulk.actions import insert_rows, reserve_ids
from liuke.platform.models import Team


def test_rows_with_reserved_ids_and_rows_without_do_not_meet(db: None) -> None:
    by_hand = Team.objects.create(name="before")
    ids = reserve_ids(Team, 3)
    insert_rows(Team, ["id", "name", "path"], [(pk, f"team {pk}", f"/{pk}/") for pk in ids])
    after = Team.objects.create(name="after")
    assert len({by_hand.pk, *ids, after.pk}) == 5
    assert reserve_ids(Team, 1)[0] > max(ids)


def test_only_within_a_transaction(transactional_db: None) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        reserve_ids(Team, 1)


def test_an_empty_table_begins_at_one_or_later(db: None) -> None:
    assert reserve_ids(Team, 2)[0] >= 1

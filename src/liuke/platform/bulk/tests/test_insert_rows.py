from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from liuke.platform.bulk.actions import insert_rows
from liuke.platform.models import Preference, SavedView, User

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
COLUMNS = ["key", "value", "changed_at", "changed_by_id"]


def test_rows_come_out_as_the_model_would_have_written_them(olga: User) -> None:
    value = {"字": [1, None, "é\"'\\\n\t"]}
    insert_rows(Preference, COLUMNS, [("a", value, AT, olga.pk), ("b", 2, AT, None)])
    there = Preference.objects.get(key="a")
    assert (there.value, there.changed_at, there.changed_by) == (value, AT, olga)
    assert Preference.objects.get(key="b").changed_by is None


def test_constraints_hold(olga: User) -> None:
    rows = [(olga.pk, "customers", name, {}, False, 0) for name in ("mine", "")]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(SavedView, ["owner_id", "place", "name", "query", "shared", "position"], rows)
    assert not SavedView.objects.exists()


@pytest.mark.django_db
def test_a_conflict_can_be_told_what_to_do() -> None:
    insert_rows(Preference, COLUMNS, [("a", 1, AT, None)])
    rows = [("a", 2, AT, None), ("b", 3, AT, None)]
    insert_rows(Preference, COLUMNS, rows, on_conflict="ON CONFLICT (key) DO NOTHING")
    assert dict(Preference.objects.values_list("key", "value")) == {"a": 1, "b": 3}

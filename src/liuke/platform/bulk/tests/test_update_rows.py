from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from liuke.platform.bulk.actions import update_rows
from liuke.platform.bulk.rules import pieces
from liuke.platform.models import User

AT = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)


def test_every_row_in_one_statement(alice: User, bob: User) -> None:
    rows = [(AT, "A", alice.pk), (AT + timedelta(days=1), "B", bob.pk), (AT, "nobody", 0)]
    assert update_rows("UPDATE platform_user SET created_at = %s, name = %s WHERE id = %s", rows) == 2
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.created_at, alice.name) == (AT, "A")
    assert (bob.created_at, bob.name) == (AT + timedelta(days=1), "B")


def test_nothing_to_update_asks_nothing(db: None) -> None:
    assert update_rows("UPDATE nowhere SET name = %s", []) == 0


@given(st.lists(st.integers()), st.integers(1, 7))
def test_pieces_lose_nothing(items: list[int], size: int) -> None:
    found = list(pieces(items, size))
    assert [item for piece in found for item in piece] == items
    assert all(1 <= len(piece) <= size for piece in found)

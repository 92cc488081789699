from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from liuke.platform.audit.actions import record, verify_chain
from liuke.platform.audit.models import AuditEntry
from liuke.platform.audit.rules import GENESIS, changes_between, plain, plain_address
from liuke.platform.models import User


def test_an_entry_tells_who_what_when_old_and_new(olga: User, alice: User, now: datetime) -> None:
    record(
        "users.edit",
        by=olga,
        now=now,
        subject=alice,
        changes={"email": ["", "alice@example.com"]},
        reason="asked by phone",
        address="192.0.2.7",
    )
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.at, entry.action, entry.reason) == (olga, now, "users.edit", "asked by phone")
    assert (entry.subject_type, entry.subject_id, entry.subject_label) == ("platform.user", alice.pk, "Alice")
    assert entry.changes == {"email": ["", "alice@example.com"]}
    assert entry.address == "192.0.2.7"


def test_each_entry_seals_the_one_before(olga: User, now: datetime) -> None:
    first = record("one", by=olga, now=now)
    second = record("two", by=None, now=now)
    assert (first.previous_hash, second.previous_hash) == (GENESIS, first.hash)
    verdict = verify_chain()
    assert verdict.intact
    assert (verdict.entries, verdict.head) == (2, second.hash)


def test_dates_and_amounts_keep_their_hash_through_the_database(olga: User, now: datetime) -> None:
    changes = {"a": [Decimal("1.50"), now], "b": [None, olga], "字": ["é", [1, {"z": 0}]]}
    record("odd", by=olga, now=now, changes=changes)
    assert verify_chain().intact


@pytest.fixture
def unguarded(db: None) -> None:
    """Somebody with the database in his hands: the triggers are gone within this test's transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE platform_auditentry DISABLE TRIGGER USER")
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE '%audit%'"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')


@pytest.mark.parametrize(
    "forgery",
    [
        {"action": "something else"},
        {"actor_id": None},
        {"changes": {"phone": ["1", "3"]}},
        {"reason": "changed"},
        {"address": "198.51.100.1"},
    ],
)
def test_pl05_an_altered_entry_shows(
    unguarded: None, olga: User, now: datetime, forgery: dict[str, object]
) -> None:
    entries = [record("edit", by=olga, now=now, changes={"phone": ["1", "2"]}) for _ in range(3)]
    AuditEntry.objects.filter(pk=entries[1].pk).update(**forgery)
    assert verify_chain().broken_at == entries[1].pk


def test_pl05_a_moved_instant_and_a_missing_entry_show(unguarded: None, olga: User, now: datetime) -> None:
    entries = [record("edit", by=olga, now=now) for _ in range(3)]
    AuditEntry.objects.filter(pk=entries[2].pk).update(at=now + timedelta(seconds=1))
    assert verify_chain().broken_at == entries[2].pk
    AuditEntry.objects.filter(pk=entries[1].pk).delete()
    assert verify_chain().broken_at == entries[2].pk


def test_pl05_the_database_refuses_to_change_or_remove_an_entry(olga: User, now: datetime) -> None:
    entry = record("edit", by=olga, now=now)
    entry.reason = "nicer"
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        entry.save()
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        AuditEntry.objects.all().update(reason="nicer")
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        AuditEntry.objects.all().delete()
    assert AuditEntry.objects.get().reason == ""


FIELDS = st.dictionaries(st.text(max_size=5), st.integers())


@given(FIELDS, FIELDS)
def test_changes_between_names_what_differs_only(before: dict[str, int], after: dict[str, int]) -> None:
    changes = changes_between(before, after)
    for field in {*before, *after}:
        assert (field in changes) == (before.get(field) != after.get(field))
    assert {f: new for f, (_, new) in changes.items()} == {f: after.get(f) for f in changes}


def test_plain_keeps_what_json_has_and_names_the_rest(now: datetime) -> None:
    assert plain({"when": now, "amount": Decimal("2.50"), "odd": 1 + 2j}) == {
        "when": "2026-03-02T01:30:00Z",
        "amount": "2.50",
        "odd": "(1+2j)",
    }


def test_an_address_has_one_spelling_and_nonsense_none() -> None:
    assert plain_address("2001:DB8:0::1") == "2001:db8::1"
    assert plain_address("testserver") is None
    assert plain_address(None) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", [1, 2])
def test_the_triggers_stand_again_after_a_test_that_commits(olga: User, now: datetime, round: int) -> None:
    assert not AuditEntry.objects.exists()
    record("edit", by=olga, now=now)
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        AuditEntry.objects.all().delete()

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from liuke.customers.facts.actions import record, record_many
from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import REACTIONS, BadFact, FactKind, NewFact, reacts_to
from liuke.customers.imports.models import ImportBatch
from liuke.customers.records.models import Customer
from liuke.platform.models import StoredFile, User


@pytest.fixture
def hampton(alice: User) -> Customer:
    return Customer.objects.create(number="C1", name="Hampton", owner=alice, team=alice.team)


@pytest.fixture
def batch(alice: User, now: datetime) -> ImportBatch:
    file = StoredFile.objects.create(
        name="a.csv", path="a", size=1, sha256="0" * 64, purpose="import", created_at=now
    )
    return ImportBatch.objects.create(target="purchases", file=file, created_by=alice)


@pytest.fixture
def heard() -> Iterator[list[Sequence[Fact]]]:
    """What reactions to notes and payments are told, batch by batch."""
    batches: list[Sequence[Fact]] = []

    @reacts_to(FactKind.NOTED, FactKind.PAID)
    def listen(facts: Sequence[Fact], *, now: datetime) -> None:
        batches.append(facts)

    yield batches
    for kind in (FactKind.NOTED, FactKind.PAID):
        REACTIONS[kind].remove(listen)


def test_a_fact_keeps_who_what_and_when(hampton: Customer, alice: User, now: datetime) -> None:
    at = now - timedelta(days=2)
    fact = record(
        FactKind.PAID,
        customer=hampton,
        at=at,
        by=alice,
        now=now,
        subject=hampton,
        amount_minor=1250,
        currency="CNY",
        data={"number": "P1"},
    )
    stored = Fact.objects.get(pk=fact.pk)
    assert (stored.kind, stored.at, stored.recorded_at, stored.actor) == ("paid", at, now, alice)
    assert (stored.subject_type, stored.subject_id) == ("customers.Customer", hampton.pk)
    assert (stored.amount_minor, stored.currency, stored.data, stored.version) == (
        1250,
        "CNY",
        {"number": "P1"},
        1,
    )


def test_the_same_key_twice_is_one_fact_and_reactions_hear_it_once(
    hampton: Customer, now: datetime, heard: list[Sequence[Fact]]
) -> None:
    first = record(FactKind.NOTED, customer=hampton, at=now, by=None, now=now, data={"note": "a"}, key="n-1")
    again = record(FactKind.NOTED, customer=hampton, at=now, by=None, now=now, data={"note": "b"}, key="n-1")
    assert again == first
    assert again.data == {"note": "a"}
    assert [len(batch) for batch in heard] == [1]


def test_many_facts_are_one_call_of_each_reaction(
    hampton: Customer, now: datetime, heard: list[Sequence[Fact]]
) -> None:
    rows = [
        NewFact(FactKind.NOTED, hampton.pk, now, data={"note": str(n)}, key=f"n-{n % 40}") for n in range(50)
    ]
    rows += [
        NewFact(FactKind.PAID, hampton.pk, now, data={}),
        NewFact(FactKind.VISITED, hampton.pk, now, data=CALL),
    ]
    facts = record_many(rows, now=now)
    assert len(facts) == 42  # ten keys came twice
    assert [[fact.kind for fact in batch] for batch in heard] == [["noted"] * 40 + ["paid"]]
    assert {fact.pk for fact in facts} == set(Fact.objects.values_list("pk", flat=True))


def test_the_number_of_statements_does_not_grow_with_the_facts(hampton: Customer, now: datetime) -> None:
    def statements(count: int) -> int:
        rows = [NewFact(FactKind.NOTED, hampton.pk, now, data={"note": "x"}) for _ in range(count)]
        with CaptureQueriesContext(connection) as caught:
            record_many(rows, now=now)
        return len(caught)

    assert statements(3) == statements(2000)


def test_a_failing_reaction_takes_the_fact_with_it(hampton: Customer, now: datetime) -> None:
    @reacts_to(FactKind.NOTED)
    def refuse(facts: Sequence[Fact], *, now: datetime) -> None:
        raise RuntimeError("no")

    try:
        with pytest.raises(RuntimeError):
            record(FactKind.NOTED, customer=hampton, at=now, by=None, now=now, data={"note": "a"})
    finally:
        REACTIONS[FactKind.NOTED].remove(refuse)
    assert not Fact.objects.exists()


CALL = {"channel": "phone", "direction": "out", "outcome": "reached"}


@pytest.mark.parametrize(
    ("kind", "data", "complaint"),
    [
        (FactKind.NOTED, {}, "without note"),
        (FactKind.NOTED, {"note": "a", "colour": "red"}, "does not carry colour"),
        (FactKind.NOTED, {"note": 7}, "note is 7"),
        (FactKind.ANSWERED, {"satisfied": 1}, "satisfied is 1"),
        (FactKind.FOLLOWED_UP, {"followup_id": True, "what": "done", "kind": "task"}, "followup_id is True"),
        (
            FactKind.ASSIGNED,
            {"before_id": None, "after_id": "3", "before": "", "after": ""},
            "after_id is '3'",
        ),
        (FactKind.CONTACTED, {**CALL, "contact_id": None}, "contact_id is None"),
    ],
)
def test_a_payload_of_another_shape_is_refused(
    hampton: Customer, now: datetime, kind: FactKind, data: dict[str, object], complaint: str
) -> None:
    with pytest.raises(BadFact, match=complaint):
        record(kind, customer=hampton, at=now, by=None, now=now, data=data)


def test_neither_an_instant_without_zone_nor_an_amount_without_currency(
    hampton: Customer, now: datetime
) -> None:
    with pytest.raises(BadFact, match="has no zone"):
        record(FactKind.PAID, customer=hampton, at=now.replace(tzinfo=None), by=None, now=now)
    with pytest.raises(BadFact, match="needs its currency"):
        record(FactKind.PAID, customer=hampton, at=now, by=None, now=now, amount_minor=1)


def test_no_fact_is_ever_changed(hampton: Customer, now: datetime) -> None:
    fact = record(FactKind.NOTED, customer=hampton, at=now, by=None, now=now, data={"note": "a"})
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Fact.objects.filter(pk=fact.pk).update(recorded_at=now)
    fact.data = {"note": "b"}
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        fact.save()


def test_a_fact_goes_only_with_its_batch_and_only_while_that_is_undone(
    hampton: Customer, batch: ImportBatch, now: datetime
) -> None:
    record(FactKind.NOTED, customer=hampton, at=now, by=None, now=now, data={"note": "by hand"})
    record(FactKind.NOTED, customer=hampton, at=now, by=None, now=now, data={"note": "brought"}, batch=batch)
    for state in ("running", "done", "failed", "undone"):
        ImportBatch.objects.filter(pk=batch.pk).update(state=state)
        with pytest.raises(DatabaseError, match="goes only with the import"), transaction.atomic():
            Fact.objects.filter(batch=batch).delete()
    ImportBatch.objects.filter(pk=batch.pk).update(state="undoing")
    with pytest.raises(DatabaseError, match="goes only with the import"), transaction.atomic():
        Fact.objects.all().delete()
    Fact.objects.filter(batch=batch).delete()
    assert [fact.data["note"] for fact in Fact.objects.all()] == ["by hand"]


def test_a_customer_with_facts_cannot_be_deleted(hampton: Customer, now: datetime) -> None:
    record(FactKind.NOTED, customer=hampton, at=now, by=None, now=now, data={"note": "a"})
    with pytest.raises(ProtectedError):
        hampton.delete()


def test_instants_come_back_as_utc(hampton: Customer) -> None:
    at = datetime(2026, 3, 1, 23, 59, 59, 123456, tzinfo=UTC)
    fact = record(FactKind.NOTED, customer=hampton, at=at, by=None, now=at, data={"note": "零"})
    assert Fact.objects.get(pk=fact.pk).at == at

"""Readings wait in the process, are written together, and make themselves felt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liuke.customers.models import Customer, Reading, ReadingDay
from liuke.customers.readings import actions
from liuke.customers.readings.actions import alert, brake, forget, lately, looked_at, note, tidy, write
from liuke.customers.records.actions import register
from liuke.platform.models import AuditEntry, User
from liuke.platform.preferences.actions import change, reading_once


@pytest.fixture(autouse=True)
def fresh(db: None) -> Iterator[None]:
    forget()
    yield
    forget()


@pytest.fixture
def shop(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Shop")


def test_noting_costs_no_statement_and_many_are_written_in_a_few(
    alice: User, shop: Customer, now: datetime
) -> None:
    with CaptureQueriesContext(connection) as noted:
        for place in range(50):
            note(alice, "list", now=now + timedelta(seconds=place))
        note(alice, "card", [shop.pk], now=now)
    assert len(noted) == 0
    with CaptureQueriesContext(connection) as written:
        assert write(now=now + timedelta(minutes=1)) == 51
    assert len(written) <= 10
    assert Reading.objects.filter(user=alice).count() == 51
    assert ReadingDay.objects.get(what="list").count == 50
    note(alice, "list", now=now)
    write(now=now)
    assert ReadingDay.objects.get(what="list").count == 51
    assert write(now=now) == 0


def test_the_same_card_within_a_minute_is_one_reading(alice: User, shop: Customer, now: datetime) -> None:
    for seconds in (0, 5, 59, 61):
        note(alice, "card", [shop.pk], now=now + timedelta(seconds=seconds))
    write(now=now)
    assert Reading.objects.count() == 2


def test_a_card_that_is_gone_by_then_was_read_all_the_same(alice: User, now: datetime) -> None:
    note(alice, "card", [999_999], now=now)
    write(now=now)
    assert Reading.objects.get().customer is None


def test_what_could_not_be_written_is_tried_again(
    alice: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(alice, "list", now=now)

    def away(rows: object) -> None:
        raise OSError("no database")

    with monkeypatch.context() as patched:
        patched.setattr(actions, "_write_rows", away)
        with pytest.raises(OSError, match="no database"):
            write(now=now)
    assert write(now=now) == 1


def test_other_processes_readings_count_once_one_has_written(alice: User, now: datetime) -> None:
    Reading.objects.bulk_create([Reading(user=alice, what="card", at=now) for _ in range(40)])
    note(alice, "card", now=now)
    assert lately(alice, now=now) == 1
    write(now=now)
    assert lately(alice, now=now) == 41
    assert lately(alice, now=now + timedelta(minutes=11)) == 0


def test_held_first_for_seconds_then_for_a_reason_and_whoever_leads_is_told_once(
    alice: User, bob: User, charlie: User, sue: User, olga: User, now: datetime
) -> None:
    change("reading.slow_at", 3, by=None, now=now)
    change("reading.ask_at", 5, by=None, now=now)
    with reading_once():
        for _page in range(3):
            assert brake(alice, reason_until=None, now=now) == ""
            note(alice, "list", now=now)
        assert brake(alice, reason_until=None, now=now) == "wait"
        assert brake(alice, reason_until=None, now=now + timedelta(seconds=4)) == ""
        for _page in range(2):
            note(alice, "list", now=now)
        for _again in range(3):
            assert brake(alice, reason_until=None, now=now + timedelta(seconds=9)) == "ask"
        later = now + timedelta(minutes=1)
        assert brake(alice, reason_until=later, now=now + timedelta(seconds=9)) == ""
        assert brake(bob, reason_until=None, now=now) == ""
    for leader, told in ((sue, 1), (olga, 1), (bob, 0), (charlie, 0), (alice, 0)):
        leader.refresh_from_db()
        assert len(leader.alerts) == told, leader
    assert sue.alerts[0]["name"] == "Alice"
    assert AuditEntry.objects.filter(action="reading.asked", actor=alice).count() == 1
    looked_at(sue)
    sue.refresh_from_db()
    assert sue.alerts == []


def test_what_the_box_offers_while_one_types_counts_once_a_minute_and_holds_nobody(
    alice: User, now: datetime
) -> None:
    for seconds in (0, 1, 2, 59, 61):
        note(alice, "search", now=now + timedelta(seconds=seconds), typing=True)
    assert lately(alice, now=now) == 2
    change("reading.slow_at", 1, by=None, now=now)
    assert brake(alice, reason_until=None, now=now) == "", "typing is no page that was opened"


def test_what_a_program_reads_holds_nobody_at_the_screen(alice: User, now: datetime) -> None:
    for _page in range(5):
        note(alice, "program", now=now)
    assert lately(alice, now=now) == 0
    write(now=now)
    assert lately(alice, now=now) == 0
    assert ReadingDay.objects.get().count == 5


def test_told_again_after_an_hour(alice: User, sue: User, now: datetime) -> None:
    assert alert(alice, now=now)
    assert not alert(alice, now=now + timedelta(minutes=59))
    assert alert(alice, now=now + timedelta(minutes=61))
    sue.refresh_from_db()
    assert len(sue.alerts) == 1, "the latest of each"


def test_old_ones_go_and_their_counts_stay(alice: User, now: datetime) -> None:
    old, young = now - timedelta(days=181), now - timedelta(days=179)
    for at in (old, young):
        Reading.objects.create(user=alice, what="card", at=at)
        ReadingDay.objects.create(user=alice, what="card", on=at.date(), count=1)
    assert tidy(now=now) == 1
    assert Reading.objects.get().at == young
    assert ReadingDay.objects.count() == 2

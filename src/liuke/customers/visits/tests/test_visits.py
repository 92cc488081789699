"""Look at the card before a visit, write it up right after: what is missed is counted and asked for (DB08, DB12)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.customers.followups.actions import ask
from liuke.customers.followups.rules import TooLate
from liuke.customers.merging.actions import merge
from liuke.customers.models import Customer, Fact, FollowUp, Visit
from liuke.customers.readings.actions import note, write
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.customers.visits.actions import (
    NotLooked,
    end_visit,
    remind,
    report_of,
    start_visit,
    take_visit_back,
    write_up,
)
from liuke.customers.visits.rules import LONGEST, hours_to_write, is_late
from liuke.customers.withdrawing.actions import withdraw
from liuke.platform.models import AuditEntry, User
from liuke.platform.preferences.actions import change

HOUR = timedelta(hours=1)


@pytest.fixture
def ann(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Ann")


def begun(customer: Customer, by: User, now: datetime) -> Visit:
    return start_visit(customer, looked_at=now, by=by, now=now)


def test_db12_one_begun_after_a_look_and_one_forced_without_count_none_and_one(
    ann: Customer, alice: User, now: datetime
) -> None:
    note(alice, "card", [ann.pk], now=now)
    looked = start_visit(ann, by=alice, now=now + HOUR)
    assert looked.card_viewed_at == now
    assert report_of(alice, days=7, now=now + HOUR)[0].blind == 0
    bea = register(by=alice, now=now, name="Bea")
    with pytest.raises(NotLooked):
        start_visit(bea, by=alice, now=now + HOUR)
    assert not Visit.objects.filter(customer=bea).exists()
    start_visit(bea, anyway=True, by=alice, now=now + HOUR)
    total, people = report_of(alice, days=7, now=now + HOUR)
    assert (total.visits, total.blind) == (2, 1)
    assert [(one.name, one.blind) for one in people] == [(alice.name, 1)]
    assert AuditEntry.objects.filter(action="visits.blind").count() == 1


def test_db12_a_look_counts_for_some_hours_and_only_ones_own(
    ann: Customer, alice: User, sue: User, now: datetime
) -> None:
    note(sue, "card", [ann.pk], now=now)
    note(alice, "card", [ann.pk], now=now - 25 * HOUR)
    note(alice, "list", now=now)
    write(now=now)
    with pytest.raises(NotLooked):
        start_visit(ann, by=alice, now=now)
    with pytest.raises(NotLooked):
        start_visit(ann, looked_at=now - 25 * HOUR, by=alice, now=now)
    note(alice, "card", [ann.pk], now=now - 23 * HOUR)
    write(now=now)
    assert start_visit(ann, by=alice, now=now).card_viewed_at == now - 23 * HOUR


def test_db08_without_a_result_no_visit_is_closed(ann: Customer, alice: User, now: datetime) -> None:
    visit = begun(ann, alice, now)
    with pytest.raises(Unfit) as refused:
        write_up(visit, outcome="", note="nice", by=alice, now=now + HOUR)
    assert refused.value.field == "outcome"
    assert not Fact.objects.filter(kind="visited").exists()
    visit.refresh_from_db()
    assert visit.written_at is None


def test_db08_written_up_it_is_on_the_timeline_and_what_planned_it_is_done(
    ann: Customer, alice: User, now: datetime
) -> None:
    plan = ask(
        ann, kind="task", assignee=alice, due_at=now, title="See them", source="person", by=alice, now=now
    )
    visit = start_visit(ann, followup=plan, looked_at=now, by=alice, now=now)
    end_visit(visit, by=alice, now=now + HOUR)
    fact = write_up(
        visit, outcome="reached", note="They want blue", is_right=True, by=alice, now=now + 3 * HOUR
    )
    assert (fact.kind, fact.at, fact.data["note"]) == ("visited", now + HOUR, "They want blue")
    plan.refresh_from_db()
    assert plan.state == "done"
    ann.card.refresh_from_db()
    assert ann.card.verified_by == alice
    assert report_of(alice, days=7, now=now + 4 * HOUR)[0].hours == pytest.approx(2)
    with pytest.raises(Visit.DoesNotExist):  # sent twice
        write_up(visit, outcome="reached", note="again", by=alice, now=now + 4 * HOUR)


def test_db08_unwritten_for_25_hours_it_is_asked_for_once_and_stands_on_the_supervisors_list(
    ann: Customer, alice: User, sue: User, bob: User, now: datetime
) -> None:
    visit = begun(ann, alice, now)
    end_visit(visit, by=alice, now=now + HOUR)
    assert remind(now=now + 24 * HOUR) == 0
    late = now + 26 * HOUR
    assert remind(now=late) == 1
    assert remind(now=late + HOUR) == 0
    asked = FollowUp.objects.get()
    assert (asked.assignee, asked.kind) == (alice, "task")
    assert asked.matter
    assert list(Visit.objects.for_user(sue).late(hours=24, now=late)) == [visit]
    assert report_of(sue, days=7, now=late)[0].late == 1
    assert report_of(bob, days=7, now=late)[0].visits == 0
    write_up(visit, outcome="reached", note="", by=alice, now=late)
    asked.refresh_from_db()
    assert asked.state == "expired"
    assert report_of(sue, days=7, now=late)[0].late == 0


def test_the_hours_are_a_setting(ann: Customer, alice: User, olga: User, now: datetime) -> None:
    change("visits.write_hours", 2, by=olga, now=now)
    end_visit(begun(ann, alice, now), by=alice, now=now)
    assert remind(now=now + HOUR) == 0
    assert remind(now=now + 3 * HOUR) == 1


def test_whoever_forgets_to_leave_has_left_after_the_longest_time(now: datetime) -> None:
    assert not is_late(now, None, None, hours=24, now=now + LONGEST + 24 * HOUR)
    assert is_late(now, None, None, hours=24, now=now + LONGEST + 25 * HOUR)
    assert not is_late(now, now, now, hours=1, now=now + 99 * HOUR)
    assert hours_to_write(now, None, now + HOUR) == 0
    assert hours_to_write(now, now + HOUR, now + 2 * HOUR) == 1


def test_one_visit_at_a_time_and_no_one_elses(
    ann: Customer, alice: User, sue: User, bob: User, now: datetime
) -> None:
    visit = begun(ann, alice, now)
    assert begun(ann, alice, now + HOUR) == visit
    with pytest.raises(Customer.DoesNotExist):
        begun(ann, bob, now)
    with pytest.raises(Visit.DoesNotExist):
        write_up(visit, outcome="reached", note="", by=sue, now=now)


def test_merged_the_visits_are_the_survivors(ann: Customer, alice: User, olga: User, now: datetime) -> None:
    twin = register(by=alice, now=now, name="Ann twice")
    begun(ann, alice, now)
    begun(twin, alice, now)
    merge(ann, [twin], by=olga, now=now + HOUR)
    assert Visit.objects.filter(customer=ann).count() == 2


def test_one_begun_by_mistake_is_none_and_the_next_begins_anew(
    ann: Customer, alice: User, now: datetime
) -> None:
    slip = start_visit(ann, anyway=True, by=alice, now=now)
    take_visit_back(slip, by=alice, now=now + HOUR / 6)
    assert report_of(alice, days=7, now=now + HOUR)[0].visits == 0
    assert remind(now=now + 99 * HOUR) == 0
    assert begun(ann, alice, now + HOUR) != slip
    told = AuditEntry.objects.filter(action__startswith="visits.").values_list("action", flat=True)
    assert sorted(told) == ["visits.blind", "visits.take_back"]


def test_a_visit_is_taken_back_soon_by_who_began_it_and_before_it_is_written_up(
    ann: Customer, alice: User, sue: User, now: datetime
) -> None:
    visit = begun(ann, alice, now)
    with pytest.raises(Visit.DoesNotExist):
        take_visit_back(visit, by=sue, now=now)
    with pytest.raises(TooLate):
        take_visit_back(visit, by=alice, now=now + HOUR)
    write_up(visit, outcome="reached", note="", by=alice, now=now)
    with pytest.raises(Visit.DoesNotExist):
        take_visit_back(visit, by=alice, now=now)
    assert report_of(alice, days=7, now=now)[0].visits == 1


def test_a_result_that_was_a_slip_is_written_anew(ann: Customer, alice: User, now: datetime) -> None:
    visit = begun(ann, alice, now)
    end_visit(visit, by=alice, now=now)
    remind(now=now + 26 * HOUR)
    later = now + 27 * HOUR
    slip = write_up(visit, outcome="ordered", note="the wrong one", by=alice, now=later)
    withdraw(slip, by=alice, now=later)
    visit.refresh_from_db()
    assert (visit.written_at, visit.outcome) == (None, "")
    assert FollowUp.objects.get().state == "open"
    fact = write_up(visit, outcome="reached", note="the right one", by=alice, now=later)
    assert [one.pk for one in Fact.objects.standing().filter(kind="visited")] == [fact.pk]
    assert FollowUp.objects.get().state == "expired"

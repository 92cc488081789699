"""A birthday shows up days ahead, once, for whoever looks after the customer (DB21)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone, translation

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.actions import complete, dismiss, postpone, step_to_take_back, take_back
from liuke.customers.models import Customer, FollowUp, ImportantDate
from liuke.customers.occasions.actions import add_date, edit_date, remind, remove_date
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.customers.timeline.rules import entry
from liuke.platform.kit.rules import day_text
from liuke.platform.models import AuditEntry, User


@pytest.fixture
def ann(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Ann's shop")


def in_days(now: datetime, days: int) -> dict[str, int]:
    on = timezone.localdate(now) + timedelta(days=days)
    return {"month": on.month, "day": on.day}


def test_db21_a_birthday_is_asked_for_so_many_days_ahead(ann: Customer, alice: User, now: datetime) -> None:
    add_date(ann, kind="birthday", name="Ann", **in_days(now, 10), notice_days=7, by=alice, now=now)
    assert remind(now=now) == 0
    near = now + timedelta(days=3)
    assert remind(now=near) == 1
    asked = FollowUp.objects.get()
    assert (asked.assignee, asked.kind, asked.source) == (alice, "task", "customers.occasions")
    with translation.override("en"):
        assert asked.matter.startswith("Ann of Ann's shop on ")
    assert asked.due_at.date() == near.date()  # it is on Today from this day


def test_it_is_late_when_the_day_has_passed_not_when_it_was_asked_for(
    ann: Customer, alice: User, now: datetime
) -> None:
    add_date(ann, kind="birthday", **in_days(now, 5), by=alice, now=now)
    remind(now=now)
    asked = FollowUp.objects.get()
    assert [asked.is_overdue(now + timedelta(days=days)) for days in (0, 1, 5, 6)] == [
        False,
        False,
        False,
        True,
    ]
    until = now + timedelta(days=3)
    put_off = postpone(asked, until=until, reason="away", by=alice, now=now)
    assert not put_off.is_overdue(until + timedelta(days=1))
    postpone(put_off, until=now + timedelta(days=9), reason="later", by=alice, now=now)
    put_off.refresh_from_db()
    assert [put_off.is_overdue(now + timedelta(days=days)) for days in (8, 10)] == [False, True]
    step = step_to_take_back(put_off, by=alice, now=now)
    assert step
    back = take_back(step, by=alice, now=now)
    assert back.lapses_at == asked.lapses_at


def test_what_it_is_about_reads_in_the_language_of_the_reader(
    ann: Customer, alice: User, now: datetime
) -> None:
    on = timezone.localdate(now) + timedelta(days=5)
    add_date(ann, kind="birthday", **in_days(now, 5), by=alice, now=now)
    remind(now=now)
    asked = complete(FollowUp.objects.get(), by=alice, now=now)
    fact = Fact.objects.get(kind=FactKind.FOLLOWED_UP)
    for language, word in (("en", "birthday"), ("zh-hans", "生日"), ("zh-hant", "生日")):
        with translation.override(language):
            day = day_text(on, language, today=timezone.localdate())
            assert word in asked.matter
            assert day in asked.matter
            assert asked.matter in entry(fact).title


def test_run_twice_or_a_day_late_it_asks_once(ann: Customer, alice: User, now: datetime) -> None:
    add_date(ann, kind="birthday", **in_days(now, 5), by=alice, now=now)
    assert [remind(now=now + timedelta(days=late)) for late in (0, 0, 1, 5)] == [1, 0, 0, 0]


def test_what_somebody_closed_comes_back_next_year_only(ann: Customer, alice: User, now: datetime) -> None:
    add_date(ann, kind="birthday", **in_days(now, 60), notice_days=80, by=alice, now=now)
    remind(now=now)
    dismiss(FollowUp.objects.get(), reason="no gifts", by=alice, now=now)
    # longer ago than a dismissed suggestion stays away
    assert remind(now=now + timedelta(days=50)) == 0
    assert remind(now=now + timedelta(days=365)) == 1


def test_a_lunar_day_moves_and_a_passed_one_goes_on(ann: Customer, alice: User, now: datetime) -> None:
    spring = add_date(ann, kind="holiday", month=1, day=1, is_lunar=True, by=alice, now=now)
    assert spring.next_on == date(2027, 2, 6)  # 2026's was on 17 February
    remind(now=datetime(2027, 2, 1, 1, tzinfo=now.tzinfo))
    remind(now=datetime(2027, 2, 7, 1, tzinfo=now.tzinfo))
    spring.refresh_from_db()
    assert spring.next_on == date(2028, 1, 26)
    assert FollowUp.objects.count() == 1


def test_nobody_who_has_left_is_asked(ann: Customer, alice: User, now: datetime) -> None:
    add_date(ann, kind="birthday", **in_days(now, 5), by=alice, now=now)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    remind(now=now)
    assert FollowUp.objects.get().assignee is None


def test_a_day_is_changed_and_removed_under_audit(
    ann: Customer, alice: User, bob: User, now: datetime
) -> None:
    made = add_date(ann, kind="birthday", month=3, day=1, by=alice, now=now)
    made = edit_date(made, kind="birthday", month=4, day=1, by=alice, now=now)
    assert (made.next_on, made.asks_on) == (date(2026, 4, 1), date(2026, 3, 25))
    with pytest.raises(Unfit):
        edit_date(made, kind="birthday", month=4, day=31, by=alice, now=now)
    for act in (
        lambda: edit_date(made, kind="birthday", month=5, day=1, by=bob, now=now),
        lambda: remove_date(made, by=bob, now=now),
    ):
        with pytest.raises(Customer.DoesNotExist):
            act()
    remove_date(made, by=alice, now=now)
    assert not ImportantDate.objects.exists()
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions)[1:] == ["dates.add", "dates.edit", "dates.remove"]

"""A small company played: every screen has something true to show, by day, and a firm that keeps most of its word."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q

from liuke.customers.models import DuplicatePair, Fact, FollowUp, KeyAccount, Standing
from liuke.demo.events import ZONE, at_work, in_days
from liuke.demo.play import Player
from liuke.scores.models import Segment

UNTIL = datetime(2026, 3, 3, 18, 10, tzinfo=UTC)  # ten past two at night in Yiwu
SINCE = UNTIL - timedelta(days=90)


def hour(at: datetime) -> int:
    return at.astimezone(ZONE).hour


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_played_company_has_something_true_to_show_on_every_screen() -> None:
    Player(customers=150, until=UNTIL, seed=7).play()

    assert Segment.objects.filter(measured_on__isnull=False, problem="").count() == 3
    accounts = KeyAccount.objects.open()
    assert accounts.count() == 2
    assert all(one.goals and one.members.count() > 1 for one in accounts)
    assert Standing.objects.current("decline").values("value").distinct().count() > 2
    assert DuplicatePair.objects.open().exists()

    for kind in ("complaint", "task", "promise"):
        rows = FollowUp.objects.filter(kind=kind)
        kept, late = rows.in_time(SINCE).count(), rows.too_late(SINCE).count()
        assert kept, kind
        assert kind == "complaint" or kept > late, kind  # of these a company of 150 has too few to say
    assert FollowUp.objects.filter(kind="complaint").too_late(SINCE).exists()
    assert FollowUp.objects.filter(kind="task").too_late(SINCE).exists()
    assert FollowUp.objects.filter(kind="task").overdue(UNTIL).exists()

    talks = Fact.objects.filter(Q(kind="contacted") | Q(kind="visited"))
    assert {hour(at) for at in talks.values_list("at", flat=True)} <= set(range(8, 19))
    planned = FollowUp.objects.open().filter(kind__in=("task", "promise"), source="person")
    assert {hour(at) for at in planned.values_list("due_at", flat=True)} <= set(range(8, 19))
    said = Counter(
        (one["channel"], one["outcome"], one["note"]) for one in talks.values_list("data", flat=True)
    )
    assert not any(channel == "email" and "没人接" in note for channel, _outcome, note in said)


def test_what_people_plan_lies_in_office_hours() -> None:
    night, friday = datetime(2026, 3, 3, 18, 10, tzinfo=UTC), datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
    assert at_work(night) == datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    assert at_work(friday) == friday
    assert in_days(friday, 1) == friday + timedelta(days=3)

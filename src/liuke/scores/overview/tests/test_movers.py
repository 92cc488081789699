from __future__ import annotations

from datetime import date, datetime

from liuke.customers.models import Customer
from liuke.customers.records.actions import register
from liuke.platform.models import User
from liuke.scores.models import CurrentRun, Score, ScoreRun
from liuke.scores.overview.actions import movers


def judged(customer: Customer, before: str, grade: str, moved: str, sales: int, *, run: ScoreRun) -> None:
    Score.objects.filter(run=run, customer=customer).update(
        grade_before=before, grade=grade, moved=moved, value_12m_minor=sales
    )


def test_cl03_who_rose_and_who_fell_within_the_viewers_reach(
    olga: User, alice: User, charlie: User, now: datetime
) -> None:
    run = ScoreRun.objects.create(
        as_of=date(2026, 3, 1), horizon_days=90, started_at=now, state="done", currency="CNY"
    )
    CurrentRun.objects.update_or_create(pk=1, defaults={"run": run})
    people = [
        register(by=None, now=now, name=name, owner=owner)
        for name, owner in (("A", alice), ("B", charlie), ("C", alice), ("D", alice), ("E", alice))
    ]
    judged(people[0], "iron", "gold", "rose", 500, run=run)
    judged(people[1], "gold", "platinum", "rose", 400, run=run)
    judged(people[2], "iron", "gold", "rose", 900, run=run)
    judged(people[3], "gold", "", "fell", 0, run=run)
    judged(people[4], "iron", "iron", "", 999, run=run)
    assert [score.customer.name for score in movers(olga, "rose")] == ["B", "C", "A"]
    assert [score.customer.name for score in movers(alice, "rose")] == ["C", "A"]
    assert [score.customer.name for score in movers(olga, "fell")] == ["D"]
    assert movers(charlie, "fell") == []
    assert len(movers(olga, "rose", limit=1)) == 1

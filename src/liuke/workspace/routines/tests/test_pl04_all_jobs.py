"""PL04 with every job there is: the clock set to a day, all of them twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.apps import apps

from liuke.customers.purchases.actions import record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase
from liuke.customers.records.actions import register
from liuke.platform.jobs.actions import declared, run_now, tick, work
from liuke.platform.jobs.rules import clocked
from liuke.platform.models import Job, User

# What each run leaves of itself, on purpose: the log, the audit's line of who started it, the night's judgement.
LOGS = {"platform.job", "platform.auditentry", "scores.scorerun", "scores.score"}


def everything() -> dict[str, int]:
    return {
        model._meta.label_lower: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.label_lower not in LOGS
    }


def trade(by: User, now: datetime) -> None:
    """Forty customers, each with a rhythm of his own; every fourth has fallen silent."""
    rows = []
    for n in range(40):
        customer = register(by=by, now=now - timedelta(days=720), name=f"Customer {n}")
        gap = timedelta(days=15 + 3 * n)
        last = now - (timedelta(days=200) if n % 4 == 0 else gap / 2)
        for back in range(8):
            at = last - back * gap
            if at > now - timedelta(days=720):
                lines = [NewLine(10_000 + 100 * n)]
                rows.append(NewPurchase(customer.pk, f"S{n}-{back}", at, "CNY", lines, "order", "", None))
    record_purchases(rows, by=by, now=now)


@pytest.mark.django_db
def test_pl04_the_second_run_of_every_job_creates_nothing_and_the_log_shows_both(
    olga: User, now: datetime
) -> None:
    trade(olga, now)
    Job.objects.all().delete()  # what the purchases themselves have set off is no routine
    specs = clocked(declared())
    assert {spec.name for spec in specs} >= {"scores.nightly", "platform.tidy", "followups.rerank"}

    before = everything()
    tick(now)
    work(now=now)
    after_first = everything()
    assert after_first != before  # the day's follow-ups, or this proves nothing

    for spec in specs:
        run_now(spec.name, by=olga, now=now)
    work(now=now)
    assert everything() == after_first
    runs = list(Job.objects.order_by("name", "id").values_list("name", "state", "error"))
    assert runs == [(spec.name, "done", "") for spec in specs for _ in range(2)]

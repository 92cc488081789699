from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from liuke.platform.jobs import jobs
from liuke.platform.jobs.actions import enqueue, work
from liuke.platform.jobs.rules import job
from liuke.platform.models import Job

pytestmark = pytest.mark.django_db


def test_what_nobody_asks_for_any_more_goes(now: datetime) -> None:
    job("platform.tidy")(jobs.tidy)
    long_ago = now - timedelta(days=91)
    for state, finished_at in (
        ("done", long_ago),
        ("failed", long_ago),
        ("done", now - timedelta(days=89)),
        ("waiting", None),
    ):
        Job.objects.create(
            name="gone", state=state, run_at=now + timedelta(1), created_at=long_ago, finished_at=finished_at
        )
    for key, days in (("old", -1), ("live", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(days=days))
    enqueue("platform.tidy", by=None, now=now)
    (ran,) = work(now=now)
    assert ran.result == {"runs": 2, "sessions": 1, "files": 0}
    assert sorted(Job.objects.filter(name="gone").values_list("state", flat=True)) == ["done", "waiting"]
    assert Session.objects.get().session_key == "live"

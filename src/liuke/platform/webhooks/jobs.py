from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

from liuke.platform.jobs.rules import JobRun, gettext_noop, job
from liuke.platform.webhooks.actions import JOB, attempt
from liuke.platform.webhooks.models import Delivery
from liuke.platform.webhooks.rules import KEPT_DAYS, PORTION

LONGEST_SECONDS = 60  # with the call that is under way still within rules.LEASE


@job(JOB, every=timedelta(minutes=1), alone=True, label=gettext_noop("Send webhooks"))
def deliver(run: JobRun) -> dict[str, int]:
    """What is due, the oldest first. A webhook that fails is left alone until its pause is over, the others go on. After
    a minute it ends; the clock's next one goes on from there."""
    told: Counter[str] = Counter()
    until = time.monotonic() + LONGEST_SECONDS
    while due := list(Delivery.objects.due(run.now).values_list("pk", "webhook")[:PORTION]):
        silent: set[int] = set()
        for pk, hook in due:
            if time.monotonic() > until:
                return dict(told)
            if hook in silent:
                continue
            told[how := attempt(pk, now=run.now)] += 1
            if how == "queued":  # it failed: those behind it wait as well
                silent.add(hook)
            run.progress(told.total())
    return dict(told)


@job("webhooks.forget", every="03:50", label=gettext_noop("Forget old messages of webhooks"))
def forget(run: JobRun) -> dict[str, int]:
    old = Delivery.objects.filter(ended_at__lt=run.now - timedelta(days=KEPT_DAYS))
    count = 0
    while ids := list(old.values_list("pk", flat=True)[:PORTION]):
        count += Delivery.objects.filter(pk__in=ids).delete()[0]
        run.progress(count)
    return {"forgotten": count}

"""A process that notes something and a worker that tells a webhook of it, each killed at every statement and commit.
`python -m liuke.cli.tests.killing_webhooks` on an empty instance prints one JSON object.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from functools import partial
from pathlib import Path

from liuke.cli.tests.killing import forked, struck, wait

from django.conf import settings  # isort: skip - after killing, which starts Django
from django.utils import timezone

from liuke.cli.database import bring_up_to_date
from liuke.customers.models import Fact
from liuke.customers.records.actions import register
from liuke.customers.timeline.actions import add_note
from liuke.platform.jobs.actions import work
from liuke.platform.models import Delivery, Job
from liuke.platform.organisation.actions import create_owner
from liuke.platform.outbound.actions import Answer
from liuke.platform.preferences.actions import change
from liuke.platform.webhooks import actions

HEARD = Path(settings.HOME) / "heard"


def heard(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """The receiver: what it was told is written before it answers."""
    with HEARD.open("a") as out:
        out.write(headers["webhook-id"] + "\n")
        out.flush()
        os.fsync(out.fileno())
    return Answer(200, b"")


def main() -> None:
    import liuke.platform.webhooks.jobs  # noqa: F401 - killing imports no slice's jobs by itself

    actions.post = heard  # type: ignore[assignment]
    now, wrong = timezone.now(), []
    owner = create_owner(
        username="olga", name="Olga", password="a password of some length", company="C", now=now
    )
    change("webhooks.hosts", "hooks.example.com", by=owner, now=now)
    customer = register(by=owner, now=now, name="Lantern Ltd")
    actions.add_webhook(url="https://hooks.example.com/", topics=["contacts"], by=owner, now=now)

    noting = 0
    while True:
        noting += 1
        note = partial(add_note, customer, note=f"n{noting}", by=owner, now=timezone.now())
        done = wait(forked(partial(struck, noting, note))) == 0
        facts = set(Fact.objects.filter(kind="noted").values_list("pk", flat=True))
        if facts != set(Delivery.objects.values_list("subject_id", flat=True)):
            wrong.append(f"noting, event {noting}: fact and message are not together")
        if done:
            break
    sending = 0
    while True:
        sending += 1
        Job.objects.all().delete()
        Delivery.objects.all().delete()
        HEARD.unlink(missing_ok=True)
        add_note(customer, note=f"s{sending}", by=owner, now=timezone.now())
        done = wait(forked(partial(struck, sending, partial(work, now=timezone.now())))) == 0
        later = timezone.now() + timedelta(minutes=10)
        Job.objects.all().delete()
        actions.wake(now=later)
        work(now=later)
        told = HEARD.read_text().split() if HEARD.exists() else []
        state = Delivery.objects.get().state
        if state != "delivered" or not 1 <= len(told) <= 2 or len(set(told)) != 1:
            wrong.append(f"sending, event {sending}: {state}, told {told}")
        if done:
            break
    print(json.dumps({"noting": noting - 1, "sending": sending - 1, "wrong": wrong}))


if __name__ == "__main__":
    bring_up_to_date()
    main()

"""A process that answers a POST with an Idempotency-Key, killed at every statement and commit; the caller, who got no
answer, sends it again. `python -m liuke.cli.tests.killing_calls [--without-key]` on an empty instance prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from functools import partial

from liuke.cli.tests.killing import forked, struck, wait

from django.utils import timezone  # isort: skip - after killing, which starts Django

from liuke.cli.database import bring_up_to_date
from liuke.customers.models import Fact
from liuke.customers.records.actions import register
from liuke.platform.api.models import KeptAnswer
from liuke.platform.api.tests.calls import Program
from liuke.platform.organisation.actions import create_owner

KEY = {} if "--without-key" in sys.argv else {"Idempotency_Key": "k-1"}


def main() -> None:
    now, wrong, events = timezone.now(), [], 0
    owner = create_owner(
        username="olga", name="Olga", password="a password of some length", company="C", now=now
    )
    customer = register(by=owner, now=now, name="Lantern Ltd")
    program = Program(owner)
    program.client.defaults["SERVER_NAME"] = "localhost"

    def send() -> None:
        response = program.post(f"customers/{customer.pk}/notes", {"note": str(events)}, **KEY)
        assert response.status_code == 201, response.content

    while True:
        events += 1
        KeptAnswer.objects.all().delete()
        answered = wait(forked(partial(struck, events, send))) == 0
        send()
        done = Fact.objects.filter(kind="noted", data__note=str(events)).count()
        if done != 1:
            wrong.append(f"event {events}: done {done} times")
        if answered or (wrong and not KEY):
            break
    print(json.dumps({"events": events - 1, "wrong": wrong}))


if __name__ == "__main__":
    bring_up_to_date()
    main()

"""A webhook is told of every fact once it is committed, signed, and of nothing that its owner may not see."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from liuke.customers.models import Customer, Fact
from liuke.customers.records.actions import register
from liuke.customers.timeline.actions import add_note
from liuke.platform.access.rules import Denied
from liuke.platform.jobs.actions import work
from liuke.platform.models import AuditEntry, Delivery, Job, User, Webhook
from liuke.platform.outbound.tests.receiver import HOST, Receiver, listening
from liuke.platform.preferences.actions import change
from liuke.platform.users.actions import deactivate
from liuke.platform.webhooks import actions
from liuke.platform.webhooks.rules import PAUSES


@pytest.fixture
def receiver(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    change("webhooks.hosts", f"other.example.com {HOST}", by=None, now=now)
    with listening(monkeypatch) as found:
        yield found


@pytest.fixture
def hook(receiver: Receiver, olga: User, now: datetime) -> Webhook:
    made, _secret = actions.add_webhook(url=receiver.url, topics=["contacts", "changes"], by=olga, now=now)
    return made


@pytest.fixture
def lantern(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Lantern Ltd")


def states() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def test_it_is_told_that_there_is_something_to_read(
    hook: Webhook, receiver: Receiver, alice: User, now: datetime
) -> None:
    customer = register(by=alice, now=now, name="Lantern Ltd")
    add_note(customer, note="a secret of theirs", by=alice, now=now)
    work(now=now)
    told = [json.loads(body) for _headers, body in receiver.heard]
    assert [one["type"] for one in told] == ["fact.registered", "fact.noted"]
    fact = Fact.objects.get(kind="noted")
    assert told[1]["data"] == {
        "fact_id": fact.pk,
        "kind": "noted",
        "at": "2026-03-02T01:30:00Z",
        "customer_id": customer.pk,
        "customer_number": customer.number,
        "read": f"/api/v1/customers/{customer.pk}/timeline?kind=noted",
    }
    assert b"secret" not in receiver.heard[1][1]
    assert b"Lantern" not in receiver.heard[1][1]
    assert states() == ["delivered", "delivered"]


def test_it_is_signed_over_id_timestamp_and_body(
    receiver: Receiver, olga: User, lantern: Customer, now: datetime
) -> None:
    hook, shown = actions.add_webhook(url=receiver.url, topics=["contacts"], by=olga, now=now)
    actions.ping(hook, by=olga, now=now)
    work(now=now)
    headers, body = receiver.heard[0]
    told = {name.lower(): value for name, value in headers.items()}
    assert signed(shown, told, body) == told["webhook-signature"]
    new = actions.rotate(hook, by=olga, now=now)
    actions.ping(hook, by=olga, now=now)
    work(now=now)
    headers, body = receiver.heard[1]
    told = {name.lower(): value for name, value in headers.items()}
    assert told["webhook-signature"].split() == [signed(new, told, body), signed(shown, told, body)]
    later = now + timedelta(hours=25)
    actions.ping(hook, by=olga, now=later)
    work(now=later)
    headers, body = receiver.heard[2]
    told = {name.lower(): value for name, value in headers.items()}
    assert told["webhook-signature"] == signed(new, told, body), "after a day the old secret is over"


def signed(shown: str, headers: dict[str, str], body: bytes) -> str:
    """As a receiver works it out."""
    secret = base64.b64decode(shown.removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()


def test_no_secret_stands_in_a_table(hook: Webhook) -> None:
    shown = base64.b64encode(hook.secret()).decode()
    assert shown not in str(Webhook.objects.values().get())
    assert shown not in str(list(AuditEntry.objects.values()))


def test_what_is_rolled_back_is_told_to_nobody(
    hook: Webhook, receiver: Receiver, lantern: Customer, alice: User, now: datetime
) -> None:
    before = Delivery.objects.count()
    with transaction.atomic():
        add_note(lantern, note="x", by=alice, now=now)
        assert Delivery.objects.count() == before + 1
        transaction.set_rollback(True)
    assert Delivery.objects.count() == before


def test_other_topics_are_not_told(
    receiver: Receiver, olga: User, lantern: Customer, alice: User, now: datetime
) -> None:
    actions.add_webhook(url=receiver.url, topics=["orders"], by=olga, now=now)
    add_note(lantern, note="x", by=alice, now=now)
    assert not Delivery.objects.exists()
    assert not Job.objects.filter(name=actions.JOB).exists()


def test_what_its_owner_may_not_see_when_it_is_sent_is_withheld(
    hook: Webhook, receiver: Receiver, alice: User, olga: User, sue: User, now: datetime
) -> None:
    """Olga saw everybody when the fact was told; when it is sent she has only her own."""
    register(by=alice, now=now, name="Lantern Ltd")
    olga.role = alice.role
    olga.save()
    work(now=now)
    assert (states(), receiver.heard) == (["withheld"], [])


def test_whoever_left_is_told_nothing_more(
    hook: Webhook, receiver: Receiver, alice: User, olga: User, sue: User, now: datetime
) -> None:
    sue.role = olga.role  # somebody must be left who manages colleagues
    sue.save()
    register(by=alice, now=now, name="Lantern Ltd")
    deactivate(olga, by=None, now=now)
    work(now=now)
    assert (states(), receiver.heard) == (["withheld"], [])


def test_a_receiver_that_is_down_is_tried_again_in_order(
    lantern: Customer, hook: Webhook, receiver: Receiver, alice: User, olga: User, now: datetime
) -> None:
    receiver.answers = [503, 500]
    add_note(lantern, note="first", by=alice, now=now)
    add_note(lantern, note="second", by=alice, now=now)
    work(now=now)
    assert len(receiver.heard) == 1, "the second waits with the first"
    at = now + PAUSES[0]
    Job.objects.all().delete()
    actions.wake(now=at)
    work(now=at)
    assert len(receiver.heard) == 2
    at += PAUSES[1]
    actions.wake(now=at)
    work(now=at)
    assert states() == ["delivered", "delivered"]
    ids = [json.loads(body)["data"]["fact_id"] for _headers, body in receiver.heard]
    assert ids == [ids[0], ids[0], ids[0], ids[3]]
    assert ids[3] > ids[0]
    assert len({headers["webhook-id"] for headers, _body in receiver.heard[:3]}) == 1, "the id stays the same"


def test_given_up_it_waits_for_somebody_to_send_it_again(
    hook: Webhook, receiver: Receiver, olga: User, now: datetime
) -> None:
    receiver.answers = [500] * (len(PAUSES) + 1)
    actions.ping(hook, by=olga, now=now)
    at = now
    for pause in (*PAUSES, timedelta(0)):
        actions.wake(now=at)
        work(now=at)
        at += pause
    assert (states(), len(receiver.heard)) == (["dead"], len(PAUSES) + 1)
    assert actions.send_again(Delivery.objects.get(), by=olga, now=at)
    work(now=at)
    assert states() == ["delivered"]
    assert AuditEntry.objects.filter(action="webhooks.send_again", actor=olga).count() == 1


def test_a_redirect_is_a_failure(hook: Webhook, receiver: Receiver, olga: User, now: datetime) -> None:
    receiver.answers = [302]
    actions.ping(hook, by=olga, now=now)
    work(now=now)
    assert (states(), Delivery.objects.get().status) == (["queued"], 302)


def test_a_host_that_is_allowed_no_longer_is_not_called(
    hook: Webhook, receiver: Receiver, olga: User, now: datetime
) -> None:
    actions.ping(hook, by=olga, now=now)
    change("webhooks.hosts", "", by=None, now=now)
    work(now=now)
    assert receiver.heard == []
    assert Delivery.objects.get().error.startswith("This host is not among")


@pytest.mark.parametrize(
    "url", ["https://evil.example.com/", f"https://{HOST}.evil.com/", "http://127.0.0.1/", "x"]
)
def test_only_allowed_hosts(receiver: Receiver, olga: User, now: datetime, url: str) -> None:
    with pytest.raises(ValidationError):
        actions.add_webhook(url=url, topics=["orders"], by=olga, now=now)
    assert not Webhook.objects.exists()


def test_it_takes_who_manages_the_settings(
    hook: Webhook, receiver: Receiver, alice: User, now: datetime
) -> None:
    with pytest.raises(Denied):
        actions.add_webhook(url=receiver.url, topics=["orders"], by=alice, now=now)
    for act in (actions.ping, actions.rotate, actions.remove):
        with pytest.raises(Denied):
            act(hook, by=alice, now=now)


def test_paused_it_collects_and_then_goes_on(
    hook: Webhook, receiver: Receiver, lantern: Customer, alice: User, olga: User, now: datetime
) -> None:
    actions.set_active(hook, False, by=olga, now=now)
    add_note(lantern, note="x", by=alice, now=now)
    work(now=now)
    assert receiver.heard == []
    actions.set_active(hook, True, by=olga, now=now)
    work(now=now)
    assert len(receiver.heard) == len(states())


def test_what_a_dead_worker_was_sending_is_sent_again(
    hook: Webhook, receiver: Receiver, olga: User, now: datetime
) -> None:
    sent = actions.ping(hook, by=olga, now=now)
    assert Delivery.objects.claim(sent.pk, now, now + timedelta(minutes=2))
    work(now=now)
    assert receiver.heard == [], "somebody is sending it"
    later = now + timedelta(minutes=3)
    actions.wake(now=later)
    work(now=later)
    assert states() == ["delivered"]


def test_one_that_is_down_holds_up_no_other(
    lantern: Customer, hook: Webhook, receiver: Receiver, alice: User, olga: User, now: datetime
) -> None:
    url = receiver.url.replace("a=1", "down=1")
    down, _secret = actions.add_webhook(url=url, topics=["contacts"], by=olga, now=now)

    def answer(handler: Any) -> None:
        handler.send_response(500 if "down" in handler.path else 200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    receiver.act = answer
    for number in range(3):
        add_note(lantern, note=str(number), by=alice, now=now)
    work(now=now)
    assert [one.state for one in hook.deliveries.order_by("id")] == ["delivered"] * 3
    assert [one.attempts for one in down.deliveries.order_by("id")] == [1, 0, 0]

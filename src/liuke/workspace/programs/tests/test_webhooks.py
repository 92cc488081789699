from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from liuke.platform.models import AuditEntry, Delivery, User, Webhook
from liuke.platform.preferences.actions import change
from liuke.platform.webhooks.actions import ping

Desk = Callable[[User], Client]
TYPED = {"url": "https://hooks.example.com/liuke", "topics": ["orders", "contacts"]}


@pytest.fixture
def desk_of_olga(olga: User, desk: Desk, now: datetime) -> Client:
    change("webhooks.hosts", "hooks.example.com", by=None, now=now)
    return desk(olga)


def test_one_is_set_up_and_its_secret_shown_once(desk_of_olga: Client, olga: User) -> None:
    page = desk_of_olga.post("/settings/webhooks/", TYPED).content.decode()
    secret = re.search(r"whsec_[\w+/=]+", page)
    assert secret
    hook = Webhook.objects.get()
    assert (hook.owner, hook.topics) == (olga, ["contacts", "orders"])
    assert secret[0] not in desk_of_olga.get("/settings/webhooks/").content.decode()
    assert secret[0] not in desk_of_olga.get(f"/settings/webhooks/{hook.pk}/").content.decode()


def test_a_host_that_nobody_allowed_is_refused(desk_of_olga: Client) -> None:
    response = desk_of_olga.post("/settings/webhooks/", TYPED | {"url": "https://evil.example.com/"})
    assert response.status_code == 422
    assert "This host is not among those" in response.content.decode()
    assert not Webhook.objects.exists()


def test_its_log_shows_what_was_given_up_and_sends_it_again(
    desk_of_olga: Client, olga: User, moment: datetime
) -> None:
    desk_of_olga.post("/settings/webhooks/", TYPED)
    hook = Webhook.objects.get()
    sent = ping(hook, by=olga, now=moment)
    Delivery.objects.update(state="dead", status=500, attempts=10, ended_at=moment)
    here = f"/settings/webhooks/{hook.pk}/"
    page = desk_of_olga.get(f"{here}?state=dead").content.decode()
    assert "Test message" in page
    assert "HTTP 500" in page
    desk_of_olga.post(f"{here}deliveries/{sent.pk}/attempts/")
    assert Delivery.objects.get().state == "queued"


def test_it_is_pinged_paused_given_a_new_secret_and_removed(desk_of_olga: Client) -> None:
    desk_of_olga.post("/settings/webhooks/", TYPED)
    here = f"/settings/webhooks/{Webhook.objects.get().pk}/"
    desk_of_olga.post(f"{here}ping/")
    assert Delivery.objects.get().event == "ping"
    desk_of_olga.post(f"{here}activity/")
    assert not Webhook.objects.get().is_active
    assert "whsec_" in desk_of_olga.post(f"{here}secret/").content.decode()
    desk_of_olga.post(f"{here}removal/")
    assert not Webhook.objects.exists()
    told = set(AuditEntry.objects.filter(action__startswith="webhooks.").values_list("action", flat=True))
    assert told == {f"webhooks.{what}" for what in ("add", "ping", "edit", "rotate", "remove")}

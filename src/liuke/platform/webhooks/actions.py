"""Webhooks: set up by whoever manages the settings, queued with what they tell of, sent by a job."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _

from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit.actions import record
from liuke.platform.jobs.actions import enqueue
from liuke.platform.jobs.models import Job
from liuke.platform.outbound.actions import post
from liuke.platform.outbound.rules import Refused, target
from liuke.platform.preferences.actions import get
from liuke.platform.webhooks.models import Delivery, Webhook
from liuke.platform.webhooks.rules import (
    HOST_NOT_ALLOWED,
    LEASE,
    WITHHELD,
    hosts_in,
    pause_after,
    payload,
    shown_secret,
    signature,
)

if TYPE_CHECKING:
    from liuke.platform.models import User

log = logging.getLogger(__name__)
JOB = "webhooks.deliver"
USER_AGENT = "Liuke-Webhooks/1"


# --- set up ---------------------------------------------------------------------------------------------------------


def add_webhook(*, url: str, topics: Iterable[str], by: User, now: datetime) -> tuple[Webhook, str]:
    """A new one and its secret, which is shown this once. It is told what `by` may see."""
    permit(by, Right.MANAGE_SETTINGS)
    try:
        _check_url(url)
    except Refused as refused:
        raise ValidationError({"url": _(refused.message)}) from None
    chosen = sorted(set(topics))
    if not chosen:
        raise ValidationError({"topics": _("Choose what it is told of.")})
    with transaction.atomic():
        hook = Webhook.objects.create(
            owner=by, url=url, topics=chosen, salt=secrets.token_hex(16), created_at=now
        )
        record("webhooks.add", by=by, now=now, subject=hook, changes={"topics": [None, chosen]})
    return hook, shown_secret(hook.secret())


def _check_url(url: str) -> None:
    """Raises Refused unless it is an address of a host that the company allows."""
    if target(url).host not in hosts_in(get("webhooks.hosts")):
        raise Refused(HOST_NOT_ALLOWED)


def set_active(hook: Webhook, active: bool, *, by: User, now: datetime) -> None:
    """Paused, it collects and sends nothing; what happens meanwhile is told once it goes on."""
    permit(by, Right.MANAGE_SETTINGS)
    with transaction.atomic():
        if Webhook.objects.filter(pk=hook.pk, is_active=not active).update(
            is_active=active, quiet_until=None
        ):
            record("webhooks.edit", by=by, now=now, subject=hook, changes={"active": [not active, active]})
            if active:
                wake(now=now)


def rotate(hook: Webhook, *, by: User, now: datetime) -> str:
    """A new secret, shown this once; for a day the old one signs as well."""
    permit(by, Right.MANAGE_SETTINGS)
    with transaction.atomic():
        held = Webhook.objects.select_for_update().get(pk=hook.pk)
        held.generation, held.rotated_at = held.generation + 1, now
        held.save(update_fields=["generation", "rotated_at"])
        record("webhooks.rotate", by=by, now=now, subject=held)
    return shown_secret(held.secret())


def remove(hook: Webhook, *, by: User, now: datetime) -> None:
    permit(by, Right.MANAGE_SETTINGS)
    with transaction.atomic():
        record("webhooks.remove", by=by, now=now, subject=hook, changes={"url": [hook.url, None]})
        Webhook.objects.filter(pk=hook.pk).delete()


def ping(hook: Webhook, *, by: User, now: datetime) -> Delivery:
    """A message without a fact, to see whether it arrives."""
    permit(by, Right.MANAGE_SETTINGS)
    with transaction.atomic():
        sent = Delivery.objects.create(webhook=hook, event="ping", next_at=now, created_at=now)
        Webhook.objects.filter(pk=hook.pk).update(quiet_until=None)
        wake(now=now)
        record("webhooks.ping", by=by, now=now, subject=hook)
    return sent


def send_again(delivery: Delivery, *, by: User, now: datetime) -> bool:
    """Gives one that was given up or withheld all its attempts again. False: it was neither."""
    permit(by, Right.MANAGE_SETTINGS)
    with transaction.atomic():
        again = Delivery.objects.filter(pk=delivery.pk, state__in=["dead", "withheld", "delivered"]).update(
            state="queued", attempts=0, next_at=now, ended_at=None, error="", status=None
        )
        if again:
            Webhook.objects.filter(pk=delivery.webhook_id).update(quiet_until=None)
            wake(now=now)
            record("webhooks.send_again", by=by, now=now, subject=delivery.webhook)
    return bool(again)


# --- the outbox -----------------------------------------------------------------------------------------------------


def publish(told: Mapping[str, Sequence[tuple[str, int]]], *, subject: str, now: datetime) -> None:
    """`told`: topic -> (event, id). Queued for every webhook that is told of the topic, in the caller's transaction: so it
    is told exactly of what has happened. The same twice is one message."""
    for hook in Webhook.objects.all():  # a company has a handful, and nearly always none
        rows = [
            Delivery(webhook=hook, event=event, subject=subject, subject_id=pk, next_at=now, created_at=now)
            for topic in hook.topics
            for event, pk in told.get(topic, ())
        ]
        if rows:
            Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
            wake(now=now)


def wake(*, now: datetime) -> None:
    """A job that sends what is due, unless one waits already; the clock comes by each minute anyway. Without a key: two
    who wait for one another's key and row at once would lock each other out."""
    if not Job.objects.filter(name=JOB, state="waiting", run_at__lte=now).exists():
        enqueue(JOB, by=None, now=now)


# --- sending --------------------------------------------------------------------------------------------------------


def attempt(pk: int, *, now: datetime) -> str:
    """One attempt at one message: claimed in one transaction, sent outside of any, noted in another. Killed in between,
    it is sent again once the lease is over."""
    if not Delivery.objects.claim(pk, now, now + LEASE):
        return "taken"
    held = Delivery.objects.select_related("webhook__owner__role", "webhook__owner__team").get(pk=pk)
    told = _told(held)
    if told is None:
        return _end(held, "withheld", now=now, error=WITHHELD)
    body = json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
    try:
        _check_url(held.webhook.url)
        answer = post(held.webhook.url, body, _headers(held, body, now))
    except Refused as refused:
        return _failed(held, now=now, error=refused.message)
    except OSError as error:
        return _failed(held, now=now, error=type(error).__name__)
    if 200 <= answer.status < 300:
        return _end(held, "delivered", now=now, status=answer.status)
    return _failed(held, now=now, status=answer.status)


def _told(held: Delivery) -> dict[str, Any] | None:
    """As little as says that there is something to read; asked of what the owner may see at this moment."""
    message: dict[str, Any] = {"type": held.event, "timestamp": held.created_at}
    if held.subject_id is None:
        return {**message, "data": {}}
    owner: User = held.webhook.owner
    if not owner.may(Right.VIEW_CUSTOMERS):
        return None
    data = payload(held.subject, held.subject_id, owner)
    return None if data is None else {**message, "data": data}


def _headers(held: Delivery, body: bytes, now: datetime) -> dict[str, str]:
    at, hook = int(now.timestamp()), held.webhook
    signed = signature(hook.secrets(now), message_id=held.message_id, timestamp=at, body=body)
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": held.message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": signed,
    }


@transaction.atomic
def _end(held: Delivery, state: str, *, now: datetime, status: int | None = None, error: str = "") -> str:
    ours = Delivery.objects.filter(pk=held.pk, state="sending", attempts=held.attempts)
    ours.update(state=state, status=status, error=error[:200], ended_at=now, lease_until=None)
    if state == "delivered":
        Webhook.objects.filter(pk=held.webhook_id, quiet_until__isnull=False).update(quiet_until=None)
    return state


@transaction.atomic
def _failed(held: Delivery, *, now: datetime, status: int | None = None, error: str = "") -> str:
    """Later again; the others of this webhook wait with it, so that a receiver that is down is not beset."""
    pause = pause_after(held.attempts)
    if pause is None:
        Webhook.objects.filter(pk=held.webhook_id).update(quiet_until=None)
        return _end(held, "dead", now=now, status=status, error=error)
    ours = Delivery.objects.filter(pk=held.pk, state="sending", attempts=held.attempts)
    ours.update(state="queued", status=status, error=error[:200], next_at=now + pause, lease_until=None)
    Webhook.objects.filter(pk=held.webhook_id).update(quiet_until=now + pause)
    return "queued"

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, QuerySet, UniqueConstraint
from django.utils.crypto import salted_hmac

from liuke.platform.webhooks.rules import OLD_SECRET_HOURS, STATES


def states() -> list[tuple[str, str]]:
    return [(code, name) for code, (name, _tone) in STATES.items()]


class Webhook(models.Model):
    """An address that is told of facts. What it is told is bounded by what its owner may see when it is sent."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=500)
    topics = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    # Secrets are worked out from the company's own key and these, and so stand in no table.
    salt = models.CharField(max_length=40)
    generation = models.PositiveIntegerField(default=1)
    rotated_at = models.DateTimeField(null=True)
    # after a failure all of its deliveries wait until then, in their order
    quiet_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [CheckConstraint(condition=~Q(url=""), name="webhook_has_url")]

    def __str__(self) -> str:
        return self.url

    def secret(self, generation: int | None = None) -> bytes:
        value = f"{self.salt}.{generation or self.generation}"
        return salted_hmac("liuke.webhooks", value, algorithm="sha256").digest()

    def secrets(self, now: datetime) -> list[bytes]:
        """By which it signs: the present one, and for a day after a rotation the one before."""
        fresh = self.rotated_at and now < self.rotated_at + timedelta(hours=OLD_SECRET_HOURS)
        generations = (
            [self.generation, self.generation - 1] if fresh and self.generation > 1 else [self.generation]
        )
        return [self.secret(generation) for generation in generations]


class DeliveryQuerySet(QuerySet["Delivery"]):
    def due(self, now: datetime) -> DeliveryQuerySet:
        """To be sent now: queued, or left behind by a worker that died while sending."""
        waiting = Q(state="queued", next_at__lte=now) | Q(state="sending", lease_until__lt=now)
        silent = Q(webhook__quiet_until__isnull=True) | Q(webhook__quiet_until__lte=now)
        return self.filter(waiting & silent, webhook__is_active=True).order_by("id")

    def claim(self, pk: int, now: datetime, until: datetime) -> bool:
        """Takes it for one attempt; `state` in the statement decides between two workers who come at once."""
        free = Q(state="queued") | Q(state="sending", lease_until__lt=now)
        taken = self.filter(free, pk=pk).update(
            state="sending", lease_until=until, attempts=F("attempts") + 1
        )
        return bool(taken)


class Delivery(models.Model):
    """One message to one webhook, written in the transaction of what it tells of. Sent at least once: who is told twice
    knows it by the id."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)  # "fact.purchased", "ping"
    subject = models.CharField(max_length=40, blank=True)  # whose payload it is: rules.payload_of
    subject_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=states, default="queued")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)  # what the receiver answered last
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            # the same fact told twice is one message
            UniqueConstraint(
                fields=["webhook", "subject", "subject_id"],
                condition=Q(subject_id__isnull=False),
                name="webhook_delivery_once",
            ),
        ]
        indexes = [
            # serves: what is due, oldest first
            models.Index(fields=["state", "next_at"], name="webhook_delivery_due"),
            # serves: a webhook's log, and what it has given up
            models.Index(fields=["webhook", "state", "-id"], name="webhook_delivery_log"),
        ]

    def __str__(self) -> str:
        return f"{self.event} #{self.pk}"

    @property
    def message_id(self) -> str:
        return f"msg_{self.webhook_id}_{self.pk}"

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet

from liuke.customers.facts.models import Fact
from liuke.platform.files.models import StoredFile

if TYPE_CHECKING:
    from liuke.platform.models import User


class AttachmentQuerySet(QuerySet["Attachment"]):
    def for_user(self, user: User) -> AttachmentQuerySet:
        customers = apps.get_model("customers", "Customer").objects  # as the ledger does it
        return self.filter(customers.reach(user, user.role.read_scope, path="fact__customer__"))


class Attachment(models.Model):
    """A file that hangs on an entry of the timeline. The entry names it by id, name and size, and never changes;
    once it is taken away its bytes are gone, and who did so and why stays.
    """

    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="attachments")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=255)  # as the person called it
    size = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    removal_reason = models.CharField(max_length=200, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            CheckConstraint(
                condition=Q(file__isnull=False, removed_at=None) | Q(file=None, removed_at__isnull=False),
                name="attachment_there_or_removed",
            )
        ]

    def __str__(self) -> str:
        return self.name

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from liuke.platform.access.rules import Scope

if TYPE_CHECKING:
    from liuke.platform.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def targets() -> list[tuple[str, StrOrPromise]]:
    return [("customers", _("customers")), ("purchases", _("purchases"))]


def states() -> list[tuple[str, StrOrPromise]]:
    return [
        ("uploaded", _("uploaded")),  # looked at, columns matched, nothing counted yet
        ("checked", _("checked")),  # dry run done
        ("running", _("running")),
        ("done", _("done")),
        ("failed", _("failed")),
        ("undoing", _("being undone")),  # the only state in which the ledger lets the batch's facts go
        ("undone", _("undone")),
    ]


class ImportBatchQuerySet(QuerySet["ImportBatch"]):
    def for_user(self, user: User) -> ImportBatchQuerySet:
        """Everybody's for those who may write everywhere; one's own otherwise."""
        if not user.is_active:
            return self.none()
        return self if user.role.write_scope == Scope.ALL else self.filter(created_by=user)

    def unfinished(self) -> ImportBatchQuerySet:
        return self.filter(state__in=["running", "undoing"])


class ImportBatch(models.Model):
    """One file brought in: how it is read, how far it got, what came of it. Undo is by batch."""

    target = models.CharField(max_length=10, choices=targets)
    state = models.CharField(max_length=10, choices=states, default="uploaded")
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    reading = models.JSONField(default=dict)  # format, encoding, delimiter, sheet: as detected or chosen
    mapping = models.JSONField(default=dict)  # field -> column
    choices = models.JSONField(default=dict)  # date order, currency, zone, blanks
    counts = models.JSONField(default=dict)  # rows, created, updated, unchanged, rejected, aside …
    problems = models.JSONField(default=list)  # the first ones, as codes with figures
    rejects = models.ForeignKey(
        "platform.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # how many staged orders or customers are in; moves with each portion's commit
    cursor = models.BigIntegerField(default=0)
    job = models.ForeignKey(
        "platform.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.target} #{self.pk}"

    @property
    def is_busy(self) -> bool:
        return self.state in {"running", "undoing"}


class ImportReplacement(models.Model):
    """What a row looked like before a batch changed it, so that undo puts it back."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="replacements")
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    before = models.JSONField()

    class Meta:
        ordering = ["batch", "id"]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"


class ImportPart(models.Model):
    """What came in of an order that a file could bring in part only: a row of it stayed out.

    The corrected row, brought later, adds to the order instead of taking its place.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="parts")
    number = models.CharField(max_length=60)
    digest = models.BinaryField(max_length=16)

    class Meta:
        ordering = ["batch", "id"]
        # serves: is this order one of which a part is missing?
        indexes = [models.Index(fields=["number"], name="import_part_number")]

    def __str__(self) -> str:
        return self.number

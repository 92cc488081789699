from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from liuke.customers.undoing.rules import AGAIN
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

    @property
    def may_be_undone_again(self) -> bool:
        """Customers stayed for another import's sake, and that one is out of the way."""
        waiting = self.kept.filter(what="customer", why__in=AGAIN)
        return waiting.exists() and not waiting.exclude(other=None).exclude(other__state="undone").exists()


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


class ImportKeptQuerySet(QuerySet["ImportKept"]):
    def for_user(self, user: User) -> ImportKeptQuerySet:
        """Of the customers whom `user` may see."""
        customers = apps.get_model("customers", "Customer").objects  # by name: see models.py of customers
        return self.filter(customers.all().reach(user, user.role.read_scope, path="customer__"))


class ImportKept(models.Model):
    """What an undo left as it is because others have built on it: a customer, or a field of one, or a person there."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="kept")
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=40)  # customer, contact, or the field's name
    why = models.CharField(max_length=12)  # undoing.rules.WHY
    # whose rows hold it: undone, this one can be undone as well
    other = models.ForeignKey(ImportBatch, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ImportKeptQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "id"]

    def __str__(self) -> str:
        return f"{self.what} of {self.customer_id}"

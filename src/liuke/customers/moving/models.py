from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from liuke.platform.models import User


def states() -> list[tuple[str, StrOrPromise]]:
    """Moving and undoing last as long as a transaction: the ledger's trigger lets facts change hands only then."""
    return [("moving", _("moving")), ("done", _("done")), ("undoing", _("undoing")), ("undone", _("undone"))]


class MergeQuerySet(QuerySet["Merge"]):
    def for_user(self, user: User) -> MergeQuerySet:
        """Those whose survivor `user` may read."""
        customers = apps.get_model("customers", "Customer").objects  # by name: it lies above
        return self.filter(customers.reach(user, user.role.read_scope, path="survivor__"))

    def standing(self) -> MergeQuerySet:
        return self.filter(state="done")


class Merge(models.Model):
    """Several records made one, with every step that it took, so that it can be taken back."""

    survivor = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="merges")
    state = models.CharField(max_length=8, choices=states, default="moving")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"#{self.pk} {self.survivor_id}"


class MergeStep(models.Model):
    """What a merge did to rows of one table: `moved` them, `altered` one, put one `aside`, or `added` one.

    Undone the last first. What is put aside is kept here whole, under its own id.
    """

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(max_length=8)
    model = models.CharField(max_length=60)
    field = models.CharField(max_length=40, blank=True)  # moved: the column that names the customer
    from_id = models.BigIntegerField(null=True)  # moved: whose they were
    ids = models.JSONField(default=list)
    values = models.JSONField(default=dict)  # altered: column -> [old, new]; aside: the row

    class Meta:
        ordering = ["merge", "id"]

    def __str__(self) -> str:
        return f"{self.what} {self.model} {self.from_id or ''}"

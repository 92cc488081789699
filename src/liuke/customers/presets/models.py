from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.db import models
from django.db.models import QuerySet, UniqueConstraint

from liuke.customers.imports.models import targets


class ImportPresetQuerySet(QuerySet["ImportPreset"]):
    def among(self, allowed: Collection[str]) -> ImportPresetQuerySet:
        """For those targets that somebody may bring in."""
        return self.filter(target__in=allowed)


class ImportPreset(models.Model):
    """How files of one kind are read: which column goes into which field, and what can't be seen from the file.

    The company's: whoever may import such files uses it.
    """

    target = models.CharField(max_length=10, choices=targets)
    name = models.CharField(max_length=80)
    columns = models.JSONField()  # the headings of the file that it was made from
    digest = models.CharField(max_length=64)  # of these, in no order
    mapping = models.JSONField()  # field -> column, null where none is to go into it
    choices = models.JSONField(default=dict)  # key, currency, zone, date order, blanks
    header_row = models.PositiveSmallIntegerField(null=True)  # where it had to be chosen by hand
    own = models.JSONField(default=dict)  # of the company's own fields -> what each was called
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    saved_at = models.DateTimeField()

    objects = ImportPresetQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [UniqueConstraint(fields=["target", "name"], name="import_preset_name")]

    def __str__(self) -> str:
        return self.name

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from liuke.customers.records.models import Customer


class Department(models.Model):
    """A department of the customer and where it sits: in which office are accounts payable? (CT02, CQ04)"""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="departments")
    name = models.CharField(_("department"), max_length=80)
    office = models.CharField(_("office"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=240, blank=True)

    class Meta:
        ordering = ["customer", "name", "id"]
        constraints = [
            UniqueConstraint(fields=["customer", "name"], name="department_name_unique"),
            CheckConstraint(condition=~Q(name=""), name="department_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

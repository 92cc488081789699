from __future__ import annotations

from django.db import models


class Former(models.Model):
    """A record that was merged into another: whoever asks for its old id, number or name is led to the survivor.

    It has no row among the customers any more, so no list, count or file can show it by mistake.
    """

    merge = models.ForeignKey("customers.Merge", on_delete=models.CASCADE, related_name="former")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="former")
    old_id = models.BigIntegerField(unique=True)
    number = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

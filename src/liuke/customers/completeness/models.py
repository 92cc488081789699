from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q


class Card(models.Model):
    """How a customer's card stands: worked out whenever it changes, so that lists sort and filter by it.

    Beside the record, not in it: it is written when something else was, and a narrow table is quickly walked.
    """

    customer = models.OneToOneField(
        "customers.Customer", on_delete=models.CASCADE, primary_key=True, related_name="card"
    )
    percent = models.PositiveSmallIntegerField()
    missing = models.JSONField(default=list, blank=True)  # names, in the order in which they are asked for
    verified_at = (
        models.DateTimeField()
    )  # when somebody last said that it is right; first, when he was registered
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # a supervisor wants it completed (DB10), until he finds it in order
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    return_note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [CheckConstraint(condition=Q(percent__lte=100), name="card_percent")]
        indexes = [
            # serves: the list by completeness, and its mean
            models.Index(fields=["percent", "customer"], name="card_percent"),
            # serves: the cards that nobody has checked for long
            models.Index(fields=["verified_at", "customer"], name="card_verified"),
            # serves: the cards that supervisors have returned
            models.Index(
                fields=["returned_at"], name="card_returned", condition=Q(returned_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.percent}"

    @property
    def share(self) -> float:
        return self.percent / 100

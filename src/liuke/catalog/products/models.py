from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def kinds() -> list[tuple[str, StrOrPromise]]:
    return [("goods", _("goods")), ("service", _("service")), ("charge", _("charge or discount"))]


class Product(models.Model):
    """What we sell. A `charge` (postage, bank fee, manual discount) is on an invoice but is no product."""

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=8, choices=kinds, default="goods")
    category = models.CharField(max_length=80, blank=True)
    # the import that made it; its undo is served by the index
    batch = models.BigIntegerField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["code"]
        constraints = [
            UniqueConstraint(fields=["code"], name="product_code_unique"),
            CheckConstraint(condition=~Q(code=""), name="product_has_code"),
        ]

    def __str__(self) -> str:
        return self.name or self.code

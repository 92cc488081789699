from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import (
    Aggregate,
    Case,
    CharField,
    CheckConstraint,
    F,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UniqueConstraint,
    When,
)
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from liuke.customers.fields.rules import BLOCKS, TYPES, Definition, Option, Row
from liuke.customers.records.models import Customer

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from liuke.platform.models import User


def field_types() -> list[tuple[str, StrOrPromise]]:
    return [(code, _(name)) for code, name in TYPES.items()]


def blocks() -> list[tuple[str, StrOrPromise]]:
    """The four blocks of a card (DB02)."""
    return [(code, _(name)) for code, name in BLOCKS.items()]


class CustomFieldQuerySet(QuerySet["CustomField"]):
    def in_use(self) -> CustomFieldQuerySet:
        return self.filter(archived_at=None)


class CustomField(models.Model):
    """A field that the company has added to its cards. Archived, it is asked and shown no more; its values stay."""

    type = models.CharField(_("type"), max_length=10, choices=field_types)
    names = models.JSONField()  # language -> name; at least one
    helps = models.JSONField(default=dict, blank=True)
    kind = models.CharField(max_length=10, blank=True, default="")  # blank: of every kind
    scope = models.CharField(max_length=10, blank=True, default="")
    block = models.CharField(_("block of the card"), max_length=16, choices=blocks, default="basic")
    options = models.JSONField(default=list, blank=True)  # of lists: [code, name, still offered]
    decimals = models.PositiveSmallIntegerField(
        default=0
    )  # digits behind the point, fixed: values count in them
    currency = models.CharField(max_length=3, blank=True, default="")  # of money, fixed too
    required = models.BooleanField(default=False)  # counts for a complete card
    places = models.JSONField(default=list, blank=True)
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [CheckConstraint(condition=Q(decimals__lte=6), name="custom_field_decimals")]

    def __str__(self) -> str:
        return self.definition.label(get_language() or "")

    @property
    def definition(self) -> Definition:
        return Definition(
            pk=self.pk,
            type=self.type,
            names=self.names,
            helps=self.helps,
            kind=self.kind,
            scope=self.scope,
            block=self.block,
            options=tuple(Option(*one) for one in self.options),
            decimals=self.decimals,
            currency=self.currency,
            required=self.required,
            places=frozenset(self.places),
            archived=self.archived_at is not None,
        )


class FieldValue(models.Model):
    """What one customer has in one field, in the column of the field's type (rules.COLUMN); of several, a row each."""

    # Both are found by the constraint below and by the indexes: one more of each would only be written.
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="field_values", db_index=False
    )
    field = models.ForeignKey(CustomField, on_delete=models.PROTECT, related_name="values", db_index=False)
    place = models.PositiveSmallIntegerField(default=0)
    text = models.CharField(max_length=240, null=True, blank=True)
    number = models.BigIntegerField(null=True, blank=True)
    day = models.DateField(null=True, blank=True)
    long = models.TextField(null=True, blank=True)
    refers = models.ForeignKey(
        "customers.Customer",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="referred_by",
        db_index=False,
    )

    class Meta:
        ordering = ["customer_id", "field_id", "place"]
        constraints = [
            UniqueConstraint(fields=["customer", "field", "place"], name="field_value_unique"),
            CheckConstraint(
                condition=(
                    Q(text__isnull=False)
                    | Q(number__isnull=False)
                    | Q(day__isnull=False)
                    | Q(long__isnull=False)
                    | Q(refers__isnull=False)
                ),
                name="field_value_has_one",
            ),
        ]
        indexes = [
            # serve: filter and order of the customer list by a field; they hold all that these ask for
            models.Index(
                fields=["field", "text", "customer"], name="field_value_text", condition=Q(text__isnull=False)
            ),
            # serves: the same for figures
            models.Index(
                fields=["field", "number", "customer"],
                name="field_value_number",
                condition=Q(number__isnull=False),
            ),
            # serves: the same for days
            models.Index(
                fields=["field", "day", "customer"], name="field_value_day", condition=Q(day__isnull=False)
            ),
            # serves: the filter by another customer, and what refers to one who goes
            models.Index(
                fields=["refers", "field"], name="field_value_refers", condition=Q(refers__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field_id}: {self.text or self.number or self.day or self.long or self.refers_id}"

    @property
    def row(self) -> Row:
        return Row(self.place, self.text, self.number, self.day, self.long, self.refers_id)


class JSONList(Aggregate):
    """The rows of a group as one JSON list: so a page gets what hangs on its row without a statement of its own."""

    output_field = JSONField()

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:  # type: ignore[override]  # as Django calls it
        name = "JSONB_AGG" if connection.vendor == "postgresql" else "JSON_GROUP_ARRAY"
        return super().as_sql(compiler, connection, function=name, **context)


def held_values(user: User, *, path: str = "pk") -> Subquery:
    """All values of the customer at `path` of the outer row, as `actions.values_from` reads them.

    Of another customer that one refers to the name comes along, where `user` may read him.
    """
    reach = Customer.objects.reach(user, user.role.read_scope, path="refers__")
    name = Case(When(reach, then=F("refers__name")), output_field=CharField()) if reach else F("refers__name")
    row = JSONObject(**{column: column for column in (*Row._fields, "field_id")}, refers=name)
    held = FieldValue.objects.filter(customer=OuterRef(path)).order_by().values("customer")
    return Subquery(held.annotate(all=JSONList(row)).values("all")[:1])

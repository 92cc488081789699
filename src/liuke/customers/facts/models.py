from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, UniqueConstraint, Value
from django.db.models.functions import Cast, Concat

from liuke.customers.facts.rules import CONTACTS, GAVE_WORD, NOT_REACHED, WITHDRAWN_KEY, FactKind

if TYPE_CHECKING:
    from liuke.customers.records.models import Customer
    from liuke.platform.models import User


class FactQuerySet(QuerySet["Fact"]):
    def for_user(self, user: User) -> FactQuerySet:
        customers = apps.get_model("customers", "Customer").objects  # by name: facts lie below the records
        return self.filter(customers.reach(user, user.role.read_scope, path="customer__"))

    def standing(self) -> FactQuerySet:
        """Without what was taken back: the ledger keeps both, and only the timeline shows them."""
        withdrawn = Fact.objects.filter(kind=FactKind.WITHDRAWN, subject_id__isnull=False).order_by()
        return self.exclude(pk__in=withdrawn.values("subject_id"))

    def marked(self) -> FactQuerySet:
        """Each with `withdrawn`: by the key of what takes it back, which is there for a slip only."""
        key = Concat(Value(WITHDRAWN_KEY), Cast(OuterRef("pk"), CharField()))
        found: dict[str, Any] = {"withdrawn": Exists(Fact.objects.filter(key=key))}
        return self.annotate(**found)

    def last_talks(self, customers: Iterable[int]) -> dict[int, datetime | None]:
        """When each of `customers` was last spoken to; None: never."""
        found: dict[int, datetime | None] = dict.fromkeys(customers)
        rows = self.standing().filter(customer__in=list(found), kind__in=CONTACTS).order_by("at", "id")
        for pk, at, data in rows.values_list("customer_id", "at", "data"):
            if data.get("outcome") not in NOT_REACHED:
                found[pk] = at
        return found

    def words_given(self, since: datetime) -> dict[int, datetime]:
        """Who has said since then that they order, or had ordered, and when they last did."""
        rows = self.standing().filter(kind__in=CONTACTS, at__gte=since, data__outcome__in=GAVE_WORD)
        return dict(rows.order_by("at", "id").values_list("customer_id", "at"))

    def before(self, place: tuple[datetime, int]) -> FactQuerySet:
        """Older than (at, id), the place where a page ended."""
        at, pk = place
        return self.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))

    def timeline(
        self,
        customer: Customer,
        user: User,
        kinds: Iterable[str] | None = None,
        before: tuple[datetime, int] | None = None,
        limit: int = 30,
    ) -> FactQuerySet:
        """What happened with `customer`, newest first, as far as `user` may read him; one page."""
        facts = self.for_user(user).filter(customer=customer).select_related("actor")
        if kinds is not None:
            facts = facts.filter(kind__in=list(kinds))
        if before is not None:
            facts = facts.before(before)
        return facts.order_by("-at", "-id")[:limit]


class Fact(models.Model):
    """What happened with a customer: one typed, versioned entry. Append-only by triggers in the database.

    Only the undo of the import that brought an entry may take it out; the trigger looks at the batch's state.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="facts")
    kind = models.CharField(max_length=20)  # rules.FactKind
    version = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()  # when it happened
    recorded_at = models.DateTimeField()  # when we learnt of it
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    subject_type = models.CharField(max_length=40, blank=True)  # "customers.Purchase"
    subject_id = models.BigIntegerField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    cost_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    data = models.JSONField(default=dict)
    key = models.CharField(max_length=120, null=True)  # the same fact told twice is one fact
    batch = models.ForeignKey(
        "customers.ImportBatch", on_delete=models.PROTECT, null=True, blank=True, related_name="facts"
    )

    objects = FactQuerySet.as_manager()

    withdrawn = False  # as `marked` tells

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            UniqueConstraint(fields=["key"], condition=Q(key__isnull=False), name="fact_key_unique")
        ]
        indexes = [
            # serves: the timeline of a customer, newest first, keyset by (at, id)
            models.Index(fields=["customer", "-at", "-id"], name="fact_timeline"),
            # serves: what came in since a fact (webhooks), and reports by kind and time
            models.Index(fields=["kind", "at"], name="fact_kind_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.customer_id} {self.at:%Y-%m-%d}"

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import (
    Case,
    CharField,
    CheckConstraint,
    Q,
    QuerySet,
    SmallIntegerField,
    UniqueConstraint,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.rules import TIMED, asked_text
from liuke.customers.records.models import Customer
from liuke.platform.access.rules import Right, Scope

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from liuke.platform.models import User


def kinds() -> list[tuple[str, StrOrPromise]]:
    return [
        ("risk", _("Churn risk")),
        ("rhythm", _("Time to reorder")),
        ("gap", _("Contact gap")),
        ("promise", _("Promise")),
        ("complaint", _("Complaint")),
        ("task", _("Follow-up")),
    ]


def states() -> list[tuple[str, StrOrPromise]]:
    return [
        ("open", _("open")),
        ("done", _("done")),
        ("dismissed", _("dismissed")),
        ("expired", _("no longer needed")),
    ]


def steps() -> list[tuple[str, StrOrPromise]]:
    return [
        ("created", _("created")),
        ("postponed", _("postponed")),
        ("reassigned", _("reassigned")),
        ("done", _("done")),
        ("dismissed", _("dismissed")),
        ("expired", _("no longer needed")),
        ("taken_back", _("taken back")),
    ]


def late(now: datetime) -> Q:
    """Open matters whose time has passed; whoever asks leaves out the kinds that have none."""
    return Q(late_at__lt=now) | Q(late_at=None, due_at__lt=now)


def kept() -> Q:
    """Done by the hour that was first given: putting it off is our doing, not the customer's."""
    in_time = Q(closed_at__lte=Coalesce("late_at", "due_at"), postponed_count=0)
    return in_time & Q(state__in=("done", "expired"))


class FollowUpQuerySet(QuerySet["FollowUp"]):
    def for_user(self, user: User) -> FollowUpQuerySet:
        """Mine, and those of the people whose rows I may read; always on customers I may read."""
        return self._mine_or(user, Customer.objects.reach(user, user.role.read_scope, path="customer__"))

    def summed_for(self, user: User) -> FollowUpQuerySet:
        """As `for_user`, where all of them are gone through: no row looks its customer up."""
        return self._mine_or(user, Customer.objects.reach_of_sums(user, path="customer__"))

    def workable_by(self, user: User) -> FollowUpQuerySet:
        """Mine, and those on customers I may write."""
        return self._mine_or(user, Customer.objects.reach(user, user.role.write_scope, path="customer__"))

    def _mine_or(self, user: User, reach: Q) -> FollowUpQuerySet:
        if not user.is_active:
            return self.none()
        mine = Q(assignee__in=user.acts_for(timezone.now()))
        return self.filter(mine | reach) if reach else self  # an empty one: everybody's

    def assigned_to(self, user: User, now: datetime) -> FollowUpQuerySet:
        """His own, and those of a colleague for whom he stands in."""
        return self.filter(assignee__in=user.acts_for(now))

    def on_the_list_of(self, user: User, now: datetime) -> FollowUpQuerySet:
        """As `assigned_to`; and, for whoever looks after others' customers without leading them, every complaint there:

        a service desk answers what is open, whosever customer it is.
        """
        mine = Q(assignee__in=user.acts_for(now))
        scope = Scope(user.role.write_scope)
        if user.is_active and scope in (Scope.ALL, Scope.TEAM) and not user.may(Right.SEE_TEAM):
            reach = Customer.objects.reach(user, scope, path="customer__")
            mine |= (Q(kind="complaint") & reach) if reach else Q(kind="complaint")
        return self.filter(mine)

    def open(self) -> FollowUpQuerySet:
        return self.filter(state="open")

    def coming(self, now: datetime) -> FollowUpQuerySet:
        """Planned contacts and promises, the next first (CQ06); what is overdue stands behind, the oldest first."""
        last = Case(When(late(now), then=Value(1)), default=Value(0), output_field=SmallIntegerField())
        return self.open().filter(kind__in=("task", "promise")).order_by(last, "due_at", "id")

    def overdue(self, now: datetime) -> FollowUpQuerySet:
        """Given words, answers owed and plans whose hour has passed; suggestions have none."""
        return self.open().filter(late(now), kind__in=TIMED)

    def settled(self, since: datetime) -> FollowUpQuerySet:
        """What had an hour and has come to an end: done, a complaint also by its answer, or given up."""
        ended = Q(state__in=("done", "dismissed")) | Q(kind="complaint", state="expired")
        recent = self.filter(state__in=("done", "dismissed", "expired"), closed_at__gte=since)
        # By the key of its complaint: a withdrawn one is rare, and asking each row for its steps takes longer than all else.
        slips = Fact.objects.filter(kind=FactKind.WITHDRAWN, subject_id__isnull=False).order_by()
        key = Concat(Value("complaint:"), Cast("subject_id", CharField()))
        return recent.filter(ended, kind__in=TIMED).exclude(
            kind="complaint", key__in=slips.values_list(key, flat=True)
        )

    def in_time(self, since: datetime) -> FollowUpQuerySet:
        return self.settled(since).filter(kept())

    def too_late(self, since: datetime) -> FollowUpQuerySet:
        """Done after its hour, or never."""
        return self.settled(since).exclude(kept())

    def due(self, now: datetime) -> FollowUpQuerySet:
        return self.open().filter(due_at__lte=now)


class FollowUp(models.Model):
    """Something to do for a customer: who, why, by when, and what it is worth. Any domain above adds its own downwards."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="followups")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="followups"
    )
    kind = models.CharField(max_length=10, choices=kinds)
    # in the words of whoever made it; blank: told by its reasons
    title = models.CharField(max_length=200, blank=True)
    reasons = models.JSONField(default=list)  # codes with figures; the interface makes sentences of them
    due_at = models.DateTimeField()  # on the list of the day from then on
    # late after this; empty: after due_at. A birthday is asked for a week ahead, and late only when it has passed.
    late_at = models.DateTimeField(null=True, blank=True)
    weight_minor = models.BigIntegerField(default=0)  # the money it is about, in the company's currency
    rank = models.BigIntegerField(default=0)  # the order of the day: money times urgency, set by rules.rank
    state = models.CharField(max_length=10, choices=states, default="open")
    source = models.CharField(max_length=40)  # "scores.risk", "person"
    key = models.CharField(max_length=120, null=True, blank=True)  # a rule asks once per matter
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    postponed_count = models.PositiveSmallIntegerField(default=0)
    batch = models.ForeignKey(
        "customers.ImportBatch", on_delete=models.PROTECT, null=True, blank=True, related_name="followups"
    )

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["-rank", "due_at", "id"]
        constraints = [
            UniqueConstraint(
                fields=["key"], condition=Q(key__isnull=False, state="open"), name="followup_open_key_unique"
            ),
            CheckConstraint(
                condition=Q(state="open") | Q(closed_at__isnull=False), name="followup_closed_has_instant"
            ),
        ]
        indexes = [
            # serves: somebody's list of the day
            models.Index(fields=["assignee", "state", "-rank", "id"], name="followup_today"),
            # serves: a team's list of the day and its counts: open, due by tonight; read from the index alone, because a
            # large company has ten thousand of them (measured: 2 ms instead of 12)
            models.Index(
                fields=["state", "due_at", "kind", "rank", "assignee", "customer", "late_at"],
                name="followup_due",
            ),
            # serves: what was done today; and what had an hour and has ended of late, read from the index alone (measured
            # with 53,000 within ninety days: 26 ms instead of 42)
            models.Index(
                fields=[
                    "state",
                    "closed_at",
                    "kind",
                    "customer",
                    "due_at",
                    "late_at",
                    "postponed_count",
                    "key",
                ],
                name="followup_closed",
            ),
            # serves: whether a matter was ever asked for. The unique constraint can't: SQLite takes a partial index only
            # for a condition that it can read, and the state of a query is a parameter (measured with 250,000 follow-ups:
            # .7 ms instead of 75)
            models.Index(fields=["key"], condition=Q(key__isnull=False), name="followup_key"),
            # serves: the open items of a customer
            models.Index(fields=["customer", "state", "due_at"], name="followup_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.customer_id} {self.due_at:%Y-%m-%d}"

    def is_overdue(self, now: datetime) -> bool:
        return self.state == "open" and self.lapses_at < now

    @property
    def matter(self) -> str:
        """What it is about, in somebody's words or in those of what Liuke asks for by itself; "" for a judgement."""
        return self.title or asked_text(self.reasons)

    @property
    def lapses_at(self) -> datetime:
        return self.late_at or self.due_at


class FollowUpChangeQuerySet(QuerySet["FollowUpChange"]):
    def told_to(self, user: User) -> FollowUpChangeQuerySet:
        """What others did with a matter that he gave, or gave to him, as long as he may know of it (PL11)."""
        mine = Q(followup__assignee__in=user.acts_for(timezone.now()))
        # Asked of the joined rows: "in (all that he may read)" is a list of tens of thousands, made for every page.
        reach = Customer.objects.reach(user, user.role.read_scope, path="followup__customer__")
        rows = self.filter(mine | reach if reach else Q(), tells=user).order_by("-id")
        return rows.select_related("followup__customer", "by")

    def unseen_by(self, user: User) -> FollowUpChangeQuerySet:
        """And has not looked at yet."""
        return self.told_to(user).filter(seen_at=None)


class FollowUpChange(models.Model):
    """Each step of a follow-up with who, when and why: created, postponed, reassigned, done, dismissed, expired, taken back."""

    followup = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="changes")
    what = models.CharField(max_length=12, choices=steps)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    # who should hear of it: the one who asked, when it is done; the one who gets it, when it changes hands (PL11)
    tells = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="told"
    )
    seen_at = models.DateTimeField(null=True)

    objects = FollowUpChangeQuerySet.as_manager()

    class Meta:
        ordering = ["followup", "id"]
        indexes = [
            # serves: what is new for me
            models.Index(
                fields=["tells", "-id"], condition=Q(seen_at__isnull=True), name="followup_change_unseen"
            )
        ]

    def __str__(self) -> str:
        return f"{self.followup_id} {self.what}"

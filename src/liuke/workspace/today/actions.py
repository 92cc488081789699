"""The list of the day, read in a handful of statements however long it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind
from liuke.customers.models import FollowUp
from liuke.scores.models import Score, ScoreRun
from liuke.scores.reasons.rules import advice, sentences
from liuke.workspace.today import rules
from liuke.workspace.today.rules import Item

if TYPE_CHECKING:
    from liuke.platform.models import User

LONGEST = 60  # rows on one page; a day has not more, and the rest is a click away
COMPLAINT_DAYS = 180


def end_of_day(now: datetime) -> datetime:
    """Midnight after `now` in the viewer's zone."""
    local = timezone.localtime(now)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def due(user: User, *, now: datetime, team: bool) -> QuerySet[FollowUp]:
    """What is open and due by the end of the day: one's own, or everybody's whom one leads."""
    rows = FollowUp.objects.open().filter(due_at__lt=end_of_day(now))
    return rows.for_user(user) if team else rows.filter(assignee=user)


def counts(rows: QuerySet[FollowUp], now: datetime) -> list[rules.Count]:
    late = Count("pk", filter=Q(kind__in=("promise", "task"), due_at__lt=now))
    found = rows.order_by().values_list("assignee_id", "kind").annotate(n=Count("pk"), late=late)
    return [rules.Count(*row) for row in found]


def items(
    rows: QuerySet[FollowUp], run: ScoreRun | None, *, now: datetime, money: Callable[[float], str]
) -> list[Item]:
    """The rows in the order of the day, overdue promises first, each with its judgement and reasons in words."""
    shown = list(
        rows.annotate(late=_late_first(now))
        .order_by("late", "-rank", "id")
        .select_related("customer", "customer__owner", "assignee")[:LONGEST]
    )
    ids = {followup.customer_id for followup in shown}
    scores: dict[int, Score] = {}
    if run:
        scores = {score.customer_id: score for score in Score.objects.filter(run=run, customer__in=ids)}
    angry = _complaining(ids, now)
    found = []
    for followup in shown:
        score = scores.get(followup.customer_id)
        overdue = rules.is_overdue(followup.due_at, now, kind=followup.kind)
        complaint = followup.customer_id in angry
        told = advice(followup.kind, followup.reasons, complaint_open=complaint)
        found.append(
            Item(followup, score, sentences(followup.reasons, money=money), told, overdue, complaint)
        )
    return found


def _late_first(now: datetime) -> Case:
    late = When(kind="promise", due_at__lt=now, then=Value(0))
    return Case(late, default=Value(1), output_field=IntegerField())


def _complaining(ids: set[int], now: datetime) -> set[int]:
    """Customers whose last word on a complaint is the complaint."""
    kinds = (FactKind.COMPLAINED, FactKind.RESOLVED)
    since = now - timedelta(days=COMPLAINT_DAYS)
    words = Fact.objects.filter(customer__in=ids, kind__in=kinds, at__gte=since).order_by("at", "id")
    last = dict(words.values_list("customer_id", "kind"))
    return {customer for customer, kind in last.items() if kind == FactKind.COMPLAINED}


@dataclass(frozen=True)
class Stake:
    """The money at high risk among the customers of the list's reader."""

    customers: int
    minor: int


def stake(user: User, run: ScoreRun | None, *, team: bool) -> Stake:
    if run is None:
        return Stake(0, 0)
    rows = Score.objects.filter(run=run, band="high")
    mine = rows.for_user(user) if team else rows.filter(customer__owner=user)
    found = mine.aggregate(n=Count("pk"), minor=Sum("value_at_risk_minor"))
    return Stake(found["n"] or 0, found["minor"] or 0)


def done_today(user: User, *, now: datetime, team: bool) -> int:
    since = end_of_day(now) - timedelta(days=1)
    rows = FollowUp.objects.filter(state="done", closed_at__gte=since)
    return (rows.for_user(user) if team else rows.filter(assignee=user)).count()


def held_by_first(found: Sequence[Item]) -> int:
    """What the first few are about."""
    return sum(item.followup.weight_minor for item in found[: rules.FIRST])

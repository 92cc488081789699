"""The list of the day, read in a handful of statements however long it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import JSONObject
from django.utils import timezone

from liuke.customers.facts.models import Fact
from liuke.customers.followups.models import late
from liuke.customers.followups.rules import TIMED, asked_text
from liuke.customers.models import Customer, FollowUp
from liuke.customers.timeline.rules import OF_COMPLAINTS, unanswered
from liuke.platform.kit.rules import major
from liuke.scores.models import CurrentRun, Score, ScoreRun
from liuke.scores.reasons.rules import advice, sentences
from liuke.workspace.today import rules
from liuke.workspace.today.rules import Item

if TYPE_CHECKING:
    from liuke.platform.models import User

NEXT_CALL = JSONObject(
    at="due_at", customer_id="customer_id", customer="customer__name", title="title", reasons="reasons"
)
LONGEST = 40  # rows on one page; a day has not more, and the rest is a page further


def end_of_day(now: datetime) -> datetime:
    """Midnight after `now` in the viewer's zone."""
    local = timezone.localtime(now)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


@dataclass(frozen=True)
class NextCall:
    """When the reader next talks to whom, as planned (CQ06); where nothing is, whom he should have talked to longest."""

    at: datetime
    customer_id: int
    customer: str
    title: str


def opening(user: User, *, now: datetime) -> tuple[ScoreRun | None, NextCall | None]:
    """The judgement that is read, and the reader's own next call: one statement once there is a judgement."""
    planned = FollowUp.objects.assigned_to(user, now).coming(now).filter(Q(due_at__gte=now) | late(now))
    coming = planned.annotate(told=NEXT_CALL).values("told")[:1]
    current: Any = (
        CurrentRun.objects.filter(pk=1).select_related("run").annotate(next=Subquery(coming)).first()
    )
    if current is not None:
        return current.run, _next_call(current.next)
    first = coming.first()
    return None, _next_call(first["told"] if first else None)


def _next_call(told: dict[str, Any] | None) -> NextCall | None:
    if told is None:
        return None
    at = datetime.fromisoformat(told["at"])  # a database without zones writes UTC
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return NextCall(
        at, told["customer_id"], told["customer"], told["title"] or asked_text(_list(told["reasons"]))
    )


def _list(written: Any) -> list[Any]:
    """A list within an object comes as text from SQLite."""
    found: list[Any] = json.loads(written) if isinstance(written, str) else written
    return found


def due(user: User, *, now: datetime, team: bool) -> QuerySet[FollowUp]:
    """What is open and due by the end of the day: one's own, or everybody's whom one leads."""
    rows = FollowUp.objects.open().filter(due_at__lt=end_of_day(now))
    return rows.summed_for(user) if team else rows.on_the_list_of(user, now)


def done(user: User, *, now: datetime, team: bool) -> QuerySet[FollowUp]:
    """What has been done since midnight, by oneself or by everybody whom one leads."""
    rows = FollowUp.objects.filter(state="done", closed_at__gte=end_of_day(now) - timedelta(days=1))
    return rows.summed_for(user) if team else rows.assigned_to(user, now)


def overdue(rows: QuerySet[FollowUp], now: datetime) -> QuerySet[FollowUp]:
    """Given words and plans whose hour has passed; suggestions have none."""
    return rows.filter(late(now), kind__in=TIMED)


def counts(user: User, *, now: datetime, team: bool) -> tuple[Sequence[rules.Count], Sequence[rules.Count]]:
    """What is due by the end of the day, and what has been done today, each by person and kind. One statement.

    Of two parts, each of which reads one index alone: asked for with OR, every row would be looked up beside it.
    """
    overdue = Count("pk", filter=Q(late(now), kind__in=TIMED))

    def by_person(rows: QuerySet[FollowUp]) -> QuerySet[FollowUp, Any]:
        by = rows.order_by().values_list("state", "assignee_id", "kind", "assignee__name")
        return by.annotate(n=Count("pk"), overdue=overdue)

    open_now = by_person(due(user, now=now, team=team))
    found = list(open_now.union(by_person(done(user, now=now, team=team)), all=True))
    open_, finished = (
        [
            rules.Count(who, kind, n, n_late, name or "")
            for state, who, kind, name, n, n_late in found
            if state == wanted
        ]
        for wanted in ("open", "done")
    )
    return open_, finished


def items(
    rows: QuerySet[FollowUp],
    run: ScoreRun | None,
    *,
    now: datetime,
    money: Callable[[float], str],
    currency: str,
    skip: int = 0,
) -> list[Item]:
    """The rows in the order of the day, overdue promises first, each with its judgement and reasons in words."""
    order = ("late", "-rank", "id")
    # First which, from an index alone, then what stands in them: sorting whole rows reads all that is due.
    first = rows.annotate(late=_late_first(now)).order_by(*order).values("pk")[skip : skip + LONGEST]
    whole = FollowUp.objects.filter(pk__in=first).annotate(late=_late_first(now)).order_by(*order)
    shown = list(whole.select_related("customer", "customer__owner", "assignee"))
    ids = {followup.customer_id for followup in shown}
    scores: dict[int, Score] = {}
    if run:
        scores = {score.customer_id: score for score in Score.objects.filter(run=run, customer__in=ids)}
    angry = _complaining(ids)
    found = []
    for followup in shown:
        score = scores.get(followup.customer_id)
        overdue = rules.is_overdue(followup.lapses_at, now, kind=followup.kind)
        complaint = followup.customer_id in angry
        told = advice(followup.kind, followup.reasons, complaint_open=complaint)
        found.append(
            Item(
                followup,
                score,
                sentences(followup.reasons, money=money),
                told,
                overdue,
                complaint and followup.kind != "complaint",
                complaint_id=rules.complaint_of(followup.key),
                worth=round(major(followup.weight_minor, currency)) > 0,
            )
        )
    return found


def _late_first(now: datetime) -> Case:
    first = When(kind__in=("complaint", "promise"), due_at__lt=now, then=Value(0))
    return Case(first, default=Value(1), output_field=IntegerField())


def _complaining(ids: set[int]) -> set[int]:
    """Customers with a complaint that nobody has answered, however long ago: as their cards say."""
    words = Fact.objects.filter(customer__in=ids, kind__in=OF_COMPLAINTS)
    return {complaint.customer_id for complaint in unanswered(words)}


@dataclass(frozen=True)
class Stake:
    """The money at high risk among the customers of the list's reader."""

    customers: int
    minor: int


def stake(user: User, run: ScoreRun | None, *, now: datetime, team: bool) -> Stake | None:
    """None for whoever has no customers: nothing at risk would read as no danger."""
    if run is None:
        return Stake(0, 0)
    rows = Score.objects.filter(run=run, band="high")
    mine = rows.summed_for(user) if team else rows.filter(customer__owner__in=user.acts_for(now))
    found = mine.aggregate(n=Count("pk"), minor=Sum("value_at_risk_minor"))
    if not found["n"] and not team and not Customer.objects.filter(owner__in=user.acts_for(now)).exists():
        return None
    return Stake(found["n"] or 0, found["minor"] or 0)


def held_by_first(found: Sequence[Item]) -> int:
    """What the first few are about."""
    return sum(item.followup.weight_minor for item in found[: rules.FIRST])

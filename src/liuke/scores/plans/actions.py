"""What the grades ask of whoever looks after a customer: a plan for the most valuable (CL14), and why one has fallen (CL16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from liuke.customers.accounts.actions import plan_key
from liuke.customers.accounts.models import KeyAccount
from liuke.customers.followups.actions import ask, expire
from liuke.customers.followups.rules import end_of
from liuke.customers.models import FollowUp, Standing
from liuke.customers.standings.actions import decline_key
from liuke.platform.preferences.actions import get
from liuke.scores.prompts.rules import ALARMED
from liuke.scores.runs.models import Score

SOURCE = "accounts.plan"
WHY = "standings.decline"
QUIET_DAYS = 60  # after somebody has said why, the same fall asks no more
MOST_ASKED = 5  # open at a time for one person: plans are written one by one
WITHIN_DAYS = 7  # neither is written between two calls: it stands on the list at once, and is late a week on


def ask_for_plans(*, now: datetime) -> int:
    """Asks the owner, the most valuable first; lets go of what a plan or another grade has settled. How many are open."""
    planned = KeyAccount.objects.planned().values("customer")
    lacking = Score.objects.current().filter(grade__in=get("accounts.grades")).exclude(customer__in=planned)
    return _ask(lacking, "account_plan", SOURCE, plan_key, now=now)


def ask_for_reasons(*, now: datetime) -> int:
    """Whoever has fallen from the highest grades is somebody's matter until it is said why he buys less."""
    said = Standing.objects.current("decline").filter(at__gte=now - timedelta(days=QUIET_DAYS))
    fallen = Score.objects.current().filter(moved="fell", grade_before__in=ALARMED)
    return _ask(fallen.exclude(customer__in=said.values("customer")), "decline", WHY, decline_key, now=now)


def _ask(
    scores: QuerySet[Score], code: str, source: str, key_of: Callable[[int], str], *, now: datetime
) -> int:
    wanted = {key_of(pk) for pk in scores.values_list("customer_id", flat=True)}
    asked = FollowUp.objects.open().filter(source=source).values_list("key", flat=True)
    expire([key for key in asked if key and key not in wanted], now=now)
    late_at = end_of(timezone.localdate(now) + timedelta(days=WITHIN_DAYS))
    given: Counter[int | None] = Counter()
    # Who is about to be lost is called first: a customer stands once on the list, and the plan or the why comes after.
    urgent = FollowUp.objects.open().filter(kind="risk").values("customer")
    heaviest = (
        scores.exclude(customer__in=urgent)
        .select_related("customer__owner")
        .order_by("-value_12m_minor", "customer")
    )
    for score in heaviest.iterator(500):
        owner = score.customer.owner
        assignee = owner if owner and owner.is_active else None
        whose = assignee.pk if assignee else None
        if given[whose] >= MOST_ASKED:
            continue
        given[whose] += 1
        ask(
            score.customer,
            kind="task",
            assignee=assignee,
            due_at=now,
            late_at=late_at,
            reasons=[{"code": code}],
            source=source,
            key=key_of(score.customer_id),
            by=None,
            now=now,
        )
    return given.total()

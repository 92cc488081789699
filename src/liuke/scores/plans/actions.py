"""The most valuable customers need an account plan; whoever looks after one without is asked for it (CL14)."""

from __future__ import annotations

from datetime import datetime, time

from django.utils import timezone

from liuke.customers.accounts.actions import plan_key
from liuke.customers.accounts.models import KeyAccount
from liuke.customers.followups.actions import ask, expire
from liuke.customers.models import FollowUp
from liuke.platform.preferences.actions import get
from liuke.scores.runs.models import Score

SOURCE = "accounts.plan"
MOST_ASKED = 10  # open at a time for one person: plans are written one by one


def ask_for_plans(*, now: datetime) -> int:
    """Asks the owner, the most valuable first; lets go of what a plan or another grade has settled. How many are open."""
    planned = KeyAccount.objects.planned().values("customer")
    lacking = Score.objects.current().filter(grade__in=get("accounts.grades")).exclude(customer__in=planned)
    wanted = {plan_key(pk) for pk in lacking.values_list("customer_id", flat=True)}
    asked = FollowUp.objects.open().filter(source=SOURCE).values_list("key", flat=True)
    expire([key for key in asked if key and key not in wanted], now=now)
    at = timezone.make_aware(datetime.combine(timezone.localdate(now), time(9, 0)))
    given: dict[int | None, int] = {}
    for score in (
        lacking.select_related("customer__owner").order_by("-value_12m_minor", "customer").iterator(500)
    ):
        owner = score.customer.owner
        assignee = owner if owner and owner.is_active else None
        whose = assignee.pk if assignee else None
        if given.get(whose, 0) >= MOST_ASKED:
            continue
        given[whose] = given.get(whose, 0) + 1
        ask(
            score.customer,
            kind="task",
            assignee=assignee,
            due_at=at,
            reasons=[{"code": "account_plan"}],
            source=SOURCE,
            key=plan_key(score.customer_id),
            by=None,
            now=now,
        )
    return sum(given.values())

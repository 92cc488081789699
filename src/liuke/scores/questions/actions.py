"""The rows that questions are asked of: customers with their judgement, and what hangs on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from liuke.customers.facts.rules import CONTACTS, FactKind
from liuke.customers.models import (
    Card,
    ContactPoint,
    Customer,
    Fact,
    FollowUp,
    KeepingPlan,
    KeyAccount,
    Need,
    Purchase,
    PurchaseLine,
    StageChange,
    Standing,
)
from liuke.platform.lists.actions import matching
from liuke.platform.lists.rules import Group
from liuke.platform.preferences.actions import get
from liuke.scores.grades.models import GradeChange
from liuke.scores.runs.models import LIKELY, Score, ScoreRun

if TYPE_CHECKING:
    from liuke.platform.models import User

# The columns of a judgement that may be asked for (rules.fields names them score_…).
JUDGED = (
    *("grade", "band", "risk", "moved", "about_now", "next_on", "p_buy", "purchases", "loyalty"),
    *("value_at_risk_minor", "value_12m_minor", "expected_value_minor", "total_minor", "clv_minor"),
    *("relation", "profit_cell", "future_cell", "sales_class", "profit_minor"),
)


def joined(rows: QuerySet[Customer], run: ScoreRun | None) -> QuerySet[Customer]:
    """Each with his current judgement as `score` once there is one.

    An inner join: every customer has a row in the current run, so the order by a judgement can start from its index.
    """
    if run is None:  # nobody has been judged: whatever is asked of a judgement holds for nobody
        columns: dict[str, Any] = {name: Score._meta.get_field(name) for name in JUDGED}
        return rows.annotate(**{f"score_{name}": Value(None, column) for name, column in columns.items()})
    alias = FilteredRelation("scores", condition=Q(scores__run=run.pk))
    found = rows.annotate(score=alias).filter(score__isnull=False)
    # As columns of the row: a filter on the relation would join the judgements once more for every condition.
    judged: dict[str, Any] = {f"score_{name}": F(f"score__{name}") for name in JUDGED}
    # Score.expected_on: of who has more likely left than not, no next order is told, nor found
    judged["score_next_on"] = Case(When(score__p_alive__gte=LIKELY, then=F("score__next_on")))
    return found.annotate(**judged).select_related("score")  # type: ignore[misc]  # the stubs don't know aliases of relations


def asks_judgement(tree: Group) -> bool:
    return any(one.field.path.startswith("score_") for one in tree.conditions())


def answering(
    rows: QuerySet[Customer], tree: Group, run: ScoreRun | None, *, user: User, now: datetime
) -> QuerySet[Customer]:
    """Those of `rows` (what `user` may see) whom the tree lets through; a judgement is joined where it asks for one."""
    if asks_judgement(tree):
        rows = joined(rows, run)
    return matching(rows, tree, user=user, now=now)


# --- what hangs on a customer, for rules.fields and rules.events ---


def points() -> QuerySet[ContactPoint]:
    return ContactPoint.objects.all()


def planned() -> QuerySet[FollowUp]:
    """What is to be done with a customer."""
    return FollowUp.objects.filter(state="open")


RECENT_DAYS = 90  # over which it is told how far words were kept


def overdue() -> QuerySet[FollowUp]:
    return FollowUp.objects.overdue(timezone.now())


def in_time() -> QuerySet[FollowUp]:
    return FollowUp.objects.in_time(timezone.now() - timedelta(days=RECENT_DAYS))


def too_late() -> QuerySet[FollowUp]:
    return FollowUp.objects.too_late(timezone.now() - timedelta(days=RECENT_DAYS))


def declines() -> QuerySet[Standing]:
    return Standing.objects.current("decline")


def key_accounts() -> QuerySet[KeyAccount]:
    return KeyAccount.objects.open()


def needs() -> QuerySet[Need]:
    return Need.objects.open()


def keeping_plans() -> QuerySet[KeepingPlan]:
    return KeepingPlan.objects.open()


def steps() -> QuerySet[Card]:
    """Each customer's card with the first of the four steps that is not taken as `stuck`; "" where all are (SC03)."""
    of = OuterRef("customer")
    known = Exists(Need.objects.filter(customer=of))
    judged = Exists(Score.objects.current().exclude(grade="").filter(customer=of))
    planned = Exists(KeepingPlan.objects.open().filter(customer=of))
    stuck = Case(
        When(percent__lt=100, then=Value("1")),
        When(~known, then=Value("2")),
        When(~judged, then=Value("3")),
        When(~planned, then=Value("4")),
        default=Value(""),
    )
    return Card.objects.annotate(stuck=stuck)


def orders() -> QuerySet[Purchase]:
    """Those that stand: one that was wholly taken back is none."""
    return Purchase.objects.filter(kind="order", customer__isnull=False, taken_back_at=None)


def order_lines() -> QuerySet[PurchaseLine]:
    """With the order's instant as `ordered_at`.

    Lines are asked for by their product. SQLite's planner is kept from the index on instants: it would go through all
    orders of the time first (measured at a million customers: 8,000 ms instead of 700).
    """
    lines = PurchaseLine.objects.filter(
        purchase__kind="order", purchase__customer__isnull=False, purchase__taken_back_at=None
    )
    at = F("purchase__at")
    return lines.annotate(ordered_at=Coalesce(at, at) if connection.vendor == "sqlite" else at)


FEWEST_ORDERS = 3  # of which a habit can be read


def price_driven() -> QuerySet[Any, Any]:
    """Whoever buys mostly with a discount (CL17): his orders, grouped by him."""
    below_zero = PurchaseLine.objects.filter(purchase=OuterRef("pk"), amount_minor__lt=0)
    grouped = orders().annotate(cut=Exists(below_zero)).order_by().values("customer")
    counted = grouped.annotate(n=Count("pk"), cuts=Count("pk", filter=Q(cut=True)))
    return counted.filter(n__gte=FEWEST_ORDERS, cuts__gte=F("n") * get("price.discounted_percent") / 100.0)


def returns() -> QuerySet[Purchase]:
    return Purchase.objects.filter(kind__in=("refund", "cancellation"), customer__isnull=False)


def contacts() -> QuerySet[Fact]:
    return Fact.objects.standing().filter(kind__in=CONTACTS)


def visits() -> QuerySet[Fact]:
    return Fact.objects.standing().filter(kind=FactKind.VISITED)


def complaints() -> QuerySet[Fact]:
    return Fact.objects.standing().filter(kind=FactKind.COMPLAINED)


def open_complaints() -> QuerySet[Fact]:
    """Those that nobody has answered (customers/timeline, `unanswered`)."""
    answers: QuerySet[Any] = Fact.objects.filter(kind=FactKind.RESOLVED, data__has_key="complaint_id")
    answered = Cast(KeyTextTransform("complaint_id", "data"), BigIntegerField())
    return complaints().exclude(pk__in=answers.order_by().values_list(answered, flat=True))


def stage_changes() -> QuerySet[StageChange]:
    return StageChange.objects.all()


def grade_changes() -> QuerySet[GradeChange]:
    return GradeChange.objects.filter(what="grade").exclude(before="")

"""What somebody holds, read in a handful of statements however much it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from liuke.customers.handovers.actions import SOURCE, key_of
from liuke.customers.models import Customer, FollowUp, HandoverItem, ImportantDate
from liuke.scores.models import Score
from liuke.workspace.handover.rules import Portfolio

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from liuke.platform.models import User

NEXT_WEEKS = timedelta(days=28)


def portfolio(person: User, by: User) -> list[Portfolio]:
    """The customers of `person` that `by` may give to others, with last night's judgement."""
    scores = {
        pk: rest
        for pk, *rest in Score.objects.current()
        .filter(customer__owner=person)
        .values_list("customer_id", "grade", "band", "risk", "value_at_risk_minor", "value_12m_minor")
    }
    rows = Customer.objects.writable_by(by).filter(owner=person).order_by("name", "pk")
    return [
        Portfolio(pk, name, stage, city or province, team or "", *scores.get(pk, ()))
        for pk, name, stage, city, province, team in rows.values_list(
            "pk", "name", "stage", "city", "province", "team__name"
        )
    ]


def open_matters(person: User, by: User) -> Mapping[str, int]:
    """kind -> open follow-ups that are his or of his customers."""
    his = FollowUp.objects.open().for_user(by).filter(Q(assignee=person) | Q(customer__owner=person))
    return dict(his.order_by().values_list("kind").annotate(Count("pk")))


def days_ahead(person: User, by: User, today: date) -> QuerySet[ImportantDate]:
    """Days to remember of his customers in the next weeks."""
    rows = ImportantDate.objects.for_user(by).filter(customer__owner=person)
    return rows.filter(next_on__range=(today, today + NEXT_WEEKS))


def taken_over(user: User) -> QuerySet[HandoverItem]:
    """Customers that came by a handover, as far as `user` may read them."""
    rows = HandoverItem.objects.filter(state="moved", followup=None)
    return rows.filter(Customer.objects.reach(user, user.role.read_scope, path="customer__"))


@dataclass(frozen=True)
class Briefed:
    """One line of a successor's list."""

    item: HandoverItem
    score: Score | None
    promises: int
    complaints: int
    call: FollowUp | None  # the introductory one


def briefed(items: Sequence[HandoverItem]) -> list[Briefed]:
    """With the judgement, what is open, and whether the first call was made."""
    ids = [item.customer_id for item in items]
    scores = {score.customer_id: score for score in Score.objects.current().filter(customer__in=ids)}
    known = FollowUp.objects.filter(Q(state="open") | Q(source=SOURCE), customer__in=ids).order_by("pk")
    counts = Counter((one.customer_id, one.kind) for one in known if one.state == "open")
    called = {one.key: one for one in known if one.source == SOURCE}
    return [
        Briefed(
            item,
            scores.get(item.customer_id),
            counts[item.customer_id, "promise"],
            counts[item.customer_id, "complaint"],
            called.get(key_of(item)),
        )
        for item in items
    ]

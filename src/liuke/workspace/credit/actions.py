"""What the credit sheet lays side by side: what was agreed, what the grade suggests, trading, complaints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum

from liuke.customers.credit.rules import guidance, leaning
from liuke.customers.models import Credit, Customer, Fact, Purchase
from liuke.customers.timeline.rules import OF_COMPLAINTS, unanswered
from liuke.platform.preferences.actions import get
from liuke.scores.grades.rules import GRADES
from liuke.scores.models import Score

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Sheet:
    """Amounts are in the company's currency; `guided_minor` and `months` are None where no grade is known."""

    agreed: Sequence[Credit]
    score: Score | None
    months: int | None
    guided_minor: int | None
    leaning: str
    sales_minor: int
    orders: int
    back_minor: int
    complaints: Sequence[Fact]
    complained: int
    currency: str

    @property
    def current(self) -> Credit | None:
        return next((one for one in self.agreed if one.ended_at is None), None)


def sheet_of(customer: Customer, *, now: datetime, judged: bool = True) -> Sheet:
    """Of a customer within the caller's reach; without `judged` nothing of it tells of the grade."""
    agreed = list(Credit.objects.filter(customer=customer).select_related("by"))
    current = next((one for one in agreed if one.ended_at is None), None)
    score = Score.objects.current().filter(customer=customer).first() if judged else None
    months = {grade: get(f"credit.{grade}_months") for grade in GRADES}
    guided = guidance(score.grade, score.value_12m_minor, months) if score else None
    standing = Fact.objects.standing().filter(customer=customer, kind__in=OF_COMPLAINTS)
    told = list(standing.select_related("actor"))
    currency = get("company.currency")
    year = Purchase.objects.standing().filter(customer=customer, currency=currency, at__gte=now - YEAR)
    traded = year.aggregate(
        sales=Sum("amount_minor", filter=Q(kind="order")),
        orders=Count("pk", filter=Q(kind="order")),
        back=Sum("amount_minor", filter=~Q(kind="order")),
    )
    return Sheet(
        agreed=agreed,
        score=score,
        months=months.get(score.grade) if score else None,
        guided_minor=guided,
        leaning=leaning(current.limit_minor if current else None, guided),
        sales_minor=traded["sales"] or 0,
        orders=traded["orders"],
        back_minor=-(traded["back"] or 0),
        complaints=unanswered(told),
        complained=sum(fact.kind == "complained" and fact.at >= now - YEAR for fact in told),
        currency=currency,
    )

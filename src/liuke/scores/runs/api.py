"""What last night's judgement says of a customer, over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from ninja import Router, Schema
from pydantic import Field

from liuke.platform.access.rules import Right
from liuke.platform.api.api import FEW, After, Id, Limit, Rows, linked, rows_of
from liuke.platform.api.views import Need, TokenRequest
from liuke.platform.kit.rules import minor_digits, money_text
from liuke.platform.paging.rules import Column, Keyset, Kind
from liuke.scores.reasons.rules import sentences
from liuke.scores.runs.models import Score

router = Router(tags=["Judgements"])
READ = Need("scores:read", Right.VIEW_CUSTOMERS)
BY_CUSTOMER = Keyset(Column("customer", "", sort="customer_id", kind=Kind.NUMBER), descending=False)


class ScoreOut(Schema):
    """Money is in the smallest units of `currency`; a blank grade is a customer without business in the window."""

    customer_id: int
    as_of: date
    horizon_days: int
    currency: str
    grade: str = Field(description="platinum, gold, iron, lead")
    grade_before: str = Field(description="As it would have been a month ago.")
    moved: str = Field(description="Since then: rose, fell.")
    band: str = Field(description="Churn risk in words; empty: never bought.")
    risk: int = Field(description="Churn risk, 0 to 100.")
    p_alive: float
    p_buy: float = Field(description="Of at least one purchase within the horizon.")
    expected_purchases: float
    expected_value_minor: int
    value_at_risk_minor: int = Field(
        description="Expected loss; of all at high risk together: the money at risk."
    )
    clv_minor: int
    value_12m_minor: int
    total_minor: int
    purchases: int
    rfm: str
    first_on: date | None
    last_on: date | None
    usual_gap_days: float | None
    next_on: date | None
    next_from_on: date | None
    next_to_on: date | None
    about_now: bool
    sales_class: str
    profit_cell: str
    future_cell: str
    relation: str
    loyalty: int
    profit_minor: int
    service_minor: int
    reasons: list[str] = Field(description="Why, in the reader's language, the weightiest first.")


def _told(one: Score, money: Callable[[float], str]) -> ScoreOut:
    run, kept = one.run, {"as_of", "horizon_days", "currency", "reasons"}
    columns: dict[str, Any] = {name: getattr(one, name) for name in ScoreOut.model_fields if name not in kept}
    return ScoreOut(
        **columns,
        as_of=run.as_of,
        horizon_days=run.horizon_days,
        currency=run.currency,
        reasons=sentences(one.reasons, money=money),
    )


def _rows(request: TokenRequest) -> QuerySet[Score]:
    return Score.objects.current().for_user(request.user).select_related("run")


def _money(rows: list[Score]) -> Callable[[float], str]:
    currency, language = rows[0].run.currency if rows else "", get_language() or "zh-hans"
    return lambda amount: money_text(round(amount * 10 ** minor_digits(currency)), currency, language)


@router.get("/scores", response=Rows[ScoreOut], auth=READ, summary="Judgements of all customers")
def scores(
    request: TokenRequest, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[ScoreOut]:
    """Of last night, by the customer's id. A night that ends while you read moves all pages to the new one."""
    found, following = rows_of(_rows(request), BY_CUSTOMER, after=after, limit=limit)
    linked(request, response, following)
    money = _money(found)
    return Rows[ScoreOut](items=[_told(one, money) for one in found], next=following)


@router.get("/customers/{int:pk}/score", response=ScoreOut, auth=READ, summary="Judgement of a customer")
def score(request: TokenRequest, pk: Id) -> ScoreOut:
    one = get_object_or_404(_rows(request), customer=pk)
    return _told(one, _money([one]))

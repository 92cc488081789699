"""What the card shows beside the record: rhythm, value, reasons, open items. Read only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from liuke.customers.models import Customer, Purchase
from liuke.scores.models import Score
from liuke.scores.reasons.rules import advice, sentences
from liuke.workspace.card.rules import rolling_year, strip

MOST_PURCHASES = 2_000  # of one customer: what the strip and the value history are drawn from


@dataclass(frozen=True)
class Trading:
    """The purchases of a customer, as the insight panel draws them."""

    orders: list[tuple[date, int]]
    history: list[tuple[date, int]]
    year_minor: int
    year_orders: int
    currency: str


def trading(customer: Customer, today: date, currency: str) -> Trading:
    rows = (
        Purchase.objects.filter(customer=customer)
        .order_by("-at")
        .values_list("at", "kind", "amount_minor", "currency")
    )
    entries = [
        (timezone.localtime(at).date(), kind, minor) for at, kind, minor, _money in rows[:MOST_PURCHASES]
    ]
    orders = [(on, minor) for on, kind, minor in entries if kind == "order"]
    history = rolling_year([(on, minor) for on, _kind, minor in entries], today)
    since = today.replace(year=today.year - 1, day=min(today.day, 28))
    return Trading(
        orders=strip(orders),
        history=history,
        year_minor=history[-1][1] if history else 0,
        year_orders=sum(1 for on, _ in orders if on > since),
        currency=currency,
    )


def judgement(score: Score | None, *, money: Callable[[float], str], complaint_open: bool) -> dict[str, Any]:
    """The reasons in words and the advice that follows."""
    if score is None or not score.band:
        return {"sentences": [], "advice": ""}
    kind = "risk" if score.band == "high" else "rhythm" if score.about_now else ""
    return {
        "sentences": sentences(score.reasons, money=money, limit=5),
        "advice": advice(kind, score.reasons, complaint_open=complaint_open) if kind else "",
    }

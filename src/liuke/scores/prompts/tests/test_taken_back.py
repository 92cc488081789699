"""Somebody typed an order and took all of it back: the next night thinks of the customer as the night before did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from liuke.customers.models import Customer, FollowUp, Purchase
from liuke.customers.purchases.rules import NewLine
from liuke.platform.models import User
from liuke.scores.judging.actions import score
from liuke.scores.judging.tests.test_score import steady
from liuke.scores.models import Score
from liuke.scores.prompts.actions import prompt
from liuke.workspace.card.actions import trading
from liuke.workspace.orders.actions import add_order, take_back

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
JUDGED = ("band", "risk", "p_alive", "purchases", "last_on", "gap_days", "value_at_risk_minor", "reasons")


def judged(customer: Customer) -> dict[str, Any]:
    score(by=None, now=NOW)
    prompt(by=None, now=NOW)
    return Score.objects.current().values(*JUDGED).get(customer=customer)


def asked(customer: Customer) -> list[str]:
    return list(
        FollowUp.objects.open().filter(customer=customer, kind="risk").values_list("state", flat=True)
    )


def test_the_judgement_and_the_suggestion_come_again(alice: User) -> None:
    for place in range(6):
        steady(alice, f"Ann{place}", every=30, silent=3 + place)
    late = steady(alice, "Ben", every=20, silent=216)
    before = judged(late)
    drawn = trading(late, timezone.localdate(NOW), "CNY", {})
    assert before["band"] in ("high", "lost")
    was_asked = asked(late)
    order = add_order(
        late,
        number="A-1",
        on=timezone.localdate(NOW),
        currency="CNY",
        channel="",
        lines=[NewLine(500_000)],
        by=alice,
        now=NOW,
    )
    assert asked(late) == []
    take_back(order, kind="refund", on=timezone.localdate(NOW), by=alice, now=NOW + timedelta(seconds=30))
    assert judged(late) == before
    assert asked(late) == was_asked == ["open"]
    assert trading(late, timezone.localdate(NOW), "CNY", {}) == drawn
    assert Purchase.objects.filter(customer=late).count() == 12  # all of it stands in the books

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.test import Client

from liuke.customers.accounts.actions import begin, plan
from liuke.customers.models import Customer, FollowUp
from liuke.customers.records.actions import register
from liuke.platform.models import User
from liuke.platform.preferences.actions import change
from liuke.scores.models import CurrentRun, Score, ScoreRun
from liuke.scores.plans.actions import MOST_ASKED, ask_for_plans
from liuke.scores.runs.actions import BLANK

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
NUMBERS = ("risk", "p_alive", "p_buy", "expected_purchases", "expected_value_minor", "value_at_risk_minor")


def judged(by: User, name: str, grade: str, value: int = 0) -> Customer:
    made = register(by=by, now=NOW, name=name)
    run = ScoreRun.objects.first() or ScoreRun.objects.create(
        as_of=NOW.date(), state="done", started_at=NOW, currency="CNY"
    )
    CurrentRun.objects.update_or_create(pk=1, defaults={"run": run})
    zeros: dict[str, Any] = dict.fromkeys((*NUMBERS, "clv_minor", "total_minor", "purchases"), 0)
    held = {**BLANK, **zeros, "grade": grade, "value_12m_minor": value}
    Score.objects.update_or_create(run=run, customer=made, defaults=held)
    return made


def test_cl14_a_platinum_customer_without_a_plan_is_on_the_managers_list(alice: User, client: Client) -> None:
    without, planned = judged(alice, "Without", "platinum"), judged(alice, "Planned", "platinum")
    judged(alice, "Gold", "gold")
    plan(begin(planned, by=alice, now=NOW), {"goals": "More"}, version=1, by=alice, now=NOW)
    begun = judged(alice, "Begun", "platinum")
    begin(begun, by=alice, now=NOW)  # without goals it is no plan
    assert ask_for_plans(now=NOW) == 2
    assert set(FollowUp.objects.open().values_list("customer", "assignee")) == {
        (without.pk, alice.pk),
        (begun.pk, alice.pk),
    }
    client.force_login(alice)
    page = client.get("/", headers={"Accept-Language": "en"}).content.decode()
    assert "has no account plan" in page
    assert ask_for_plans(now=NOW) == 2  # the same matters, not new ones
    assert FollowUp.objects.count() == 2


def test_cl14_a_plan_or_another_grade_settles_it(alice: User) -> None:
    first, second = judged(alice, "A", "platinum"), judged(alice, "B", "platinum")
    ask_for_plans(now=NOW)
    plan(begin(first, by=alice, now=NOW), {"goals": "More"}, version=1, by=alice, now=NOW)
    assert FollowUp.objects.open().get().customer == second
    Score.objects.filter(customer=second).update(grade="gold")
    ask_for_plans(now=NOW)
    assert not FollowUp.objects.open().exists()


def test_gold_too_where_the_company_says_so_and_the_most_valuable_first(alice: User) -> None:
    change("accounts.grades", ["platinum", "gold"], by=None, now=NOW)
    made = [judged(alice, f"C{n:02d}", "gold", value=n) for n in range(MOST_ASKED + 3)]
    assert ask_for_plans(now=NOW) == MOST_ASKED
    asked = set(FollowUp.objects.open().values_list("customer", flat=True))
    assert asked == {one.pk for one in made[3:]}

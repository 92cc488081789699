from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from liuke.customers.models import Customer, Fact, Purchase
from liuke.customers.purchases.actions import record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase
from liuke.customers.records.actions import register
from liuke.platform.access.rules import Denied
from liuke.platform.models import User
from liuke.scores.judging.actions import NothingToJudge, score
from liuke.scores.models import CurrentRun, GradeChange, Score, ScoreRun

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def steady(by: User, name: str, *, every: int, silent: int, amount: int = 10_000) -> Customer:
    """Somebody who ordered ten times, `every` so many days, and last `silent` days ago."""
    customer = register(by=by, now=NOW - timedelta(days=900), name=name)
    days = [silent + every * place for place in range(10)]
    rows = [
        NewPurchase(customer.pk, f"{name}-{day}", NOW - timedelta(days=day), "CNY", [NewLine(amount)])
        for day in days
    ]
    record_purchases(rows, by=None, now=NOW)
    return customer


def test_ch02_who_is_silent_for_longer_than_his_own_habit_is_at_higher_risk(alice: User) -> None:
    on_time = steady(alice, "Ann", every=30, silent=10)
    late = steady(alice, "Ben", every=20, silent=200)
    score(by=None, now=NOW)
    risk = dict(Score.objects.current().values_list("customer_id", "risk"))
    assert risk[late.pk] > risk[on_time.pk]
    reasons = Score.objects.current().get(customer=late).reasons
    assert any(reason["code"] == "gap" and reason["days"] == 200 for reason in reasons)


def test_who_never_bought_has_a_blank_row_and_no_grade(alice: User) -> None:
    steady(alice, "Ann", every=30, silent=10)
    lead = register(by=alice, now=NOW, name="New")
    score(by=None, now=NOW)
    blank = Score.objects.current().get(customer=lead)
    assert (blank.grade, blank.band, blank.value_12m_minor) == ("", "", 0)


def test_too_few_customers_are_judged_by_rhythm_and_that_is_said(alice: User) -> None:
    steady(alice, "Ann", every=30, silent=10)
    assert score(by=None, now=NOW).fallback


def test_cl03_a_change_of_band_is_a_row_and_a_fact(alice: User) -> None:
    customer = steady(alice, "Ann", every=20, silent=5)
    first = score(by=None, now=NOW)
    later = NOW + timedelta(days=400)
    steady(alice, "Bea", every=20, silent=0)
    second = score(by=None, now=later, as_of=later.date())
    assert CurrentRun.objects.get(pk=1).run == second
    assert not Score.objects.filter(run=first).exists()
    change = GradeChange.objects.filter(customer=customer, what="band", run=second).get()
    assert change.before != change.after
    assert Fact.objects.filter(customer=customer, kind="graded", data__measure="risk").count() == 1


def test_a_look_at_an_earlier_day_never_takes_the_place_of_tonights(alice: User) -> None:
    steady(alice, "Ann", every=20, silent=5)
    tonight = score(by=None, now=NOW)
    score(by=None, now=NOW, as_of=(NOW - timedelta(days=60)).date())
    assert CurrentRun.objects.get(pk=1).run == tonight


def test_a_night_takes_the_place_of_the_one_before_though_the_newest_orders_are_gone(alice: User) -> None:
    held = steady(alice, "Ann", every=20, silent=90)
    newest = steady(alice, "Ben", every=20, silent=5)
    first = score(by=None, now=NOW)
    Purchase.objects.filter(customer=newest).delete()
    second = score(by=None, now=NOW)
    assert (CurrentRun.objects.get(pk=1).run, first.quiet_days) == (second, 0)
    assert (second.as_of < first.as_of, second.quiet_days) == (True, 90)
    assert Score.objects.current().get(customer=held).grade
    assert not Score.objects.current().get(customer=newest).grade


def test_without_purchases_there_is_nothing_to_judge_and_the_run_says_why(alice: User) -> None:
    register(by=alice, now=NOW, name="New")
    with pytest.raises(NothingToJudge):
        score(by=None, now=NOW)
    assert ScoreRun.objects.get().state == "nothing"
    assert not CurrentRun.objects.filter(run__isnull=False).exists()


def test_pl01_only_who_may_starts_it(alice: User) -> None:
    with pytest.raises(Denied):
        score(by=alice, now=NOW)
    assert not ScoreRun.objects.exists()

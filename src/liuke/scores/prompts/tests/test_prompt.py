"""From last night's judgement to the list of the day: who is asked about, of whom, and when it is let go."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from liuke.customers.followups.actions import ask, dismiss
from liuke.customers.models import Customer, FollowUp
from liuke.customers.records.actions import register
from liuke.customers.timeline.actions import complain, log_contact, resolve
from liuke.customers.withdrawing.actions import withdraw
from liuke.platform.access.rules import Denied
from liuke.platform.models import User
from liuke.platform.preferences.actions import change
from liuke.scores.models import CurrentRun, Score, ScoreRun
from liuke.scores.policy.actions import policies
from liuke.scores.prompts.actions import prompt
from liuke.scores.reasons.rules import sentences
from liuke.scores.runs.actions import BLANK

NUMBERS = ("risk", "p_alive", "p_buy", "expected_purchases", "expected_value_minor", "value_at_risk_minor")


@pytest.fixture
def seen(db: None, now: datetime) -> Any:
    """`seen(owner, "Ann", band="high")`: a customer as last night's run saw him."""
    run = ScoreRun.objects.create(as_of=now.date(), state="done", started_at=now, currency="CNY")
    CurrentRun.objects.update_or_create(pk=1, defaults={"run": run})

    def judged(owner: User | None, name: str, **held: Any) -> Customer:
        customer = register(by=None, now=now, name=name, owner=owner, team=owner.team if owner else None)
        zeros = dict.fromkeys((*NUMBERS, "clv_minor", "value_12m_minor", "total_minor", "purchases"), 0)
        Score.objects.update_or_create(run=run, customer=customer, defaults={**BLANK, **zeros, **held})
        return customer

    return judged


def asked() -> list[tuple[str, str, str]]:
    rows = FollowUp.objects.open().select_related("customer", "assignee").order_by("customer__name")
    return [(row.customer.name, row.kind, str(row.assignee or "")) for row in rows]


def test_risk_rhythm_and_gap_go_to_the_owner(seen: Any, alice: User, bob: User, now: datetime) -> None:
    seen(alice, "Leaving", band="high", value_at_risk_minor=500)
    seen(bob, "About now", band="low", about_now=True, expected_value_minor=400)
    seen(None, "Nobody's", band="high", value_at_risk_minor=300)
    seen(alice, "Calm", band="low", value_at_risk_minor=900)
    seen(alice, "Lost", band="lost", value_at_risk_minor=900, about_now=True)
    assert prompt(by=None, now=now) == 3
    assert asked() == [("About now", "rhythm", "Bob"), ("Leaving", "risk", "Alice"), ("Nobody's", "risk", "")]


def test_ch09_45_days_over_a_cadence_of_30_raise_the_alarm(seen: Any, alice: User, now: datetime) -> None:
    for name, grade, days in (("Gold 45", "gold", 45), ("Gold 29", "gold", 29), ("Lead 400", "lead", 400)):
        customer = seen(alice, name, grade=grade, band="low")
        at = now - timedelta(days=days)
        log_contact(customer, channel="phone", outcome="reached", by=alice, now=now, at=at)
    assert policies()["gold"].contact_days == 30
    prompt(by=None, now=now)
    assert asked() == [("Gold 45", "gap", "Alice")]
    figures = FollowUp.objects.get().reasons[0]
    assert (figures["days"], figures["cadence"]) == (45, 30)


def test_cl03_a_fall_from_gold_is_told_to_the_owner_with_the_reason(
    seen: Any, alice: User, now: datetime
) -> None:
    seen(alice, "Fallen", grade="iron", grade_before="gold", moved="fell", band="low", value_at_risk_minor=70)
    seen(
        alice, "Slipped", grade="lead", grade_before="iron", moved="fell", band="low", value_at_risk_minor=90
    )
    seen(alice, "Risen", grade="gold", grade_before="iron", moved="rose", band="low", value_at_risk_minor=90)
    prompt(by=None, now=now)
    assert asked() == [("Fallen", "risk", "Alice")]
    told = sentences(FollowUp.objects.get().reasons, money=str)
    assert told[0].startswith(("Fell from Gold to Iron", "一个月内"))


def test_the_next_night_lets_go_what_it_has_no_reason_for(seen: Any, alice: User, now: datetime) -> None:
    customer = seen(alice, "Leaving", band="high", value_at_risk_minor=500)
    own = ask(
        customer, kind="task", title="Call", assignee=alice, due_at=now, source="person", by=None, now=now
    )
    prompt(by=None, now=now)
    Score.objects.update(band="low")
    prompt(by=None, now=now + timedelta(days=1))
    assert list(FollowUp.objects.open()) == [own]  # what a person asked for stays
    assert FollowUp.objects.get(kind="risk").state == "expired"


def test_pl04_twice_in_one_night_asks_nothing_twice(seen: Any, alice: User, now: datetime) -> None:
    seen(alice, "Leaving", band="high", value_at_risk_minor=500)
    prompt(by=None, now=now)
    before = list(FollowUp.objects.values())
    prompt(by=None, now=now)
    assert list(FollowUp.objects.values()) == before


def test_what_has_an_hour_is_about_what_its_customer_is_expected_to_bring(
    seen: Any, alice: User, now: datetime
) -> None:
    small, great = (
        seen(alice, name, expected_value_minor=minor) for name, minor in (("Small", 7), ("Great", 900_000))
    )
    for customer in (small, great):
        ask(customer, kind="promise", title="Send", assignee=alice, due_at=now, source="x", by=None, now=now)
    prompt(by=None, now=now)
    rows = FollowUp.objects.open().order_by("-rank")
    assert [(row.customer.name, row.weight_minor) for row in rows] == [("Great", 900_000), ("Small", 7)]


def test_who_was_dismissed_is_left_alone(seen: Any, alice: User, now: datetime) -> None:
    seen(alice, "Leaving", band="high", value_at_risk_minor=500)
    prompt(by=None, now=now)
    dismiss(FollowUp.objects.get(), reason="Seasonal", by=alice, now=now)
    prompt(by=None, now=now + timedelta(days=1))
    assert asked() == []


def test_who_said_that_they_order_is_left_alone_for_no_longer_than_their_own_gap(
    seen: Any, alice: User, now: datetime
) -> None:
    for name, outcome, gap in (("Monthly", "will_order", 31), ("Weekly", "ordered", 7), ("Silent", "", 31)):
        customer = seen(alice, name, band="low", about_now=True, expected_value_minor=400, usual_gap_days=gap)
        if outcome:
            log_contact(customer, channel="phone", outcome=outcome, by=alice, now=now)
    for days, names in ((0, ["Silent"]), (8, ["Silent", "Weekly"]), (15, ["Monthly", "Silent", "Weekly"])):
        prompt(by=None, now=now + timedelta(days=days))
        assert [name for name, _kind, _who in asked()] == names


def test_a_word_that_was_taken_back_was_not_given(seen: Any, alice: User, now: datetime) -> None:
    customer = seen(alice, "About now", band="low", about_now=True, expected_value_minor=400)
    slip = log_contact(customer, channel="phone", outcome="will_order", by=alice, now=now)
    withdraw(slip, by=alice, now=now)
    prompt(by=None, now=now)
    assert asked() == [("About now", "rhythm", "Alice")]


def test_nobody_gets_more_than_a_day_can_hold_and_the_most_money_comes_first(
    seen: Any, alice: User, olga: User, now: datetime
) -> None:
    change("today.limit_per_person", 5, by=olga, now=now)
    for place in range(8):
        seen(alice, f"{place}", band="high", value_at_risk_minor=100 * place)
    prompt(by=None, now=now)
    assert [name for name, _kind, _who in asked()] == ["3", "4", "5", "6", "7"]


def test_a_leavers_customers_are_on_nobodys_list(seen: Any, alice: User, now: datetime) -> None:
    seen(alice, "Leaving", band="high", value_at_risk_minor=500)
    alice.is_active = False
    alice.save()
    prompt(by=None, now=now)
    assert [who for _name, _kind, who in asked() if who == "Alice"] == []


def test_pl01_only_who_may(seen: Any, alice: User, now: datetime) -> None:
    with pytest.raises(Denied):
        prompt(by=alice, now=now)


def test_who_waits_for_an_answer_is_not_asked_for_an_order(seen: Any, alice: User, now: datetime) -> None:
    ann = seen(alice, "Ann", band="low", about_now=True, expected_value_minor=400)
    prompt(by=None, now=now)
    assert asked() == [("Ann", "rhythm", "Alice")]
    word = complain(ann, text="12 pieces broken", by=alice, now=now)
    assert asked() == [("Ann", "complaint", "Alice")]
    prompt(by=None, now=now)
    assert asked() == [("Ann", "complaint", "Alice")]
    resolve(word, text="sent anew", by=alice, now=now)
    prompt(by=None, now=now)
    assert asked() == [("Ann", "rhythm", "Alice")]

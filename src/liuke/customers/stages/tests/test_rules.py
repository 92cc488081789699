from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.records.models import stages
from liuke.customers.stages.rules import (
    BUYING,
    MOVES,
    REASONS,
    History,
    Policy,
    after_order,
    loyalty,
    next_stage,
    reason_text,
)

LAST = datetime(2026, 3, 2, tzinfo=UTC)
NAMES = [stage for stage, _ in stages()]


def every(days: int, *, orders: int, dissatisfied: bool = False) -> History:
    return History(orders, LAST - timedelta(days=days * (orders - 1)), LAST, dissatisfied)


@pytest.mark.parametrize(
    ("stage", "after"),
    [
        ("lead", "customer"),
        ("prospect", "customer"),
        ("non_customer", "customer"),
        ("customer", None),
        ("loyal", None),
        ("dormant", "won_back"),
        ("lost", "won_back"),
        ("won_back", "customer"),
    ],
)
def test_ch03_an_order_after_silence_wins_back(stage: str, after: str | None) -> None:
    move = after_order(stage)
    assert (move.stage if move else None) == after


def test_sc05_a_first_service_job_makes_a_customer_too() -> None:
    move = after_order("prospect", service=True)
    assert move == ("customer", "first_service")


@pytest.mark.parametrize(
    ("history", "silent", "stage"),
    [
        (every(30, orders=3), 95, "dormant"),
        (every(30, orders=3), 90, None),  # twice 30 is less than the least 90
        (every(30, orders=3), 91, "dormant"),
        (every(60, orders=3), 119, None),  # his own rhythm
        (every(60, orders=3), 121, "dormant"),
        (every(30, orders=3), 365, "dormant"),
        (every(30, orders=3), 366, "lost"),
        (every(0, orders=1), 91, "dormant"),  # without a rhythm the least counts
        (every(300, orders=3), 400, None),  # who orders every ten months isn't lost after a year
        (every(300, orders=3), 601, "lost"),
    ],
)
def test_ch03_dormant_by_own_rhythm_and_lost_after_a_year(
    history: History, silent: int, stage: str | None
) -> None:
    for buying in BUYING:
        move = next_stage(buying, history, silent, Policy(min_repeats=9 if buying != "loyal" else 0))
        assert (move.stage if move else None) == stage


def test_ch03_the_dormant_are_lost_in_the_end_and_the_lost_stay_lost() -> None:
    history = every(30, orders=3)
    assert next_stage("dormant", history, 300, Policy()) is None
    assert next_stage("dormant", history, 366, Policy()) == ("lost", "silent_long")
    assert next_stage("lost", history, 3660, Policy()) is None


@pytest.mark.parametrize(
    ("orders", "dissatisfied", "kind"),
    [(4, False, "loyal"), (3, False, "few"), (4, True, "unhappy"), (1, False, "few"), (20, False, "loyal")],
)
def test_lo01_three_repeats_and_not_dissatisfied(orders: int, dissatisfied: bool, kind: str) -> None:
    assert loyalty(every(30, orders=orders, dissatisfied=dissatisfied), Policy()) == kind


def test_lo01_loyal_comes_and_goes_with_contentment() -> None:
    assert next_stage("customer", every(30, orders=4), 5, Policy()) == ("loyal", "repeats")
    assert next_stage("loyal", every(30, orders=4, dissatisfied=True), 5, Policy()) == (
        "customer",
        "dissatisfied",
    )
    assert next_stage("loyal", every(30, orders=4), 5, Policy(min_repeats=5)) == (
        "customer",
        "too_few_repeats",
    )
    assert next_stage("won_back", every(30, orders=9), 5, Policy()) is None  # first the next order


histories = st.builds(
    lambda orders, days, dissatisfied: every(days, orders=orders, dissatisfied=dissatisfied),
    st.integers(1, 50),
    st.integers(1, 400),
    st.booleans(),
)


@given(st.sampled_from(NAMES), histories, st.integers(0, 4000))
def test_every_move_of_the_rules_is_a_step_of_the_machine_with_a_reason(
    stage: str, history: History, silent: int
) -> None:
    for move in (next_stage(stage, history, silent, Policy()), after_order(stage)):
        if move:
            assert move.stage in MOVES[stage]
            assert move.code in REASONS


@given(st.sampled_from(NAMES), histories, st.integers(0, 4000))
def test_the_rules_come_to_rest(stage: str, history: History, silent: int) -> None:
    """Judged again with the same history a customer stays: a second night moves nobody."""
    for _ in range(3):
        move = next_stage(stage, history, silent, Policy())
        stage = move.stage if move else stage
    assert next_stage(stage, history, silent, Policy()) is None


def test_the_machine_knows_every_stage() -> None:
    assert set(NAMES) == MOVES.keys()
    assert {to for goals in MOVES.values() for to in goals} <= set(NAMES)


def test_a_reason_is_a_rule_in_the_readers_language_or_somebodys_words() -> None:
    with translation.override("en"):
        assert reason_text("first_order") == "first order"
    assert reason_text("moved to Berlin") == "moved to Berlin"

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.followups.models import kinds
from liuke.customers.followups.rules import (
    FLOORS_MINOR,
    GREATEST_RANK,
    is_quiet,
    kept_due_at,
    rank,
    reason_text,
    stale_after_order,
    told,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
weights = st.integers(0, 10**15)
lateness = st.timedeltas(timedelta(days=-400), timedelta(days=400))
kind_names = st.sampled_from([kind for kind, _ in kinds()])


@given(weights, weights, lateness, kind_names)
def test_more_money_comes_first(one: int, other: int, late: timedelta, kind: str) -> None:
    due = NOW - late
    assert (one > other) == (rank(one, due, kind, NOW) > rank(other, due, kind, NOW))


@given(weights, lateness, lateness, kind_names)
def test_what_is_later_never_comes_after(weight: int, one: timedelta, other: timedelta, kind: str) -> None:
    first, second = sorted((one, other), reverse=True)
    assert rank(weight, NOW - first, kind, NOW) >= rank(weight, NOW - second, kind, NOW)


@given(st.integers(), lateness, kind_names)
def test_a_rank_fits_the_database(weight: int, late: timedelta, kind: str) -> None:
    assert 0 < rank(weight, NOW - late, kind, NOW) <= GREATEST_RANK


def test_a_promise_goes_before_a_small_suggestion_and_after_a_big_one() -> None:
    promise = rank(0, NOW, "promise", NOW)
    assert rank(400_000, NOW, "risk", NOW) < promise < rank(600_000, NOW, "risk", NOW)
    assert rank(0, NOW, "task", NOW) < promise


def test_lateness_doubles_it_at_most() -> None:
    on_time, one_day, ten, fifty = (
        rank(10_000, NOW - timedelta(days=n), "risk", NOW) for n in (0, 1, 10, 50)
    )
    assert on_time < one_day < ten == fifty
    assert ten == 2 * on_time


def test_every_kind_has_its_floor() -> None:
    assert {kind for kind, _ in kinds()} == FLOORS_MINOR.keys()


def test_a_postponement_holds_when_the_matter_is_asked_for_again() -> None:
    later = NOW + timedelta(days=5)
    assert kept_due_at(later, NOW, postponed=True) == later
    assert kept_due_at(later, NOW, postponed=False) == NOW
    assert kept_due_at(NOW, later, postponed=False) == NOW  # asked again each night it still grows overdue


def test_quiet_ends_after_its_days() -> None:
    assert is_quiet(NOW - timedelta(days=29, hours=23), NOW, 30)
    assert not is_quiet(NOW - timedelta(days=30), NOW, 30)
    assert not is_quiet(None, NOW, 30)


def test_only_an_order_of_the_last_month_ends_a_suggestion() -> None:
    assert stale_after_order(NOW, NOW + timedelta(hours=1))
    assert stale_after_order(NOW, NOW - timedelta(days=29))
    assert not stale_after_order(NOW, NOW - timedelta(days=31))


def test_pl11_nobody_is_told_of_his_own_step() -> None:
    assert told(1, 1) is None
    assert told(1, 2) == 2
    assert told(1, 1, None, 3) == 3
    assert told(None, 2) == 2


def test_a_reason_is_ours_translated_or_somebodys_words() -> None:
    assert reason_text("on holiday") == "on holiday"

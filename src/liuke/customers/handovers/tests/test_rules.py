"""Who gets which customer (DB14)."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.handovers.rules import Held, by_weight, call_day, deal, divide, proposal

WEIGHTS = st.lists(st.integers(0, 10**9), max_size=60)


def held(*weights: int, **keys: list[str]) -> list[Held]:
    return [
        Held(pk, weight, weight, {name: values[pk - 1] for name, values in keys.items()})
        for pk, weight in enumerate(weights, start=1)
    ]


def test_the_heaviest_comes_first() -> None:
    assert [row.customer_id for row in by_weight(held(1, 9, 5))] == [2, 3, 1]


@given(WEIGHTS, st.integers(1, 7))
def test_db14_in_turn_everybody_gets_alike(weights: list[int], successors: int) -> None:
    whom = list(range(100, 100 + successors))
    given_ = deal(held(*weights), whom)
    assert set(given_) == set(range(1, len(weights) + 1))
    counts = [list(given_.values()).count(who) for who in whom]
    assert max(counts) - min(counts) <= 1
    sums = [sum(weights[pk - 1] for pk, to in given_.items() if to == who) for who in whom]
    assert max(sums) - min(sums) <= max(weights, default=0)


def test_db14_by_area_no_town_is_torn_apart() -> None:
    rows = held(5, 4, 3, 2, 1, area=["Yiwu", "Ningbo", "Yiwu", "Ningbo", "Hangzhou"])
    whole = divide(rows, "area", [7, 8])
    assert whole[1] == whole[3]
    assert whole[2] == whole[4]
    assert set(whole.values()) == {7, 8}


def test_db14_a_group_and_then_a_hand_have_the_last_word() -> None:
    rows = held(5, 4, 3, area=["Yiwu", "Yiwu", "Ningbo"])
    chosen = divide(rows, "area", [7, 8], of_groups={"Yiwu": 8, "Ningbo": 8}, by_hand={2: 7, 99: 7})
    assert chosen == {1: 8, 2: 7, 3: 8}


def test_whoever_is_no_successor_is_given_nothing() -> None:
    rows = held(5, 4, area=["Yiwu", "Ningbo"])
    assert set(divide(rows, "area", [7], of_groups={"Yiwu": 9}, by_hand={2: 9}).values()) == {7}
    assert divide(rows, "turn", []) == divide(rows, "area", []) == {}
    assert proposal(rows, "area", []) == {}


def test_first_calls_fall_on_working_days_so_many_a_day() -> None:
    friday = date(2026, 11, 27)
    assert [call_day(place, first=friday, a_day=2) for place in (0, 1, 2, 3, 4)] == [
        friday,
        friday,
        date(2026, 11, 30),
        date(2026, 11, 30),
        date(2026, 12, 1),
    ]
    assert call_day(0, first=date(2026, 11, 28), a_day=2) == date(2026, 11, 30)

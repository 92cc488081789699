from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.records.rules import Unfit
from liuke.workspace.orders.rules import Left, figure, left_of, line_amount, part


@pytest.mark.parametrize("typed", ["1200.50", "１，２００．５０", "¥1,200.5", " 1 200.5 ", "1200.500"])
def test_a_figure_as_people_write_it(typed: str) -> None:
    assert figure(typed, field="price", decimals=2) == Decimal("1200.50")


@pytest.mark.parametrize("typed", ["", "abc", "1.2.3", "1e400", "NaN", "Infinity", "9" * 20, "1.234", "--5"])
def test_what_is_no_figure_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Unfit) as refused:
        figure(typed, field="price", decimals=2)
    assert refused.value.field == "price"


def test_half_a_cent_goes_up() -> None:
    assert line_amount(Decimal("0.01"), Decimal("0.5"), 2) == 1
    assert line_amount(Decimal("19.99"), Decimal("3"), 2) == 5997
    assert line_amount(Decimal("1200"), Decimal("2"), 0) == 2400


LINES = [(1, "A", "Mug", "goods", 10_000, 1000), (2, "F", "Freight", "charge", 1000, 250)]


def test_what_is_left_is_the_order_less_what_took_it_back() -> None:
    assert left_of(LINES) == [
        Left(1, "A", "Mug", "goods", 10_000, 1000),
        Left(2, "F", "Freight", "charge", 1000, 250),
    ]
    back = [(1, "A", "Mug", "goods", -4000, -400), (2, "F", "Freight", "charge", -1000, -250)]
    assert left_of([*LINES, *back]) == [Left(1, "A", "Mug", "goods", 6000, 600)]


@given(st.integers(1, 10**6), st.integers(0, 10**9), st.lists(st.integers(0, 10**6), max_size=6))
def test_parts_never_give_back_more_than_was_paid(quantity: int, amount: int, wanted: list[int]) -> None:
    lines = [(1, "A", "", "goods", quantity, amount)]
    given_back = 0
    for milli in wanted:
        (left,) = left_of(lines) or [Left(1, "A", "", "goods", 0, 0)]
        milli = min(milli, left.quantity_milli)
        if chosen := part(left, Decimal(milli) / 1000, None):
            given_back += chosen.amount_minor
            lines.append((1, "A", "", "goods", -chosen.quantity_milli, -chosen.amount_minor))
    assert given_back <= amount
    left = left_of(lines)
    assert (left[0].amount_minor if left else 0) == amount - given_back


def test_more_than_is_left_is_refused() -> None:
    left = Left(1, "A", "Mug", "goods", 2000, 200)
    for quantity, amount in ((Decimal(3), None), (Decimal(-1), None), (Decimal(1), 201), (None, -1)):
        with pytest.raises(Unfit):
            part(left, quantity, amount)
    assert part(left, None, None) is None
    assert part(left, Decimal(0), None) is None

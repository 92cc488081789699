from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.comparing.rules import Outcome, Reversal, Sale, holds_all, match_reversals, outcome


def sale(order: str, at: int, quantity: int, product: str = "p", customer: str = "c") -> Sale:
    return Sale(customer, product, at, order, quantity)


def back(order: str, at: int, customer: str = "c", **quantities: int) -> Reversal:
    return Reversal(order, customer, at, quantities)


def test_the_most_recent_order_that_holds_enough_is_taken_back() -> None:
    sales = [sale("A", 1, 10), sale("B", 2, 3), sale("C", 3, 2)]
    assert match_reversals(sales, [back("R", 9, p=3)]) == {"R": "B"}


def test_an_order_after_the_return_is_not_meant() -> None:
    assert match_reversals([sale("A", 5, 10)], [back("R", 4, p=1)]) == {}
    assert match_reversals([sale("A", 5, 10)], [back("R", 5, p=1)]) == {"R": "A"}


def test_every_product_must_be_on_the_order() -> None:
    sales = [sale("A", 1, 5), sale("A", 1, 5, "q"), sale("B", 2, 5)]
    assert match_reversals(sales, [back("R", 3, p=1, q=1)]) == {"R": "A"}
    assert match_reversals(sales, [back("R", 3, p=1, q=9)]) == {}


def test_what_was_taken_back_is_no_longer_there() -> None:
    sales = [sale("A", 1, 10), sale("B", 2, 10)]
    returns = [back("R1", 3, p=10), back("R2", 4, p=10), back("R3", 5, p=1)]
    assert match_reversals(sales, returns) == {"R1": "B", "R2": "A"}


def test_another_customers_order_is_never_meant() -> None:
    assert match_reversals([sale("A", 1, 10, customer="x")], [back("R", 2, p=1)]) == {}


def test_two_lines_of_one_order_count_together() -> None:
    assert match_reversals([sale("A", 1, 4), sale("A", 1, 4)], [back("R", 2, p=8)]) == {"R": "A"}


SALES = st.lists(
    st.builds(
        Sale,
        st.sampled_from("xy"),
        st.sampled_from("pq"),
        st.integers(0, 9),
        st.sampled_from("ABCDE"),
        st.integers(1, 5),
    ),
    max_size=20,
)
RETURNS = st.lists(
    st.tuples(
        st.sampled_from("xy"),
        st.integers(0, 9),
        st.dictionaries(st.sampled_from("pq"), st.integers(1, 5), min_size=1),
    ),
    max_size=12,
)


@given(SALES, RETURNS)
def test_no_more_comes_back_than_was_bought(
    sales: list[Sale], returns: list[tuple[str, int, dict[str, int]]]
) -> None:
    once = list({(s.order, s.product): s for s in sales}.values())
    # an order has one customer and one instant
    heads = {s.order: s for s in once}
    once = [Sale(heads[s.order].customer, s.product, heads[s.order].at, s.order, s.quantity) for s in once]
    entries = [
        Reversal(f"R{i:02d}", customer, at, wanted) for i, (customer, at, wanted) in enumerate(returns)
    ]
    found = match_reversals(once, entries)
    bought = Counter({(s.order, s.product): s.quantity for s in once})
    for entry in entries:
        if entry.order in found:
            order = heads[found[entry.order]]
            assert order.customer == entry.customer
            assert order.at <= entry.at
            for product, quantity in entry.quantities.items():
                bought[order.order, product] -= quantity
    assert all(left >= 0 for left in bought.values())


def test_what_a_repeated_order_is() -> None:
    known = {"A": b"1", "B": None}
    parts = {"A": frozenset({b"1", b"2"})}
    assert outcome("N", b"1", known) is Outcome.NEW
    assert outcome("A", b"1", known) is Outcome.UNCHANGED
    assert outcome("A", b"9", known) is Outcome.CHANGED
    assert outcome("B", b"9", known) is Outcome.CHANGED  # entered by hand: the file knows better
    assert outcome("A", b"2", known, parts) is Outcome.UNCHANGED
    assert outcome("A", b"9", known, parts) is Outcome.COMPLETED


def test_a_whole_order_holds_its_part_as_often() -> None:
    line = ("p", 1000, 5, None)
    assert holds_all([line, line], [line])
    assert not holds_all([line], [line, line])

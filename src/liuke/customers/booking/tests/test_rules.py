from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.booking.rules import (
    FEWEST_LINES,
    LONGEST_SECONDS,
    MOST_LINES,
    Pace,
    correction_facts,
    portion,
    purchase_fact,
)
from liuke.customers.facts.rules import FactKind, check

AT = datetime(2026, 1, 5, tzinfo=UTC)
ROW = {
    "kind": "order",
    "number": "A1",
    "at": AT,
    "currency": "CNY",
    "amount": 1000,
    "line_count": 2,
    "product_count": 1,
    "channel": "",
}


def fact(**changed: object):
    return purchase_fact(
        {**ROW, **changed}, customer_id=7, purchase_id=9, actor_id=None, batch_id=3, reverses=None
    )


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.integers(1, 100))
def test_portions_cover_every_order_once(counts: list[int], lines: int) -> None:
    held, first, seen = np.array(counts, dtype=np.int64), 0, []
    while first < len(held):
        last = portion(held, first, lines)
        assert last > first
        assert held[first:last].sum() <= lines or last == first + 1
        seen += range(first, last)
        first = last
    assert seen == list(range(len(counts)))


def test_slow_portions_become_smaller_and_quick_ones_larger() -> None:
    pace = Pace(lines=20_000)
    pace.took(20_000, LONGEST_SECONDS * 2)
    assert pace.lines < 20_000
    slow = pace.lines
    pace.took(slow, 0.01)
    assert slow < pace.lines <= MOST_LINES
    for _ in range(20):
        pace.took(pace.lines, 60)
    assert pace.lines == FEWEST_LINES


def test_an_order_is_a_purchase_and_what_takes_it_back_a_refund() -> None:
    assert fact().kind is FactKind.PURCHASED
    assert fact(kind="refund", amount=-5).kind is FactKind.REFUNDED
    assert fact(kind="cancellation", amount=-5).kind is FactKind.REFUNDED
    assert fact(kind="charge") is None
    for kind in ("order", "refund", "cancellation"):
        check(fact(kind=kind))


def test_an_order_that_reads_otherwise_is_taken_back_and_told_anew() -> None:
    before, after = fact(), fact(amount=1200)
    taken, told = correction_facts(before, after)
    assert (taken.kind, taken.amount_minor, told) == (FactKind.REFUNDED, -1000, after)
    check(taken)


def test_nothing_is_told_when_the_ledger_would_say_the_same() -> None:
    assert correction_facts(fact(), replace(fact(), data={"number": "A1"})) == []
    assert correction_facts(None, None) == []
    assert correction_facts(None, fact()) == [fact()]
    assert [f.amount_minor for f in correction_facts(fact(), None)] == [-1000]

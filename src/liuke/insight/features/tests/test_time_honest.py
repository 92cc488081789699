"""No figure of a day may change when what came later is taken away. A planted leak must be caught."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from liuke import insight
from liuke.insight.expressions import ibis
from liuke.insight.features.gaps import gaps
from liuke.insight.features.profile import profile
from liuke.insight.features.rolling import rolling
from liuke.insight.features.sample import sampled
from liuke.insight.features.summary import summary
from liuke.insight.tests.logs import shop

AS_OF = date(2025, 12, 1)
LOG = shop(40)

Step = Callable[[Any], Any]


def sees_the_future(step: Step) -> bool:
    whole = insight.read_purchases(LOG)
    until = insight.read_purchases(LOG.filter([on <= AS_OF for on in LOG["on"].to_pylist()]))
    assert whole.last_on > AS_OF
    return rows_of(step, whole) != rows_of(step, until)


def rows_of(step: Step, purchases: insight.Purchases) -> list[str]:
    """Sorted, and rounded where threads add logarithms in an order of their own."""
    rows = purchases.engine.fetch(step(purchases.days)).to_pylist()
    return sorted(repr([round(v, 9) if isinstance(v, float) else v for v in row.values()]) for row in rows)


@pytest.mark.parametrize(
    "step",
    [
        lambda days: summary(days, as_of=AS_OF),
        lambda days: profile(days, as_of=AS_OF),
        lambda days: rolling(days, as_of=AS_OF, horizon_days=28),
        lambda days: gaps(days, as_of=AS_OF),
        lambda days: profile(sampled(days, share=0.5), as_of=AS_OF),
    ],
    ids=["summary", "profile", "rolling", "gaps", "sample"],
)
def test_no_step_sees_the_future(step: Step) -> None:
    assert not sees_the_future(step)


def test_a_planted_leak_is_caught() -> None:
    def leak(days: Any) -> Any:
        honest = summary(days, as_of=AS_OF)
        after = (
            days.filter(days.on > ibis.date(AS_OF)).group_by("customer").aggregate(to_come=days.value.sum())
        )
        return honest.left_join(after, "customer").select("customer", "frequency", "to_come")

    assert sees_the_future(leak)

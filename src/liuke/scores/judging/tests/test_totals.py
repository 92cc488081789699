"""The night's totals against the library's own figures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liuke import insight
from liuke.insight.tests.logs import START, shop
from liuke.scores.judging.actions import totals


def test_money_at_risk_is_that_of_the_library() -> None:
    purchases = insight.read_purchases(shop(300, seed=5))
    judgement = insight.judge(purchases, as_of=START + timedelta(days=440), horizon_days=60)
    night = totals(judgement.table, "CNY")
    whole = insight.money_at_risk_of(judgement).band.value
    assert night["value_at_risk_minor"] == pytest.approx(100 * whole, rel=1e-6)
    assert night["at_risk"] == judgement.counts["high"]

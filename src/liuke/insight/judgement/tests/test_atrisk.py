from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from liuke import insight
from liuke.insight.judgement.atrisk import money_at_risk_of
from liuke.insight.report.figures import figures
from liuke.insight.tests.logs import START, shop

AS_OF = START + timedelta(days=440)


@pytest.fixture(scope="module")
def judgement() -> Any:
    purchases = insight.read_purchases(shop(300, seed=5))
    return insight.judge(purchases, as_of=AS_OF, horizon_days=60)


def test_the_band_is_about_the_money_that_the_table_shows(judgement: Any) -> None:
    found = money_at_risk_of(judgement)
    high = np.array(judgement.table["band"].to_pylist()) == insight.AT_RISK_BAND
    shown = np.where(high, judgement.table["value_at_risk"].to_numpy(), 0.0)
    assert 0 < high.sum() < len(high)
    assert found.each == pytest.approx(shown, abs=0.01)
    assert found.band.low < found.band.value < found.band.high
    assert found.band.value == pytest.approx(shown.sum(), rel=1e-6)


def test_it_is_as_uncertain_as_the_forecast_says_of_itself(judgement: Any) -> None:
    total = judgement.forecast["total"]
    sure = {**judgement.forecast, "total": {**total, "high": total["buyers"]}}
    surer = insight.Judgement(**{**vars(judgement), "forecast": sure})
    wide, narrow = (money_at_risk_of(each).band for each in (judgement, surer))
    assert wide.high - wide.low > 1.05 * (narrow.high - narrow.low)
    unsure = insight.Judgement(
        **{**vars(judgement), "forecast": {"total": {**total, "high": 10 * total["high"]}}}
    )
    unbounded = money_at_risk_of(unsure).band
    assert unbounded.high - unbounded.low > 2 * (wide.high - wide.low)


def test_the_report_sums_the_same_customers(judgement: Any) -> None:
    told = figures(judgement, insight.read_purchases(shop(300, seed=5)))
    assert told.at_risk == pytest.approx(money_at_risk_of(judgement).band.value, rel=1e-6)
    assert told.off_rhythm > told.high > 0

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.special import expit

from liuke import insight
from liuke.insight.datasets import cdnow_sample
from liuke.insight.forecast.forecast import Forecast
from liuke.insight.forecast.foretold import Fitted, Foretold
from liuke.insight.forecast.rules import RFM
from liuke.insight.forecast.stack import BOOSTED, LOGISTIC, MODEL
from liuke.insight.forecast.survey import survey
from liuke.insight.judgement.settings import JudgeSettings
from liuke.insight.judgement.standing import standing
from liuke.insight.tests.logs import START, shop

AS_OF = date.fromordinal(START.toordinal() + 400)


@pytest.fixture(scope="module")
def told() -> Foretold:
    with survey(insight.read_purchases(shop(300)), as_of=AS_OF, horizon_days=28) as surveyed:
        return Forecast().learn(surveyed).of(surveyed.seen)


def leaning(told: Foretold, **weights: float) -> Foretold:
    fitted: Fitted = replace(
        told.fitted, weights={MODEL: 0.0, LOGISTIC: 0.0, BOOSTED: 0.0, RFM: 0.0} | weights
    )
    return Foretold(fitted, told.now)


def test_rfm_moves_the_forecast_and_nobodys_risk(told: Foretold) -> None:
    with_it, without = leaning(told, model=0.2, logistic=0.1, rfm=0.7), leaning(told, model=0.9, logistic=0.1)
    assert not np.allclose(with_it.probability, without.probability, atol=0.05)
    settings = JudgeSettings()
    np.testing.assert_array_equal(standing(with_it, settings).risk, standing(without, settings).risk)
    assert (standing(with_it, settings).p_alive >= with_it.probability).all()


def test_where_rfm_has_all_the_weight_the_model_tells_the_risk(told: Foretold) -> None:
    alone = leaning(told, rfm=1.0)
    np.testing.assert_allclose(alone.by_rhythm, expit(told.parts[MODEL] + told.fitted.level.shift))


def test_whoever_is_silent_for_fifteen_of_his_gaps_is_at_high_risk() -> None:
    """The stack gives RFM a fifth of its weight here, which says of him what it says of everybody with six purchases."""
    log = insight.read_purchases(cdnow_sample())
    table = insight.judge(log, as_of=date(1998, 3, 31), horizon_days=90).table
    silent = [
        row for row in table.to_pylist()
        if row["purchases"] >= 6 and row["gap_days"] > max(15 * row["usual_gap_days"], 240) and row["stage"] != "lost"
    ]  # fmt: skip
    assert len(silent) >= 8
    assert {row["band"] for row in silent} == {"high"}

"""The money at risk of a whole judgement, with its band."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from liuke.insight.economics.uncertainty import MoneyAtRisk, money_at_risk
from liuke.insight.judgement.judge import Judgement
from liuke.insight.judgement.stages import AT_RISK_BAND
from liuke.insight.kinds import Vector

WIDTH: Final = 1.645  # the forecast's interval is one of 90 %
LEAST_RISK: Final = 0.0025  # a risk that is shown as 0 lies between 0 and half a per cent
FAR: Final = 10.0


def money_at_risk_of(
    judgement: Judgement, *, level: float = 0.9, draws: int = 4_000, seed: int = 0
) -> MoneyAtRisk:
    """The money at risk of a judgement, Σ `value_at_risk` of the customers at high risk (`AT_RISK_BAND`), and its band, in money.

    This is the one definition: the report, the product's pages and this function sum the same customers. Who is only watched
    isn't counted, for most of them stay, nor who is lost by rule, for his money is gone: `each` is 0 for them.

    A customer takes with him what he would bring within the horizon if he went on as before, or doesn't, by his risk. The
    error common to all is that of the forecast's own total: as wide, on the log-odds, as the interval of the buyers it
    expects (`forecast["total"]`), which it learnt from earlier days and from whether it knows the season.

    Errors: `BadFigure` for a level outside (0, 1).
    One figure for each customer and a `Band`. Formula: value_i = value_at_risk_i / chance_i, chance_i = risk_i / 100, for the
    customers at high risk; the rest and the source are those of `economics.money_at_risk`. Source of the common error: this
    library's own way.
    """
    table = judgement.table
    chance = np.maximum(table["risk"].to_numpy() / 100.0, LEAST_RISK)
    counted = np.array(table["band"].to_pylist(), dtype=object) == AT_RISK_BAND
    values = np.where(counted, np.maximum(table["value_at_risk"].to_numpy(), 0.0) / chance, 0.0)
    spread = _spread(table["p_buy"].to_numpy(), judgement.forecast["total"]["high"])
    return money_at_risk(values, chance, off_by=spread, level=level, draws=draws, seed=seed)


def _spread(p_buy: Vector, highest: float) -> float:
    """The standard deviation on the log-odds with which the expected buyers reach the upper end of their interval."""
    odds = logit(np.clip(p_buy, 1e-9, 1 - 1e-9))

    def short(spread: float) -> float:
        return float(expit(odds + WIDTH * spread).sum()) - highest

    if short(0.0) >= 0:
        return 0.0
    return float(brentq(short, 0.0, FAR)) if short(FAR) > 0 else FAR

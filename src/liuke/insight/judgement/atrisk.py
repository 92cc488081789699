"""The money at risk of a whole judgement, with its band."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from liuke.insight.economics.uncertainty import MoneyAtRisk, money_at_risk
from liuke.insight.judgement.judge import Judgement
from liuke.insight.kinds import Vector

WIDTH: Final = 1.645  # the forecast's interval is one of 90 %
LEAST_RISK: Final = 0.0025  # a risk that is shown as 0 lies between 0 and half a per cent
FAR: Final = 10.0


def money_at_risk_of(
    judgement: Judgement, *, level: float = 0.9, draws: int = 4_000, seed: int = 0
) -> MoneyAtRisk:
    """`economics.money_at_risk` of the customers of a judgement: each one's `value_at_risk` and the band of their sum, in money.

    A customer takes with him what he would bring within the horizon if he went on as before, or doesn't, by his risk. The
    error common to all is that of the forecast's own total: as wide, on the log-odds, as the interval of the buyers it
    expects (`forecast["total"]`), which it learnt from earlier days and from whether it knows the season. Who is lost by
    rule counts like anybody else.

    Errors: `BadFigure` for a level outside (0, 1).
    One figure for each customer and a `Band`. Formula: value_i = value_at_risk_i / chance_i, chance_i = risk_i / 100; the rest
    and the source are those of `economics.money_at_risk`. Source of the common error: this library's own way.
    """
    table = judgement.table
    chance = np.maximum(table["risk"].to_numpy() / 100.0, LEAST_RISK)
    values = np.maximum(table["value_at_risk"].to_numpy(), 0.0) / chance
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

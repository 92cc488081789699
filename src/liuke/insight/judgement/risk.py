"""How likely a customer is lost: what is forecast of him against what he would do if he kept his rhythm.

    kept  = (P(buys within the horizon) + w P(alive)) / (P(buys | keeps his rhythm) + w),  at most 1
    risk  = 100 (1 - kept)

P(buys | keeps his rhythm) takes his own gaps as the rhythm rule knows them and his wait so far, but never more than the
upper quartile of his gaps: a wait beyond that is what the risk is about, not an excuse. Where the horizon is too short for
his rhythm to show (a yearly buyer, seven days) both chances are small and P(alive) decides. P(buys within the horizon) is
that of the parts of the stack which know his own gaps (`Foretold.by_rhythm`): by recency, frequency and money alone, who is
silent for nineteen of his gaps is like whoever always takes so long.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from liuke.insight.forecast.foretold import Foretold
from liuke.insight.forecast.members import RHYTHM
from liuke.insight.kinds import Vector

ALIVE_WEIGHT: Final = 0.15
UPPER_QUARTILE: Final = 0.6745  # of the normal distribution


def probability_alive(told: Foretold) -> Vector:
    """P(still a customer) by the best model that can tell.

    That is the model the forecast leans on, MBG/NBD or the rhythm rule. Where the best fit of MBG/NBD says that nobody
    ever leaves, the rhythm rule tells.
    """
    members = told.now
    name = told.fitted.model
    if name == RHYTHM or name not in members.models or (members.fits and name in members.fits.boundary):
        return members.rhythm.probability_alive(members.history)
    found: Vector = members.models[name].probability_alive(members.timing)
    return found


def kept(told: Foretold, *, p_alive: Vector) -> Vector:
    """The chance that the customer still is one who keeps his rhythm, 0 to 1; the risk is what is missing to 1."""
    history, rhythm = told.now.history, told.now.rhythm
    location, spread = rhythm.usual(history)
    no_later = np.exp(location + UPPER_QUARTILE * spread)
    on_time = history.waited_at_most(no_later)
    would = rhythm.probability_if_kept(on_time, horizon=told.now.horizon_days)
    found: Vector = (told.by_rhythm + ALIVE_WEIGHT * p_alive) / (would + ALIVE_WEIGHT)
    return np.clip(found, 0.0, 1.0)

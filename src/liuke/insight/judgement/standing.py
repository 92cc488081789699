"""Where each customer stands on the day: chances, own rhythm, stage, band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from liuke.insight.forecast.foretold import Foretold
from liuke.insight.judgement.risk import kept, probability_alive
from liuke.insight.judgement.settings import JudgeSettings
from liuke.insight.judgement.stages import LOST, bands, stages
from liuke.insight.kinds import Vector

QUARTILE: Final = 0.6745  # of the normal distribution
NOT_SOONER: Final = 4  # "about now" begins in the last quarter of the usual gap
OWN_GAPS: Final = 2  # from so many gaps on, the usual gap is the customer's own median


@dataclass(frozen=True)
class Standing:
    """Arrays of one length, in the order of the snapshot.

    `stays` the chance that he keeps his rhythm (the risk is what is missing to 1); `usual` gap in days; `percentile` of the
    wait among his gaps; `about_now` whether his next purchase is due by his own rhythm.
    """

    p_buy: Vector
    p_alive: Vector
    stays: Vector
    risk: Vector
    usual: Vector
    percentile: Vector
    stage: Vector
    band: Vector
    about_now: Vector


def standing(told: Foretold, settings: JudgeSettings) -> Standing:
    """From what was foretold of these customers; see `judgement.risk` and `judgement.stages` for the rules."""
    seen, rhythm, history = told.now.seen, told.now.rhythm, told.now.history
    alive = probability_alive(told)
    p_alive = np.maximum(alive, told.probability)  # only customers buy
    stays = kept(told, p_alive=np.maximum(alive, told.by_rhythm))
    risk = np.clip(np.round(100 * (1 - stays)), 0, 100).astype(np.int64)
    usual = np.where(history.gaps >= OWN_GAPS, history.gap_median, np.exp(rhythm.usual(history)[0]))
    percentile = rhythm.percentile(history)
    stage = stages(history.waited, usual, seen["last_gap"], settings)
    late = (percentile >= settings.watch_percentile) & (history.gaps >= OWN_GAPS)
    return Standing(
        p_buy=told.probability,
        p_alive=p_alive,
        stays=stays,
        risk=risk,
        usual=usual,
        percentile=percentile,
        stage=stage,
        band=bands(risk, stage, settings, late=late),
        about_now=_about_now(told, usual, stage, settings),
    )


def _about_now(told: Foretold, usual: Vector, stage: Vector, settings: JudgeSettings) -> Vector:
    """Within the window in which his own gaps usually end: from shortly before his usual gap to the upper quartile."""
    history = told.now.history
    location, spread = told.now.rhythm.usual(history)
    ahead = np.minimum(settings.about_now_days, usual / NOT_SOONER)
    opens = history.waited + ahead >= usual
    closes = history.waited <= np.maximum(np.exp(location + QUARTILE * spread), usual)
    found: Vector = opens & closes & (history.gaps >= 1) & (stage != LOST)
    return found

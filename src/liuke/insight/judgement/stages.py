"""Active, dormant, lost, won back (CH03), and the bands of risk."""

from __future__ import annotations

import numpy as np

from liuke.insight.judgement.settings import JudgeSettings
from liuke.insight.kinds import Vector

ACTIVE, DORMANT, LOST, WON_BACK = "active", "dormant", "lost", "won_back"
LOW, WATCH, HIGH = "low", "watch", "high"
AT_RISK_BAND = HIGH  # the band whose `value_at_risk` is the money at risk: everywhere the same customers and the same sum


def stages(
    waited_days: Vector, usual_gap_days: Vector, last_gap_days: Vector, settings: JudgeSettings
) -> Vector:
    """The stage of each customer (object array of str).

    dormant   no purchase for more than max(`dormant_min_days`, `dormant_gaps` × usual gap) days
    lost      nor for more than `lost_days` (a customer who buys every two years is not lost after one)
    won_back  bought again after a gap (`last_gap_days`, NaN for one-time buyers) that had made him dormant or lost
    active    everyone else
    """
    dormant_after = np.maximum(settings.dormant_min_days, settings.dormant_gaps * usual_gap_days)
    lost_after = np.maximum(settings.lost_days, dormant_after)
    found = np.full(len(waited_days), ACTIVE, dtype=object)
    found[np.nan_to_num(last_gap_days, nan=0.0) > dormant_after] = WON_BACK
    found[waited_days > dormant_after] = DORMANT
    found[waited_days > lost_after] = LOST
    return found


def stage(
    waited_days: float,
    *,
    usual_gap_days: float,
    last_gap_days: float | None = None,
    settings: JudgeSettings | None = None,
) -> str:
    """The stage of one customer; see `stages`.

    `waited_days`, `usual_gap_days`, `last_gap_days` in days. Single figures in, a name out; the bounds are in `JudgeSettings`.

        dormant  when waited > max(dormant_min_days, dormant_gaps · usual gap);  lost when also > lost_days

    Errors: none; figures are taken as they are. Source: CH03 of the requirements.
    """
    last = np.array([np.nan if last_gap_days is None else float(last_gap_days)])
    one = stages(
        np.array([float(waited_days)]), np.array([float(usual_gap_days)]), last, settings or JudgeSettings()
    )
    return str(one[0])


def bands(risk: Vector, stage_of: Vector, settings: JudgeSettings, *, late: Vector) -> Vector:
    """low, watch or high by the risk score; lost whoever is lost by rule (object array of str).

    `late` says of whom the wait is longer than nearly all of his own gaps: such a customer is watched at any risk.
    """
    found = np.full(len(risk), LOW, dtype=object)
    found[(risk >= settings.watch_risk) | late] = WATCH
    found[risk >= settings.high_risk] = HIGH
    found[stage_of == LOST] = LOST
    return found

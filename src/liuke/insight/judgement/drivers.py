"""How much each departure from habit tells in this business: what the earlier days of the log say of it.

Lateness, a smaller basket, fewer products and returns are measured in log units (`reasons`). Held against who then came, over
a customer's chance had he kept his rhythm, each gets a slope. Where there is little to learn from, the slope stays near
`USUAL`; a departure that doesn't tell here keeps `LEAST` of it, so that it is still named, but last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from liuke.insight.features.snapshot import Snapshot
from liuke.insight.forecast.design import log_odds
from liuke.insight.forecast.learners import newton_logistic
from liuke.insight.forecast.members import Members
from liuke.insight.kinds import Vector

if TYPE_CHECKING:
    from liuke.insight.forecast.stack import Cut

USUAL: Final = 0.6
LEAST: Final = 0.15
RIDGE: Final = 40.0
FEWEST_FOR_TREND: Final = 5


@dataclass(frozen=True)
class Drivers:
    """The slope of each departure: by how much one log unit of it lowers the log odds of coming."""

    late: float = USUAL
    basket: float = USUAL
    breadth: float = USUAL
    returns: float = USUAL

    def relative(self) -> Drivers:
        """The same with 1 for what is usual."""
        return Drivers(self.late / USUAL, self.basket / USUAL, self.breadth / USUAL, self.returns / USUAL)


def learn_drivers(cuts: Sequence[Cut]) -> Drivers:
    """From the earlier days that the forecast looked back on; the usual slopes without any."""
    usable = [cut for cut in cuts if cut.past.events > 0]
    if not usable:
        return Drivers()
    features = np.vstack([departures(cut.past.seen, cut.members) for cut in usable])
    came = np.concatenate([cut.came for cut in usable])
    kept = np.concatenate([log_odds(on_time(cut.members)) for cut in usable])
    columns = np.column_stack([np.ones(len(came)), features])
    penalty = np.array([1.0, *[RIDGE] * features.shape[1]])
    slopes = newton_logistic(columns, came, offset=kept - USUAL * features.sum(axis=1), penalty=penalty)
    late, basket, breadth, returns = (max(USUAL - float(slope), LEAST) for slope in slopes[1:])
    return Drivers(late, basket, breadth, returns)


def departures(seen: Snapshot, members: Members) -> Vector:
    """late, basket, breadth, returns of each customer in log units, 0 where he keeps to his habit; (customers, 4)."""
    usual = np.exp(members.rhythm.usual(members.history)[0])
    late = np.maximum(np.log(np.maximum(seen.waited, 1) / np.maximum(usual, 1)), 0)
    enough = seen["purchases"] >= FEWEST_FOR_TREND
    return np.column_stack(
        [
            late,
            np.where(enough, fall(seen["basket_before"], seen["basket_recent"]), 0.0),
            np.where(enough, fall(seen["breadth_before"], seen["breadth_recent"]), 0.0),
            returned_share(seen),
        ]
    )


def fall(before: Vector, recent: Vector) -> Vector:
    """ln(before / recent) where it fell, else 0."""
    known = (np.nan_to_num(before) > 0) & (np.nan_to_num(recent) > 0)
    ratio = np.where(known, before, 1.0) / np.where(known, recent, 1.0)
    found: Vector = np.clip(np.log(ratio), 0, 3)
    return found


def returned_share(seen: Snapshot) -> Vector:
    """Share of what was bought in the last half year that came back, 0 to 1."""
    spent = np.nan_to_num(seen["spent_lately"])
    share = np.nan_to_num(seen["refunded_lately"]) / np.where(spent > 0, spent, np.inf)
    found: Vector = np.clip(share, 0, 1)
    return found


def on_time(members: Members) -> Vector:
    """P(purchase within the horizon) if he keeps his rhythm and has waited no longer than his usual gap."""
    usual = np.exp(members.rhythm.usual(members.history)[0])
    punctual = members.history.waited_at_most(usual)
    return members.rhythm.probability_if_kept(punctual, horizon=members.horizon_days)

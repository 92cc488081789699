"""How much each departure from habit tells in this business: what the earlier days of the log say of it.

Lateness, a smaller basket, fewer products, returns and deeper discounts are measured in log units (`reasons`). Held against who
then came, over a customer's chance had he kept his rhythm, each gets a slope. Where there is little to learn from, the slope
stays near `USUAL`; a departure that doesn't tell here keeps `LEAST` of it, so that it is still named, but last.

Of what else the business knows of its customers (complaints, contacts, late payments) nobody can say beforehand which way it
points. There the slope starts from 0, and what doesn't reach `LEAST` either way is not told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    """The slope of each departure: by how much one log unit of it lowers the log odds of coming.

    `events` kind -> the slope of ln(1 + events of the last 90 days); below 0 for a kind after which they come.
    """

    late: float = USUAL
    basket: float = USUAL
    breadth: float = USUAL
    returns: float = USUAL
    discount: float = USUAL
    events: Mapping[str, float] = field(default_factory=dict)

    def relative(self) -> Drivers:
        """The same with 1 for what is usual."""
        usual = {name: getattr(self, name) / USUAL for name in DEPARTURES}
        return Drivers(**usual, events={kind: slope / USUAL for kind, slope in self.events.items()})


DEPARTURES: Final = ("late", "basket", "breadth", "returns", "discount")


def learn_drivers(cuts: Sequence[Cut], kinds: Sequence[str] = ()) -> Drivers:
    """From the earlier days that the forecast looked back on, else as usual. `kinds` of events: those counted then."""
    usable = [cut for cut in cuts if cut.past.events > 0]
    if not usable:
        return Drivers()
    features = np.vstack([departures(cut.past.seen, cut.members) for cut in usable])
    came = np.concatenate([cut.came for cut in usable])
    kept = np.concatenate([log_odds(on_time(cut.members)) for cut in usable])
    counted = [np.concatenate([cut.members.covariates[f"{kind}_lately"] for cut in usable]) for kind in kinds]
    columns = np.column_stack([np.ones(len(came)), features, *counted])
    penalty = np.array([1.0, *[RIDGE] * (columns.shape[1] - 1)])
    slopes = newton_logistic(columns, came, offset=kept - USUAL * features.sum(axis=1), penalty=penalty)[1:]
    own = {
        name: max(USUAL - float(slope), LEAST)
        for name, slope in zip(DEPARTURES, slopes[: features.shape[1]], strict=True)
    }
    events = {kind: -float(slope) for kind, slope in zip(kinds, slopes[features.shape[1] :], strict=True)}
    return Drivers(**own, events={kind: slope for kind, slope in events.items() if abs(slope) >= LEAST})


def departures(seen: Snapshot, members: Members) -> Vector:
    """`DEPARTURES` of each customer in log units, 0 where he keeps to his habit; (customers, 5)."""
    usual = np.exp(members.rhythm.usual(members.history)[0])
    late = np.maximum(np.log(np.maximum(seen.waited, 1) / np.maximum(usual, 1)), 0)
    enough = seen["purchases"] >= FEWEST_FOR_TREND
    return np.column_stack(
        [
            late,
            np.where(enough, fall(seen["basket_before"], seen["basket_recent"]), 0.0),
            np.where(enough, fall(seen["breadth_before"], seen["breadth_recent"]), 0.0),
            returned_share(seen),
            np.maximum(np.subtract(*discount_shares(seen)), 0),
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


def discount_shares(seen: Snapshot) -> tuple[Vector, Vector]:
    """The share of the undiscounted value that discounts took off in the last half year, and before; 0 where none is told."""
    lately, ever = np.nan_to_num(seen["discount_lately"]), np.nan_to_num(seen["discount"])
    paid_lately = np.nan_to_num(seen["spent_lately"])
    paid_ever = np.nan_to_num(seen["total"]) + np.nan_to_num(seen["refunded"])
    return _share(lately, paid_lately), _share(ever - lately, paid_ever - paid_lately)


def _share(off: Vector, paid: Vector) -> Vector:
    whole = off + paid
    found: Vector = np.where((off > 0) & (whole > 0), off / np.where(whole > 0, whole, 1.0), 0.0)
    return np.clip(found, 0, 1)


def on_time(members: Members) -> Vector:
    """P(purchase within the horizon) if he keeps his rhythm and has waited no longer than his usual gap."""
    usual = np.exp(members.rhythm.usual(members.history)[0])
    punctual = members.history.waited_at_most(usual)
    return members.rhythm.probability_if_kept(punctual, horizon=members.horizon_days)

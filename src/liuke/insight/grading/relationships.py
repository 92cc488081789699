"""What kind of relationship it is, by volume and loyalty (CL08)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from liuke.insight.grading.matrices import Matrix, Split, matrix
from liuke.insight.kinds import Vector

PARTNER, FUNCTIONAL, EMOTIONAL, DRIFTING = "partner", "functional", "emotional", "drifting"
LOYAL_FROM: Final = 60.0  # of the loyalty score of 0 to 100
# added to a risk score of 0 to 100: drifting customers are the most fragile, functional ones stay for want of a better offer
CHURN_POINTS: Final[dict[str, int]] = {PARTNER: 0, EMOTIONAL: 0, FUNCTIONAL: 5, DRIFTING: 15}


def relationships(
    volume: Sequence[float | None] | Vector,
    loyalty: Sequence[float | None] | Vector,
    *,
    volume_split: Split = "median",
    loyalty_split: Split = LOYAL_FROM,
) -> Matrix:
    """Partner (much, loyal), functional (much, not loyal), emotional (little, loyal), drifting (little, not loyal) (CL08).

    `volume` what a customer buys in money or units, `loyalty` his score of 0 to 100 (`loyalty_levels`); None where one isn't
    known, then there is no type. `CHURN_POINTS` says what each type adds to a risk score.

    Errors: `BadFigure`.
    Columns (n,), one figure per customer. Formula: see `matrix`.
    """
    names = {"HH": PARTNER, "HL": FUNCTIONAL, "LH": EMOTIONAL, "LL": DRIFTING}
    return matrix(
        volume, loyalty, names=names, splits=(volume_split, loyalty_split), columns=("volume", "loyalty")
    )
